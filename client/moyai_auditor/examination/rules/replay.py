"""Replays the ledger from the write sets of valid transactions, and lets each rule judge it."""
from __future__ import annotations

from typing import Any, Callable, Sequence

from moyai_auditor.examination.envelope import Space
from moyai_auditor.examination.findings import Findings
from moyai_auditor.examination.rules.authority import Authority
from moyai_auditor.examination.rules.devices import Devices
from moyai_auditor.examination.rules.echo import Echo
from moyai_auditor.examination.rules.ledger import (
    Change, Document, Ledger, LedgerTransaction, NotCanonical, Report, parse, split_key)
from moyai_auditor.examination.rules.mails import Mails
from moyai_auditor.examination.rules.own import Own
from moyai_auditor.examination.rules.relief import Relief
from moyai_auditor.examination.rules.votes import Votes
from moyai_auditor.examination.verdict import Opened

CHECKS_A_TRANSACTION = ("rules", "INV-24", "INV-25", "INV-29")
CHECKS_A_CONTEXT = {"relief": ("INV-1", "INV-2", "INV-3", "INV-4", "INV-5", "INV-6"), "evidence": ("INV-26",),
                    "devices": ("INV-18", "INV-19", "INV-20")}
BROKEN = (KeyError, IndexError, TypeError, ValueError, AttributeError)
"""What a command or document that lacks its members makes a rule raise."""


class Replay:
    """The ledger of one chaincode as its blocks make it."""

    def __init__(self, chaincode: str, findings: Findings) -> None:
        self.ledger = Ledger()
        self._chaincode = chaincode
        self._findings = findings
        self._mails = Mails(self.ledger)
        self._relief = Relief(self.ledger)
        self.devices = Devices(self.ledger)
        self._judges = (Authority(self.ledger), Own(self.ledger), Echo(), Votes(self.ledger), self._relief, self._mails,
                        self.devices)

    def read(self, number: int, transactions: Sequence[tuple[int, Opened]]) -> None:
        """One block's valid transactions."""
        for place, opened in transactions:
            if opened.endorsed is not None and opened.endorsed.result.chaincode == self._chaincode:
                self._read(number, place, opened)

    def end(self) -> None:
        """What only the whole chain shows."""
        for due, sentence in self._mails.missing():
            self._findings.add("INV-26", sentence, block=due.block, transaction=due.place, tx_id=due.tx_id)

    def _read(self, number: int, place: int, opened: Opened) -> None:
        assert opened.envelope is not None

        def report(check: str, sentence: str) -> None:
            assert opened.envelope is not None
            self._findings.add(check, sentence, block=number, transaction=place, tx_id=opened.envelope.tx_id)

        try:
            transaction = self._transaction(number, place, opened)
        except BROKEN as error:
            report("rules", f"its command or documents cannot be read: {error}")
            return
        if not transaction.changes:
            return
        context = transaction.function.partition(".")[0]
        for check in (*CHECKS_A_TRANSACTION, *CHECKS_A_CONTEXT.get(context, ())):
            self._findings.looked(check)
        for judge in self._judges:
            self._let(lambda: judge.read(transaction, report), report)
        self.ledger.take(transaction)
        for context in (self._relief, self.devices):
            self._let(lambda: context.settle(transaction, report), report)

    @staticmethod
    def _let(judge: Callable[[], None], report: Report) -> None:
        """Lets a rule judge; what it cannot read is a finding, and the others go on."""
        try:
            judge()
        except BROKEN as error:
            report("rules", f"its command or documents lack what they must have: {error!r}")

    def _transaction(self, number: int, place: int, opened: Opened) -> LedgerTransaction:
        assert opened.envelope is not None and opened.endorsed is not None
        result, creator = opened.endorsed.result, opened.creator
        function, text = result.arguments
        return LedgerTransaction(
            block=number, place=place, tx_id=opened.envelope.tx_id, at=opened.envelope.at,
            msp_id=creator.msp_id if creator else "",
            service=(creator.service or ("admin" if creator.role == "admin" else "")) if creator else "",
            fingerprint=creator.fingerprint if creator else "", function=function.decode(),
            message=_object(parse(text)), event_name=result.event_name,
            event=_object(parse(result.event)) if result.event else {},
            changes=tuple(change for space in result.spaces if space.namespace == self._chaincode
                          for change in self._changes(space)))

    def _changes(self, space: Space) -> list[Change]:
        if space.collection or space.marks:
            raise NotCanonical("it writes private data or key policies, which LEDGER.md does not know")
        changes = []
        for write in space.writes:
            kind, parts = split_key(str(write.key))
            after = None if write.value is None else _object(parse(write.value))
            changes.append(Change(kind, parts, self.ledger.get(kind, *parts), after))
        return changes


def _object(value: Any) -> Document:
    if not isinstance(value, dict):
        raise NotCanonical("it is no object")
    return value
