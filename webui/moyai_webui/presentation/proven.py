"""What a checked proof says, in words: what was recorded, and how that was found to be true."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import NamedTuple

from moyai_client.proof import ReadingFacts, TransactionFacts

from moyai_webui.presentation.formats import full_moment, number, official
from moyai_webui.presentation.timeline import TRANSACTION_NAMES, steps
from moyai_webui.presentation.vocabulary import REGISTERS
from moyai_webui.proofs import CheckedFile
from moyai_webui.rows import Entry

Fact = tuple[str, str]


class Proven(NamedTuple):
    """`facts`: label and value; `ticks`: what was found; `details`: for whoever looks closer, codes among them."""

    title: str
    at: datetime
    facts: tuple[Fact, ...]
    ticks: tuple[str, ...]
    details: tuple[Fact, ...]
    fingerprints: tuple[Fact, ...]


def told(checked: CheckedFile, entries: Iterable[Entry], towns: Mapping[str, str]) -> Proven:
    """`entries`: what this municipality's copy of the ledger tells of the same transaction; `towns`: MSP id → name."""
    facts, transaction = checked.facts, checked.transaction
    told_steps = steps(entries)
    title = "電力量などの値" if isinstance(facts, ReadingFacts) else TRANSACTION_NAMES.get(
        transaction.function, transaction.function)
    recorded = _of_reading(facts) if isinstance(facts, ReadingFacts) else tuple(
        (step.title, f"{step.text}{'　' if step.text else ''}{step.who}") for step in reversed(told_steps))
    at = _moment(transaction.at)
    return Proven(
        title=title, at=at,
        facts=(("証明の内容", title), *recorded, ("記録した自治体", _names((transaction.sender,), towns)),
               ("記録した日時", official(at))),
        ticks=_ticks(facts, towns), details=_details(transaction, towns),
        fingerprints=tuple((towns.get(msp, msp), text) for msp, text in transaction.fingerprints.items()))


def _of_reading(facts: ReadingFacts) -> tuple[Fact, ...]:
    reading, batch = facts.reading, facts.batch
    value = f"{REGISTERS.get(reading.register, reading.register)} {number(reading.raw)}"
    return (("機器", reading.device), ("値", f"{value}（{full_moment(_moment(reading.at))}・機器の時計）"),
            ("まとめて記録した値", f"{number(batch.size)}件"))


def _ticks(facts: TransactionFacts | ReadingFacts, towns: Mapping[str, str]) -> tuple[str, ...]:
    transaction = facts.transaction if isinstance(facts, ReadingFacts) else facts
    of_reading = ("この値は、まとめて記録された値の1つです",) if isinstance(facts, ReadingFacts) else ()
    return (*of_reading,
            f"{_names((transaction.sender,), towns)}の署名が、公開されている証明書と合っています",
            f"{_names(transaction.endorsers, towns)}が、内容を確かめて署名しています",
            f"{_names(transaction.witnesses, towns)}が、有効な記録だと答えました"
            f"（{full_moment(_moment(transaction.asked_at))}）")


def _details(transaction: TransactionFacts, towns: Mapping[str, str]) -> tuple[Fact, ...]:
    place = number(transaction.block_number) + "番目のまとまり"
    members = len(transaction.fingerprints)
    signed = f"{len(transaction.endorsers)} / {members}。必要な数は{members // 2 + 1}"
    return (("記録番号", transaction.transaction_id), ("取引", transaction.function),
            ("位置", place if transaction.is_alone else f"{place}（ファイルを作った者の申告）"),
            ("署名", f"{_names(transaction.endorsers, towns)}（{signed}）"))


def _names(msp_ids: Iterable[str], towns: Mapping[str, str]) -> str:
    return "、".join(towns.get(msp_id, msp_id) for msp_id in msp_ids)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
