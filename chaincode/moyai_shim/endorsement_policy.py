"""Endorsement policies of single keys: which organisations' peers must have signed a change."""
from __future__ import annotations

from typing import Collection, Sequence

from fabric_protos.common.policies_pb2 import SignaturePolicy, SignaturePolicyEnvelope
from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal, MSPRole


def require(count: int, msp_ids: Sequence[str]) -> bytes:
    """Policy "`count` of these organisations' peers", as `set_state_validation_parameter` takes it."""
    if not 1 <= count <= len(msp_ids):
        raise ValueError(f"{count} of {len(msp_ids)} organisations is no policy")
    rules = [SignaturePolicy(signed_by=index) for index in range(len(msp_ids))]
    return SignaturePolicyEnvelope(
        rule=SignaturePolicy(n_out_of=SignaturePolicy.NOutOf(n=count, rules=rules)),
        identities=[_peer_of(msp_id) for msp_id in msp_ids],
    ).SerializeToString(deterministic=True)


def require_all(msp_ids: Sequence[str]) -> bytes:
    """Policy "each of these organisations"."""
    return require(len(msp_ids), msp_ids)


def is_satisfied(policy: bytes, msp_ids: Collection[str]) -> bool:
    """True if one peer of each of `msp_ids` is enough for the policy."""
    envelope = SignaturePolicyEnvelope.FromString(policy)
    members = [MSPRole.FromString(identity.principal).msp_identifier for identity in envelope.identities]
    return _holds(envelope.rule, members, msp_ids)


def _holds(rule: SignaturePolicy, members: Sequence[str], msp_ids: Collection[str]) -> bool:
    if rule.WhichOneof("Type") == "signed_by":
        return members[rule.signed_by] in msp_ids
    return sum(_holds(part, members, msp_ids) for part in rule.n_out_of.rules) >= rule.n_out_of.n


def _peer_of(msp_id: str) -> MSPPrincipal:
    role = MSPRole(msp_identifier=msp_id, role=MSPRole.PEER)
    return MSPPrincipal(
        principal_classification=MSPPrincipal.ROLE, principal=role.SerializeToString(deterministic=True)
    )
