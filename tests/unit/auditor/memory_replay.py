"""The auditor's rules on a ledger in memory: what it finds in blocks that the contract itself has made."""
from __future__ import annotations

import json
from typing import Iterator

from moyai_auditor.examination.rules.authority import Authority
from moyai_auditor.examination.rules.devices import Devices
from moyai_auditor.examination.rules.echo import Echo
from moyai_auditor.examination.rules.ledger import Change, Ledger, LedgerTransaction, split_key
from moyai_auditor.examination.rules.mails import Mails
from moyai_auditor.examination.rules.own import Own
from moyai_auditor.examination.rules.relief import Relief
from moyai_auditor.examination.rules.votes import Votes
from moyai_shim.memory import MemoryLedger


def judged(chain: MemoryLedger) -> list[tuple[str, str, str]]:
    """Check, function and sentence of everything that the rules find in the valid transactions of a chain."""
    ledger = Ledger()
    relief, devices = Relief(ledger), Devices(ledger)
    judges = (Authority(ledger), Own(ledger), Echo(), Votes(ledger), relief, Mails(ledger), devices)
    found: list[tuple[str, str, str]] = []
    for transaction in _transactions(chain, ledger):
        def report(check: str, sentence: str, function: str = transaction.function) -> None:
            found.append((check, function, sentence))
        for judge in judges:
            judge.read(transaction, report)
        ledger.take(transaction)
        relief.settle(transaction, report)
        devices.settle(transaction, report)
    return found


def _transactions(chain: MemoryLedger, ledger: Ledger) -> Iterator[LedgerTransaction]:
    for block in chain.blocks:
        for place, one in enumerate(block.transactions):
            if one.is_valid and one.event is not None:
                changes = [Change(kind, parts, ledger.get(kind, *parts), None if value is None else json.loads(value))
                           for (kind, parts), value in ((split_key(key), value) for key, value in one.writes.items())]
                yield LedgerTransaction(
                    block=block.number, place=place, tx_id=one.tx_id, at=one.at, msp_id=one.creator.msp_id,
                    service=one.creator.attributes.get("moyai.service", "admin" if one.creator.is_admin else ""),
                    fingerprint=one.creator.fingerprint, function=one.args[0].decode(),
                    message=json.loads(one.args[1]), event_name=one.event.name,
                    event=json.loads(one.event.payload), changes=tuple(changes))
