"""The channel's policies: whether a set of signers is enough."""
from __future__ import annotations

from typing import Any, Iterable

from hfc.protos.common import policies_pb2
from hfc.protos.msp import msp_principal_pb2
from hfc.protos.peer import policy_pb2

from moyai_auditor.examination.blocks import Unreadable
from moyai_auditor.examination.membership import Identity, Members, NotAMember
from moyai_auditor.examination.newer_messages import decode

SIGNATURE, IMPLICIT_META = 1, 3
ROLE, IDENTITY = 0, 2
ROLE_NAMES = {1: "admin", 2: "client", 3: "peer", 4: "orderer"}
MEMBER = 0


class Policies:
    """Evaluates the policies of one configuration; `signers` are identities whose signatures were verified."""

    def __init__(self, channel_group: Any, members: Members) -> None:
        self._root = channel_group
        self._members = members

    def has(self, path: str) -> bool:
        """Whether the policy exists; `path` is like `/Channel/Application/Endorsement`."""
        group, name = self._group(path)
        return group is not None and name in group.policies

    def satisfied(self, path: str, signers: Iterable[Identity]) -> bool:
        """Whether the signers satisfy the policy; one that is not there or cannot be read is satisfied by nobody."""
        group, name = self._group(path)
        try:
            return group is not None and self._holds(group, name, _distinct(signers))
        except (Unreadable, LookupError):
            return False

    def application_policy_satisfied(self, policy: bytes, signers: Iterable[Identity]) -> bool:
        """The same for a chaincode's policy: a reference into the configuration, or a rule of its own.

        Raises Unreadable.
        """
        message = decode(policy_pb2.ApplicationPolicy, policy)
        if message.WhichOneof("Type") == "channel_config_policy_reference":
            path = message.channel_config_policy_reference
            return self.satisfied(path if path.startswith("/") else f"/Channel/Application/{path}", signers)
        return self._signed(message.signature_policy, _distinct(signers))

    def signature_policy_satisfied(self, policy: bytes, signers: Iterable[Identity]) -> bool:
        """The same for a bare rule, as it stands behind a key. Raises Unreadable."""
        return self._signed(decode(policies_pb2.SignaturePolicyEnvelope, policy), _distinct(signers))

    def _group(self, path: str) -> tuple[Any, str]:
        root, *steps, name = path.strip("/").split("/")
        group = self._root if root == "Channel" else None
        for step in steps:
            group = group.groups[step] if group is not None and step in group.groups else None
        return group, name

    def _holds(self, group: Any, name: str, signers: list[Identity]) -> bool:
        if name not in group.policies:
            return False
        policy = group.policies[name].policy
        if policy.type == SIGNATURE:
            return self._signed(decode(policies_pb2.SignaturePolicyEnvelope, policy.value), signers)
        if policy.type == IMPLICIT_META:
            meta = decode(policies_pb2.ImplicitMetaPolicy, policy.value)
            held = sum(self._holds(child, meta.sub_policy, signers) for child in group.groups.values())
            needed = {policies_pb2.ImplicitMetaPolicy.ANY: min(1, len(group.groups)),
                      policies_pb2.ImplicitMetaPolicy.ALL: len(group.groups),
                      policies_pb2.ImplicitMetaPolicy.MAJORITY: len(group.groups) // 2 + 1}[meta.rule]
            return held >= needed
        raise Unreadable(f"policy {name} is of the unknown type {policy.type}")

    def _signed(self, envelope: Any, signers: list[Identity]) -> bool:
        used: set[int] = set()
        return self._rule(envelope.rule, envelope.identities, signers, used)

    def _rule(self, rule: Any, principals: Any, signers: list[Identity], used: set[int]) -> bool:
        """As Fabric counts: every signer serves one principal, the first that fits."""
        if rule.WhichOneof("Type") == "signed_by":
            for number, signer in enumerate(signers):
                if number not in used and self._is(signer, principals[rule.signed_by]):
                    used.add(number)
                    return True
            return False
        held = 0
        for inner in rule.n_out_of.rules:
            attempt = set(used)
            if self._rule(inner, principals, signers, attempt):
                held += 1
                used |= attempt
        return held >= rule.n_out_of.n

    def _is(self, signer: Identity, principal: Any) -> bool:
        if principal.principal_classification == ROLE:
            role = decode(msp_principal_pb2.MSPRole, principal.principal)
            return signer.msp_id == role.msp_identifier and (
                role.role == MEMBER or signer.role == ROLE_NAMES.get(role.role))
        if principal.principal_classification == IDENTITY:
            try:
                return self._members.identity(principal.principal).fingerprint == signer.fingerprint
            except NotAMember:
                return False
        return False


def _distinct(signers: Iterable[Identity]) -> list[Identity]:
    """Each certificate counts once."""
    return list({signer.fingerprint: signer for signer in signers}.values())
