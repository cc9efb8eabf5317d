"""Checks a reading's proof: the way from the reading to the root that a bridge anchored, and that it did."""
from __future__ import annotations

from dataclasses import dataclass

from moyai_contracts.api import canonical, merkle, schema
from moyai_contracts.api.command import parse
from moyai_contracts.api.devices import AnchorBatch
from moyai_contracts.api.refusals import Refusal

from moyai_client.proof.certificates import Authorities
from moyai_client.proof.files import READING, VERSION, Inclusion, Reading, ReadingProof, TransactionProof
from moyai_client.proof.not_proven import NotProven
from moyai_client.proof.transaction import TransactionFacts, verify_transaction

CHAINCODE = "moyai"


@dataclass(frozen=True)
class ReadingFacts:
    """The reading, the batch that it is one of, and the transaction that anchored the batch."""

    reading: Reading
    batch: AnchorBatch
    transaction: TransactionFacts


def leaf_hash(reading: Reading, salt: bytes) -> bytes:
    """The leaf of a reading: its salt of 16 bytes, then its canonical JSON."""
    return merkle.leaf_hash(salt + canonical.encode(schema.to_json(reading)))


def reading_proof(reading: Reading, salt: bytes, index: int, leaves: list[bytes],
                  transaction: TransactionProof) -> ReadingProof:
    """The proof of the reading whose leaf stands at `index` of a batch; `leaves` are the hashes of all of them."""
    path = tuple(neighbour.hex() for neighbour in merkle.inclusion_path(index, leaves))
    return ReadingProof(READING, VERSION, reading, salt.hex(), Inclusion(index, path), transaction)


def verify_reading(proof: ReadingProof, trusted: Authorities | None = None) -> ReadingFacts:
    """What the proof proves; `trusted` as for a transaction. Raises NotProven or UnreadableProof."""
    transaction = verify_transaction(proof.transaction, trusted)
    batch = _batch(transaction)
    path = [bytes.fromhex(neighbour) for neighbour in proof.inclusion.path]
    leaf = leaf_hash(proof.reading, bytes.fromhex(proof.salt))
    if not merkle.verify_inclusion(leaf, proof.inclusion.index, batch.size, path, bytes.fromhex(batch.root)):
        raise NotProven("the reading is not in the batch that was anchored")
    return ReadingFacts(proof.reading, batch, transaction)


def _batch(transaction: TransactionFacts) -> AnchorBatch:
    if transaction.chaincode != CHAINCODE or len(transaction.arguments) != 1:
        raise NotProven("the transaction is none of Moyai's contract")
    try:
        _, command, _ = parse(transaction.function, transaction.arguments[0])
    except Refusal as refusal:
        raise NotProven(f"the transaction's command cannot be read: {refusal}") from refusal
    if not isinstance(command, AnchorBatch):
        raise NotProven(f"the transaction anchors no batch: it is {transaction.function}")
    return command
