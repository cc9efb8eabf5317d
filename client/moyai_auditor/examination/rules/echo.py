"""INV-29: what a document says where its command has the same word is what the command said."""
from __future__ import annotations

from typing import Any, Iterator

from moyai_auditor.examination.rules.ledger import ENVELOPE, Document, LedgerTransaction, Report

FRAME = frozenset({"v", "rev", "op", "ops", "cmd", "at", "by", "m"})
OTHER_MEANING = {"relief.package": frozenset({"lines", "label_serial", "reason"}),
                 "relief.arrival": frozenset({"lines"}), "relief.consignment": frozenset({"packages"}),
                 "devices.device": frozenset({"tags"})}
"""Kind of document → members that only share the name: a box holds what was sent, a scan counts what was there.

Of a device's tags INV-18 knows."""
OTHER_PART = {"relief.repack_dispatch": frozenset({"quantity"}), "relief.ship_consignment": frozenset({"quantity"})}
"""Function → members that are of a box and not of the dispatch."""
ASIDE = frozenset({"directory.propose_item"})
"""What it says waits beside the document for the members' votes."""


class Echo:
    """Compares documents with the command that they name."""

    def read(self, transaction: LedgerTransaction, report: Report) -> None:
        """Reports INV-29."""
        if transaction.function in ASIDE:
            return
        command = {name: value for name, value in transaction.message.items() if name not in ENVELOPE}
        for change in transaction.changes:
            after = change.after
            if after is None or after.get("op") != transaction.op:
                continue
            skipped = FRAME | OTHER_MEANING.get(change.kind, FRAME) | OTHER_PART.get(transaction.function, FRAME)
            differing = [_differing(told, after, skipped) for told in _about(command, change.parts)]
            if differing and all(differing):
                names = ", ".join(min(differing, key=len))
                report("INV-29", f"{change.name} says something else than its command: {names}")


def _about(command: Any, parts: tuple[str, ...]) -> Iterator[Document]:
    """The parts of a command that name the record: a member of theirs is a part of its key."""
    if isinstance(command, dict):
        if any(isinstance(value, str) and value in parts for value in command.values()):
            yield command
        for value in command.values():
            yield from _about(value, parts)
    elif isinstance(command, list):
        for element in command:
            yield from _about(element, parts)


def _differing(told: Document, after: Document, skipped: frozenset[str]) -> list[str]:
    return sorted(name for name in told.keys() & after.keys() - skipped if _plain(told[name]) != _plain(after[name]))


def _plain(value: Any) -> Any:
    """Without members that say nothing, which one spelling leaves out and another does not."""
    if isinstance(value, dict):
        return {name: plain for name, member in value.items() if (plain := _plain(member)) not in (0, "", [], {})}
    return [_plain(element) for element in value] if isinstance(value, list) else value
