"""The two kinds of proof files (docs/proofs.md): strict JSON, in which nothing stands that verification ignores."""
from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Annotated

from moyai_contracts.api import canonical, schema
from moyai_contracts.api.command import Time
from moyai_contracts.api.devices import DeviceId, Raw, Register
from moyai_contracts.api.directory import MspId, Sha256
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.schema import Length, OneOf, Pattern, Range

from moyai_client.proof.not_proven import UnreadableProof

TRANSACTION, READING = "moyai-transaction-proof", "moyai-reading-proof"
VERSION = 1
MOST_BYTES = 16 * 1024 * 1024

Base64 = Annotated[str, Pattern(r"[A-Za-z0-9+/]+={0,2}")]
"""Bytes with padding; one way only to write the same bytes."""
Count = Annotated[int, Range(0, 2**53 - 1)]


@dataclass(frozen=True)
class Authority:
    """A municipality's certificate authority: DER of its own certificate."""
    msp_id: MspId
    certificate: Base64


@dataclass(frozen=True)
class BlockHeader:
    """The block that the transaction is said to stand in; `signatures` is the orderers' part of its metadata."""
    number: Count
    previous_hash: Sha256
    data_hash: Sha256
    signatures: Base64


@dataclass(frozen=True)
class Answer:
    """A peer's signed answer to the question: ProposalResponsePayload, and the peer's identity and signature."""
    payload: Base64
    endorser: Base64
    signature: Base64


@dataclass(frozen=True)
class TransactionProof:
    """That a transaction is on the ledger and valid, by the word of a majority of the municipalities' peers.

    `envelope` is the transaction as submitted, `question` the Proposal that the peers answered, `authorities` those
    of all municipalities.
    """
    format: Annotated[str, OneOf((TRANSACTION,))]
    version: Annotated[int, Range(VERSION, VERSION)]
    channel: Annotated[str, Pattern(r"[a-z][a-z0-9.-]{0,249}")]
    transaction_id: Sha256
    envelope: Base64
    block: BlockHeader
    question: Base64
    answers: Annotated[tuple[Answer, ...], Length(1000)]
    authorities: Annotated[tuple[Authority, ...], Length(1000)]


@dataclass(frozen=True)
class Reading:
    """What one register showed: the content of a leaf, as canonical JSON."""
    at: Time
    device: DeviceId
    raw: Raw
    register: Register
    seq: Count


@dataclass(frozen=True)
class Inclusion:
    """The way from the leaf at `index` to the root, lowest neighbour first; the tree's size stands on the ledger."""
    index: Count
    path: Annotated[tuple[Sha256, ...], Length(64, 0)]


@dataclass(frozen=True)
class ReadingProof:
    """That a reading is one of those whose root `transaction` anchored; `salt` is 16 bytes in hex."""
    format: Annotated[str, OneOf((READING,))]
    version: Annotated[int, Range(VERSION, VERSION)]
    reading: Reading
    salt: Annotated[str, Pattern(r"[0-9a-f]{32}")]
    inclusion: Inclusion
    transaction: TransactionProof


_KINDS: dict[object, type[TransactionProof | ReadingProof]] = {TRANSACTION: TransactionProof, READING: ReadingProof}


def load(data: bytes) -> TransactionProof | ReadingProof:
    """A proof from its file. Raises UnreadableProof."""
    if len(data) > MOST_BYTES:
        raise UnreadableProof(f"the file is longer than {MOST_BYTES} bytes")
    try:
        content = canonical.decode(data)
    except canonical.NotCanonical as error:
        raise UnreadableProof(f"the file is not JSON of a proof: {error}") from error
    kind = content.get("format") if isinstance(content, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise UnreadableProof("the file is not a proof of a transaction or a reading")
    try:
        return schema.decode(_KINDS[kind], content)
    except Refusal as refusal:
        raise UnreadableProof(f"the proof has a wrong or missing field: {refusal.params.get('field')}") from refusal


def dump(proof: TransactionProof | ReadingProof) -> bytes:
    """The proof's file."""
    return canonical.encode(schema.to_json(proof))


def to_base64(data: bytes) -> str:
    """Text of bytes."""
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """Bytes of a text that is written as `to_base64` would. Raises UnreadableProof."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise UnreadableProof(f"the proof has a field that is not base64: {error}") from error
    if to_base64(data) != text:
        raise UnreadableProof("the proof has a field that is not base64 in its one form")
    return data
