"""INV-26: every event that calls for a mail has one mail record a recipient, and no record is without its event."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Iterator

from moyai_auditor.examination.rules.ledger import Document, Ledger, LedgerTransaction, Report

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DAY = 24 * 3600


@dataclass(frozen=True)
class _Due:
    """A mail that an event calls for, from a municipality to an account or site."""

    block: int
    place: int
    tx_id: str
    at: int
    code6: str


class Mails:
    """What is due, and what was recorded."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._due: dict[tuple[str, str, str], _Due] = {}
        self._recorded: set[tuple[str, str, str]] = set()
        self._latest = 0

    def read(self, transaction: LedgerTransaction, report: Report) -> None:
        """Reports INV-26 on mail records that stand for no event, and notes which mails are due."""
        self._latest = max(self._latest, transaction.at)
        for change in transaction.changed("evidence.mail"):
            if change.after is not None:
                self._record(change.parts, change.after, report)
        for kind, recipient, code6 in self._called_for(transaction):
            self._due.setdefault((transaction.tx_id, kind, recipient), _Due(
                transaction.block, transaction.place, transaction.tx_id, transaction.at, code6))

    def missing(self) -> Iterator[tuple[_Due, str]]:
        """Mails that an event called for more than a day before the end of the chain and that nothing records."""
        for (tx_id, kind, recipient), due in self._due.items():
            if (tx_id, kind, recipient) not in self._recorded and due.at < self._latest - DAY:
                yield due, f"no mail {kind} to {recipient} of {due.code6} was recorded within a day"

    def _record(self, parts: tuple[str, ...], document: Document, report: Report) -> None:
        code6, mail_id, n = parts
        recipient = document.get("account") or document.get("site") or ""
        key = document["cause_tx"], document["kind"], recipient
        if mail_id != _mail_id(*key):
            report("INV-26", f"mail {mail_id} does not follow from its cause, kind and recipient")
        due = self._due.get(key)
        if due is None or due.code6 != code6:
            report("INV-26", f"mail {mail_id} of {code6} stands for no event that called for it")
        if int(n) > 0 and self._ledger.get("evidence.mail", code6, mail_id, str(int(n) - 1)) is None:
            report("INV-26", f"mail {mail_id} has bounce {n} without what came before")
        self._recorded.add(key)

    def _called_for(self, transaction: LedgerTransaction) -> Iterator[tuple[str, str, str]]:
        """Kind, recipient and sending municipality of each mail of an event."""
        name, data = transaction.event_name, transaction.data
        if name == "relief.offer_registered" and "to" in data:
            yield "offer_registered", data["to"]["site"], data["to"]["code6"]
        elif name == "relief.consignment_shipped":
            yield "consignment_shipped", data["to"]["site"], data["to"]["code6"]
        elif name in ("relief.dispatch_requested", "relief.dispatch_approved"):
            yield from self._to_supporters(transaction, "dispatch_requested", data["dispatches"])
        elif name == "relief.package_received" and not data.get("conflicting"):
            yield from self._to_supporters(transaction, "package_received", data["lines"])

    def _to_supporters(self, transaction: LedgerTransaction, kind: str,
                       lines: list[Document]) -> Iterator[tuple[str, str, str]]:
        scope = transaction.message["scope"]
        written = {change.parts: change.after for change in transaction.changed("relief.dispatch")}
        for line in lines:
            parts = scope, line["need_id"], line["dispatch_id"]
            dispatch = written.get(parts) or self._ledger.get("relief.dispatch", *parts)
            if dispatch is not None:
                yield kind, dispatch["supporter"], dispatch["home"]


def _mail_id(cause_tx: str, kind: str, recipient: str) -> str:
    digest = hashlib.sha256("\n".join((cause_tx, kind, recipient)).encode()).digest()
    number = int.from_bytes(digest[:17], "big")
    return "".join(CROCKFORD[(number >> (5 * place)) & 31] for place in range(26))
