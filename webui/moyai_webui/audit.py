"""The last run of `moyai audit`, as it lies in the state folder."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

LAST = Path("audit") / "last.json"
GROWS_OLD = timedelta(days=7)


@dataclass(frozen=True)
class Copy:
    """A peer whose blocks were read; it has the blocks `first` up to `height`, this one left out."""

    name: str
    first: int
    height: int


@dataclass(frozen=True)
class Difference:
    """What is not as it must be, and where; None or empty where it belongs to no block or to all copies."""

    check: str
    sentence: str  # the auditor's, in English
    block: int | None = None
    transaction: int | None = None
    tx_id: str = ""
    peer: str = ""


@dataclass(frozen=True)
class Check:
    check: str
    holds: str  # in English
    examined: int
    findings: int


@dataclass(frozen=True)
class Audit:
    """`replayed_until`: last block up to which the rules were followed; `transactions`: counts by validation code;
    `readings`: readings of meters that were compared with the ledger."""

    agrees: bool
    finished_at: datetime
    copies: tuple[Copy, ...]
    height: int
    replayed_until: int
    genesis: str
    transactions: Mapping[str, int]
    checks: tuple[Check, ...]
    findings: int
    first: Difference | None
    readings: int

    def is_old(self, now: datetime) -> bool:
        """Whether it should be made again."""
        return now - self.finished_at > GROWS_OLD


def last_audit(state: Path) -> Audit | None:
    """The last run, None before the first. A file that is no result raises ValueError or KeyError."""
    path = state / LAST
    if not path.is_file():
        return None
    told = json.loads(path.read_text("utf-8"))
    return Audit(
        agrees=told["agrees"], finished_at=datetime.fromisoformat(told["finished_at"]),
        copies=tuple(Copy(copy["name"], copy["first"], copy["height"]) for copy in told["copies"]),
        height=told["height"], replayed_until=told["replayed_until"], genesis=told["genesis"] or "",
        transactions=told["transactions"],
        checks=tuple(Check(check["check"], check["holds"], check["examined"], check["findings"])
                     for check in told["checks"]),
        findings=told["findings_total"], first=_difference(told["first_difference"]),
        readings=sum(one["readings"] for one in told.get("readings", ())))


def _difference(told: Mapping[str, Any] | None) -> Difference | None:
    if told is None:
        return None
    return Difference(told["check"], told["sentence"], told.get("block"), told.get("transaction"),
                      told.get("tx_id", ""), told.get("peer", ""))
