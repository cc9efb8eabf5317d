"""Proofs that anybody can check offline: that a transaction is on the ledger, and that a reading is among its own."""
from __future__ import annotations

from moyai_client.proof.certificates import Authorities
from moyai_client.proof.files import Authority, Inclusion, Reading, ReadingProof, TransactionProof, dump, load
from moyai_client.proof.not_proven import NotProven, UnreadableProof
from moyai_client.proof.reading import ReadingFacts, verify_reading
from moyai_client.proof.transaction import TransactionFacts, verify_transaction

__all__ = ["Authorities", "Authority", "Inclusion", "NotProven", "Reading", "ReadingFacts", "ReadingProof",
           "TransactionFacts", "TransactionProof", "UnreadableProof", "dump", "load", "verify_reading",
           "verify_transaction"]
