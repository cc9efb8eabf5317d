"""The channel's configuration, block by block, and whether each change was signed by those whom it needed."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator

from hfc.protos.common import common_pb2, configtx_pb2

from moyai_auditor.examination.blocks import Unreadable
from moyai_auditor.examination.envelope import Envelope
from moyai_auditor.examination.membership import BadSignature, Identity, Member, Members, NotAMember
from moyai_auditor.examination.newer_messages import decode
from moyai_auditor.examination.policies import Policies

MISSING_MOD_POLICY = "Admins"
"""What Fabric writes where an old configuration names nobody who may change an element."""


class NotAuthorised(Exception):
    """A change of the configuration that its signatures do not carry; the text is a sentence."""


@dataclass(frozen=True)
class _Element:
    """A group, value or policy at a path; groups without what lies in them."""

    kind: str
    path: tuple[str, ...]
    message: Any

    @property
    def policy_path(self) -> str:
        """Where the policy stands that a change of this element needs."""
        policy = self.message.mod_policy
        if policy.startswith("/"):
            return policy
        group = self.path if self.kind == "group" else self.path[:-1]
        return "/".join(("", *group, policy))


class Configuration:
    """One configuration: `block` where it stands, `members`, `policies`."""

    def __init__(self, config: Any, block: int, channel: str) -> None:
        self.config = config
        self.block = block
        self.channel = channel
        self.members = Members(_members(config.channel_group))
        self.policies = Policies(config.channel_group, self.members)
        self._elements = dict(_elements(config.channel_group))

    @classmethod
    def first(cls, envelope: Envelope) -> Configuration:
        """From the channel's first block. Raises Unreadable."""
        return cls(decode(configtx_pb2.ConfigEnvelope, envelope.content).config, 0, envelope.channel)

    def application_group(self, msp_id: str) -> str:
        """Name of a municipality's group in the configuration; empty where it has none."""
        return next((name for name, group in _organisations(self.config.channel_group, "Application")
                     if Member.parse(group.values["MSP"].value).msp_id == msp_id), "")

    def change(self, envelope: Envelope, block: int) -> Configuration:
        """The configuration that a config block brings. Raises Unreadable.

        Call `authorise` for whether it may.
        """
        return Configuration(decode(configtx_pb2.ConfigEnvelope, envelope.content).config, block, self.channel)

    def authorise(self, envelope: Envelope) -> None:
        """Whether a config block's content follows from this configuration by an update that was duly signed.

        Raises NotAuthorised, Unreadable.
        """
        content = decode(configtx_pb2.ConfigEnvelope, envelope.content)
        if content.config.sequence != self.config.sequence + 1:
            raise NotAuthorised(f"configuration {content.config.sequence} follows on {self.config.sequence}")
        update = decode(configtx_pb2.ConfigUpdateEnvelope,
                        decode(common_pb2.Payload, content.last_update.payload).data)
        change = decode(configtx_pb2.ConfigUpdate, update.config_update)
        if change.channel_id != self.channel:
            raise NotAuthorised(f"the change was made for the channel {change.channel_id}")
        signers = list(self._signers(update))
        changed = self._changed(change)
        for key, element in changed.items():
            self._require(key, element, signers)
        result = _group({**self._elements, **changed}, ("Channel",))
        if result != content.config.channel_group:
            raise NotAuthorised("the new configuration is not what the signed change makes of the former one")

    def _changed(self, change: Any) -> dict[tuple[str, tuple[str, ...]], _Element]:
        read, written = dict(_elements(change.read_set)), dict(_elements(change.write_set))
        for key, element in read.items():
            if key not in self._elements or self._elements[key].message.version != element.message.version:
                raise NotAuthorised(f"the change was made for another state of {'/'.join(element.path)}")
        changed = {key: element for key, element in written.items()
                   if key not in read or read[key].message.version != element.message.version}
        if not changed:
            raise NotAuthorised("the change changes nothing")
        return changed

    def _require(self, key: tuple[str, tuple[str, ...]], element: _Element, signers: list[Identity]) -> None:
        existing = self._elements.get(key)
        name = f"{element.kind} {'/'.join(element.path)}"
        if existing is None:
            if element.message.version:
                raise NotAuthorised(f"{name} is new and yet has a version")
            return
        if element.message.version != existing.message.version + 1:
            raise NotAuthorised(f"{name} jumps from version {existing.message.version} to {element.message.version}")
        if not self.policies.satisfied(existing.policy_path, signers):
            names = ", ".join(sorted({signer.msp_id for signer in signers})) or "nobody"
            raise NotAuthorised(f"{name} needs the signatures of {existing.policy_path}; {names} signed")

    def _signers(self, update: Any) -> Iterator[Identity]:
        """Those whose signatures under the change verify; the others count as little as in Fabric."""
        for entry in update.signatures:
            try:
                header = decode(common_pb2.SignatureHeader, entry.signature_header)
                signer = self.members.identity(header.creator)
                signer.verify(entry.signature, entry.signature_header + update.config_update)
            except (Unreadable, NotAMember, BadSignature):
                continue
            yield signer


def _members(channel_group: Any) -> Iterator[Member]:
    """Members that order, then members that endorse: where both name one, the latter is taken."""
    for part in ("Orderer", "Application"):
        for _, group in _organisations(channel_group, part):
            yield Member.parse(group.values["MSP"].value)


def _organisations(channel_group: Any, part: str) -> Iterator[tuple[str, Any]]:
    """Name and group of those that order or endorse. Looking up a name that a map lacks would add it."""
    if part in channel_group.groups:
        for name, group in channel_group.groups[part].groups.items():
            if "MSP" in group.values:
                yield name, group


def _elements(group: Any, path: tuple[str, ...] = ("Channel",)
              ) -> Iterator[tuple[tuple[str, tuple[str, ...]], _Element]]:
    yield ("group", path), _Element("group", path, group)
    for name, inner in group.groups.items():
        yield from _elements(inner, (*path, name))
    for kind, content in (("value", group.values), ("policy", group.policies)):
        for name, message in content.items():
            yield (kind, (*path, name)), _Element(kind, (*path, name), message)


def _group(elements: dict[tuple[str, tuple[str, ...]], _Element], path: tuple[str, ...]) -> Any:
    """The group at a path put together again from its elements, as Fabric does after a change."""
    try:
        named = elements["group", path].message
        group = configtx_pb2.ConfigGroup(version=named.version, mod_policy=named.mod_policy or MISSING_MOD_POLICY)
        for name in named.groups:
            group.groups[name].CopyFrom(_group(elements, (*path, name)))
        for name in named.values:
            group.values[name].CopyFrom(elements["value", (*path, name)].message)
        for name in named.policies:
            group.policies[name].CopyFrom(elements["policy", (*path, name)].message)
    except KeyError as error:
        raise NotAuthorised(f"the change names {error} and does not bring it") from error
    for element in (*group.values.values(), *group.policies.values()):
        element.mod_policy = element.mod_policy or MISSING_MOD_POLICY
    return group
