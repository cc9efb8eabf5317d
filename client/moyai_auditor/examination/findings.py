"""What was found, in sentences, with the check that found it and the place."""
from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Iterator

CHECKS = {
    "reading": "Every block can be read",
    "heights": "The peers have the same blocks",
    "chain": "Every header continues the block before it",
    "data_hash": "Every block holds the content that its header names",
    "metadata": "The notes behind a block say only what they must",
    "orderer_signature": "Every block is signed by an orderer of the channel",
    "last_config": "Every block names the configuration it was made under",
    "configuration": "Every change of the configuration was signed by those whom it needed",
    "envelope": "Every transaction can be read",
    "creator_signature": "Every transaction is signed by a member's certificate",
    "transaction_id": "Every transaction has its own number, made from its signer",
    "proposal": "What was endorsed is what was asked for",
    "endorsement": "Every endorsement is a peer's signature under this very result",
    "endorsement_policy": "As many municipalities endorsed as the channel asks for",
    "read_version": "No valid transaction rests on a state that had changed",
    "validation_code": "The peers' verdict on a transaction is the one that follows from it",
    "certificate_time": "Certificates were valid at the time that the transaction claims",
    "timestamp": "Claimed times fit those of the neighbours in the chain",
    "commit_hash": "The state that peers noted is the one that follows from the blocks (INV-30)",
    "peers_agree": "The peers tell the same: headers, content, verdicts, endorsers",
    "state_on_peers": "Documents asked from the peers are those that follow from the blocks (INV-30)",
    "rules": "Every command and document is of a kind that the rules know",
    "INV-1": "A need's committed quantity is what its dispatches and receipts leave",
    "INV-2": "An offer's requested quantity is what its dispatches leave, and none is promised twice",
    "INV-3": "Boxes hold what was asked for, then what was shipped",
    "INV-4": "A box is received once, by its destination, fully counted, every difference noted",
    "INV-5": "Shipping follows a request, and every change of state is one that there is",
    "INV-6": "Live records and drills do not touch, and a drill that was closed is over",
    "INV-18": "A device or supply point is active once",
    "INV-19": "Each batch of readings continues the one before, and monthly counts fit",
    "readings": "The readings in a municipality's database are those behind roots and totals (INV-19)",
    "INV-20": "Monthly totals follow from the counters and join without gap",
    "INV-24": "Every write was made by somebody who may",
    "INV-25": "Acts of weight carry a confirmed key's signature",
    "INV-26": "Every event that calls for a mail has exactly one",
    "INV-28": "Nothing of the list of canaries stands on the ledger or in a log",
    "INV-29": "Every document names the one command that made it",
}
"""Id of a check → what holds where it finds nothing."""

LAST = 2**63
KEPT = 200
"""Findings kept in full; further ones are counted."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be.

    `block`, `transaction` (its place in the block) and `tx_id` say where; `peer` whose copy shows it, empty when all
    copies do.
    """

    check: str
    sentence: str
    block: int | None = None
    transaction: int | None = None
    tx_id: str = ""
    peer: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """Order in the chain: a block's transactions, then the block as a whole; what belongs to none comes last."""
        return (LAST if self.block is None else self.block, LAST if self.transaction is None else self.transaction)

    def as_json(self) -> dict[str, Any]:
        """Without the members that say nothing."""
        return {name: value for name, value in asdict(self).items() if value is not None and value != ""}


class Findings:
    """Collects findings, and how much each check looked at."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self.found: Counter[str] = Counter()
        self.examined: Counter[str] = Counter()

    def add(self, check: str, sentence: str, *, block: int | None = None, transaction: int | None = None,
            tx_id: str = "", peer: str = "") -> None:
        """Notes one finding."""
        assert check in CHECKS, check
        finding = Finding(check, sentence, block, transaction, tx_id, peer)
        self.found[check] += 1
        if len(self.kept) < KEPT:
            self.kept.append(finding)
        elif finding.place < max(self.kept, key=lambda one: one.place).place:
            self.kept.remove(max(self.kept, key=lambda one: one.place))
            self.kept.append(finding)

    def looked(self, check: str, times: int = 1) -> None:
        """Counts what a check looked at."""
        self.examined[check] += times

    @property
    def agrees(self) -> bool:
        """Whether nothing was found."""
        return not self.found

    @property
    def first(self) -> Finding | None:
        """The first difference in the order of the chain."""
        return min(self.kept, key=lambda finding: finding.place, default=None)

    def in_order(self) -> list[Finding]:
        """What was kept, in the order of the chain."""
        return sorted(self.kept, key=lambda finding: finding.place)

    def summary(self) -> Iterator[dict[str, Any]]:
        """One entry a check: id, what holds, how much was looked at, how often it did not hold."""
        for check, holds in CHECKS.items():
            yield {"check": check, "holds": holds, "examined": self.examined[check], "findings": self.found[check]}
