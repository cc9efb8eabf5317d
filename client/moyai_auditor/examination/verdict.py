"""Whether one transaction is valid: Fabric's rules of validation applied once more.

Each reason names the check that found it and the validation codes that a peer may give for it.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator

from hfc.protos.peer import transaction_pb2

from moyai_auditor.examination.blocks import Unreadable
from moyai_auditor.examination.channel_configuration import Configuration
from moyai_auditor.examination.envelope import (
    CONFIG, ENDORSER_TRANSACTION, Endorsed, Envelope, Space, open_endorsed, open_envelope)
from moyai_auditor.examination.lifecycle import endorsement_policy
from moyai_auditor.examination.membership import BadSignature, Identity, NotAMember
from moyai_auditor.examination.world_state import WorldState

VALID = transaction_pb2.VALID
_Code = transaction_pb2.TxValidationCode.Value
MALFORMED = frozenset(map(_Code, (
    "NIL_ENVELOPE", "BAD_PAYLOAD", "BAD_COMMON_HEADER", "INVALID_ENDORSER_TRANSACTION", "UNSUPPORTED_TX_PAYLOAD",
    "NIL_TXACTION", "BAD_HEADER_EXTENSION", "BAD_CHANNEL_HEADER", "BAD_RESPONSE_PAYLOAD", "BAD_RWSET",
    "ILLEGAL_WRITESET", "INVALID_WRITESET", "UNKNOWN_TX_TYPE", "TARGET_CHAIN_NOT_FOUND", "MARSHAL_TX_ERROR",
    "BAD_CREATOR_SIGNATURE", "INVALID_OTHER_REASON")))
SIGNER = frozenset({_Code("BAD_CREATOR_SIGNATURE")})
NUMBER = frozenset({_Code("BAD_PROPOSAL_TXID")})
DUPLICATE = frozenset({_Code("DUPLICATE_TXID")})
PROPOSAL = frozenset({_Code("INVALID_ENDORSER_TRANSACTION")})
INVALID_CHAINCODE = 25
"""A code that hfc's protos do not know yet."""
POLICY = frozenset((INVALID_CHAINCODE, *map(_Code, ("ENDORSEMENT_POLICY_FAILURE", "EXPIRED_CHAINCODE",
                                                    "INVALID_OTHER_REASON"))))
READS = {"read": frozenset({_Code("MVCC_READ_CONFLICT")}), "range": frozenset({_Code("PHANTOM_READ_CONFLICT")})}


@dataclass(frozen=True)
class Reason:
    """Why a transaction is invalid, or, with no codes, what is wrong with it although it counts."""

    check: str
    codes: frozenset[int]
    sentence: str


@dataclass(frozen=True)
class Opened:
    """A transaction as far as it could be read. `creator`: the member's certificate it names, whether or not its
    signature verifies; `endorsers`: those whose signatures do."""

    envelope: Envelope | None
    endorsed: Endorsed | None
    creator: Identity | None
    endorsers: tuple[Identity, ...]
    reasons: tuple[Reason, ...]

    @property
    def is_valid(self) -> bool:
        """Whether no reason makes it invalid."""
        return not any(reason.codes for reason in self.reasons)


def code_name(code: int) -> str:
    """A validation code in words."""
    try:
        return str(transaction_pb2.TxValidationCode.Name(code))
    except ValueError:
        return f"unknown code {code}"


class Judge:
    """Judges transactions in the order of the chain, against state and configuration before each block."""

    def __init__(self, state: WorldState) -> None:
        self._state = state
        self._numbers: set[str] = set()

    def open(self, data: bytes, configuration: Configuration) -> Opened:
        """Reads a transaction and judges all but its reads."""
        try:
            envelope = open_envelope(data)
        except Unreadable as error:
            return Opened(None, None, None, (), (Reason("envelope", MALFORMED, f"it cannot be read: {error}"),))
        if envelope.kind == CONFIG:
            return Opened(envelope, None, None, (), tuple(self._signer_reasons(envelope, configuration)))
        if envelope.kind != ENDORSER_TRANSACTION or envelope.epoch or not envelope.nonce or not envelope.creator:
            return Opened(envelope, None, None, (), (Reason("envelope", MALFORMED, "it is of no known kind"),))
        reasons = [*self._signer_reasons(envelope, configuration), *self._number_reasons(envelope, configuration)]
        creator = _member(envelope.creator, configuration)
        try:
            endorsed = open_endorsed(envelope)
        except (Unreadable, UnicodeDecodeError) as error:
            reasons.append(Reason("envelope", MALFORMED, f"it cannot be read: {error}"))
            return Opened(envelope, None, creator, (), tuple(reasons))
        endorsers, complaints = _endorsers(endorsed, configuration)
        reasons += _binding_reasons(envelope, endorsed)
        reasons += self._policy_reasons(endorsed, endorsers, configuration)
        return Opened(envelope, endorsed, creator, endorsers, tuple(reasons + complaints))

    def stale(self, opened: Opened) -> Reason | None:
        """Why the reads of a transaction do not hold at its place in the chain."""
        changed = self._state.stale(opened.endorsed.result.spaces) if opened.endorsed else None
        return Reason("read_version", READS[changed[0]], changed[1]) if changed else None

    def take(self, opened: Opened, version: tuple[int, int]) -> None:
        """Lets a transaction's writes count, and its number be used up."""
        if opened.endorsed:
            self._state.write(opened.endorsed.result.spaces, version)

    def use_number(self, opened: Opened) -> None:
        """A number is used up by whatever carried it, valid or not."""
        if opened.envelope and opened.envelope.tx_id:
            self._numbers.add(opened.envelope.tx_id)

    def _signer_reasons(self, envelope: Envelope, configuration: Configuration) -> Iterator[Reason]:
        if envelope.kind == CONFIG and configuration.block == 0 and not envelope.creator and not envelope.signature:
            return  # the first block, which nobody signed
        try:
            configuration.members.identity(envelope.creator).verify(envelope.signature, envelope.payload)
        except (NotAMember, BadSignature) as error:
            yield Reason("creator_signature", SIGNER, f"its signer: {error}")

    def _number_reasons(self, envelope: Envelope, configuration: Configuration) -> Iterator[Reason]:
        if envelope.own_tx_id != envelope.tx_id:
            yield Reason("transaction_id", NUMBER, "its number does not follow from its signer")
        elif envelope.tx_id in self._numbers:
            yield Reason("transaction_id", DUPLICATE, "its number was used before")
        if envelope.channel != configuration.channel:
            yield Reason("envelope", MALFORMED, f"it was made for the channel {envelope.channel}")

    def _policy_reasons(self, endorsed: Endorsed, endorsers: tuple[Identity, ...],
                        configuration: Configuration) -> Iterator[Reason]:
        spaces = [space for space in endorsed.result.spaces if space.writes or space.marks]
        wanted = {(space.namespace, space.collection) for space in spaces if self._needs_own(space)}
        try:
            for space in spaces:
                yield from self._key_reasons(space, endorsers, configuration)
            if not any(space.namespace == endorsed.result.chaincode for space in spaces):
                wanted.add((endorsed.result.chaincode, ""))
            for namespace, collection in sorted(wanted):
                policy = endorsement_policy(namespace, collection, self._state, configuration)
                if not policy:
                    yield Reason("endorsement_policy", POLICY, f"{namespace} is no chaincode of the channel")
                elif not configuration.policies.application_policy_satisfied(policy, endorsers):
                    yield _too_few(endorsers)
        except Unreadable as error:
            yield Reason("endorsement_policy", POLICY, f"its endorsement policy cannot be read: {error}")

    def _needs_own(self, space: Space) -> bool:
        """Whether some key of the space has no policy of its own, so that the chaincode's holds."""
        return any(self._state.policy(space.namespace, space.collection, key) is None for key in _touched(space))

    def _key_reasons(self, space: Space, endorsers: tuple[Identity, ...],
                     configuration: Configuration) -> Iterator[Reason]:
        for key in _touched(space):
            policy = self._state.policy(space.namespace, space.collection, key)
            if policy is not None and not configuration.policies.signature_policy_satisfied(policy, endorsers):
                yield _too_few(endorsers)
                return


def _member(creator: bytes, configuration: Configuration) -> Identity | None:
    try:
        return configuration.members.identity(creator)
    except NotAMember:
        return None


def _touched(space: Space) -> list[str | bytes]:
    return [*(write.key for write in space.writes), *(key for key, _ in space.marks)]


def _too_few(endorsers: tuple[Identity, ...]) -> Reason:
    names = ", ".join(sorted({endorser.msp_id for endorser in endorsers})) or "nobody"
    return Reason("endorsement_policy", POLICY, f"it needs more endorsements than those of {names}")


def _endorsers(endorsed: Endorsed, configuration: Configuration) -> tuple[tuple[Identity, ...], list[Reason]]:
    """Those whose endorsements verify, and a complaint on each other one; Fabric only leaves them out."""
    found, complaints = [], []
    for number, (endorser, signature) in enumerate(endorsed.endorsements, 1):
        try:
            identity = configuration.members.identity(endorser)
            identity.verify(signature, endorsed.payload + endorser)
            found.append(identity)
        except (NotAMember, BadSignature) as error:
            complaints.append(Reason("endorsement", frozenset(), f"its endorsement {number}: {error}"))
    return tuple(found), complaints


def _binding_reasons(envelope: Envelope, endorsed: Endorsed) -> Iterator[Reason]:
    if endorsed.proposal_hash != endorsed.own_proposal_hash:
        yield Reason("proposal", PROPOSAL, "the result that was endorsed belongs to another proposal")
    if endorsed.action_header != envelope.signature_header:
        yield Reason("proposal", frozenset(), "its proposal names another signer than the transaction")
    if endorsed.result.status >= 400:
        yield Reason("proposal", frozenset(), f"what was endorsed is a refusal (status {endorsed.result.status})")
    result = endorsed.result
    if endorsed.header_chaincode != result.chaincode or result.event_chaincode not in ("", result.chaincode):
        yield Reason("proposal", MALFORMED, "its parts name different chaincodes")
    spaces = [space.namespace for space in result.spaces if not space.collection]
    if len(set(spaces)) < len(spaces):
        yield Reason("envelope", MALFORMED, "it names a namespace twice")
