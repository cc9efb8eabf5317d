"""Proofs as the pages use them: made of a transaction, or found in a file that somebody brings (docs/proofs.md)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from moyai_client.proof import ReadingFacts, TransactionFacts


@dataclass(frozen=True)
class CheckedFile:
    """A proof's file, and what the check of this very file found to be true."""

    file: bytes
    facts: TransactionFacts | ReadingFacts

    @property
    def transaction(self) -> TransactionFacts:
        return self.facts.transaction if isinstance(self.facts, ReadingFacts) else self.facts


class Unreachable(Exception):
    """Too few municipalities answer just now: nothing can be said, neither that it is right nor that it is wrong."""


class Wrong(Exception):
    """What the file says does not hold; the sentence says which part (English, for whoever looks into it)."""


class NotAProof(Exception):
    """The file holds no proof."""


class Proofs(Protocol):
    """Makes and checks proofs against the certificates of the municipalities of this ledger."""

    def prove(self, transaction_id: str) -> CheckedFile:
        """Asks a majority of the municipalities' peers. Raises Unreachable."""
        ...

    def check(self, file: bytes) -> tuple[CheckedFile, ...]:
        """Every proof in a file: one of ours, or a PDF that carries some. Raises Unreachable, Wrong, NotAProof."""
        ...

    def certificates(self) -> Mapping[str, bytes]:
        """MSP id → PEM of the municipality's certificate authority. Raises Unreachable."""
        ...
