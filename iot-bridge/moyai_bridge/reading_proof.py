"""The proof of a reading: one file that anybody checks offline with `moyai verify`."""
from __future__ import annotations

from typing import Protocol

from moyai_client.errors import MoyaiError
from moyai_client.proof import Reading, ReadingProof, TransactionProof
from moyai_client.proof.reading import reading_proof
from moyai_contracts.api import merkle

from moyai_bridge.store.anchored import AnchoredReading, AnchoredReadings


class NotAnchored(MoyaiError):
    """The reading is not here, or not on the ledger yet; the sentence says which."""


class Changed(NotAnchored):
    """What this database says of the reading is not what was anchored."""


class Prover(Protocol):
    """What of `moyai_client.Ledger` is needed here."""

    def prove(self, transaction_id: str) -> TransactionProof:
        """The proof of a valid transaction."""


def prove(readings: AnchoredReadings, ledger: Prover, device_id: str, register: str, at: int,
          seq: int | None = None, raw: int | None = None) -> ReadingProof:
    """The proof that a reading is in the batch whose root stands on the ledger.

    `seq` and `raw` tell readings of one time apart; the first of them if None. Raises NotAnchored, NotSent, NotProven.
    """
    found = readings.find(device_id, register, at, seq, raw)
    if found is None:
        raise NotAnchored(f"No reading of register {register} of device {device_id} at {at} is here.")
    if found.transaction_id is None:
        raise NotAnchored("The reading is not on the ledger yet." if found.anchored_at is None else
                          "The reading's root is on the ledger, in a transaction that this database does not know.")
    return reading_proof(_reading(found), found.reading.salt, _index(found), found.leaves,
                         ledger.prove(found.transaction_id))


def _reading(found: AnchoredReading) -> Reading:
    reading = found.reading
    return Reading(at=reading.at, device=reading.device_id, raw=reading.raw, register=reading.register,
                   seq=reading.seq)


def _index(found: AnchoredReading) -> int:
    """By the hash: readings of a person that was erased are gone, their leaves are not."""
    if found.reading.leaf not in found.leaves or merkle.root(found.leaves).hex() != found.root:
        raise Changed("The reading is not among those that were anchored: it was changed in this database.")
    return found.leaves.index(found.reading.leaf)
