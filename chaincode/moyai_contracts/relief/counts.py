"""Counts of a receipt against the lines of its box: pure functions on documents."""
from __future__ import annotations

from typing import Sequence

from moyai_contracts.api import schema
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import ReceivedLine
from moyai_contracts.relief.bookkeeping import lost
from moyai_contracts.transaction import Document

_MISSING = ("short", "damaged", "refused")


def counted(package: Document, lines: Sequence[ReceivedLine]) -> list[Document]:
    """The counts in the order of the box's lines. Raises Refusal `bad_argument` when they are not of this box."""
    by_dispatch = {line.dispatch_id: line for line in lines}
    wanted = [line["dispatch_id"] for line in package["lines"]]
    if len(by_dispatch) < len(lines) or set(by_dispatch) != set(wanted):
        raise Refusal("bad_argument", field="lines")
    return [schema.to_json(by_dispatch[dispatch_id]) for dispatch_id in wanted]


def require_sums(package: Document, counts: Sequence[Document]) -> None:
    """The four counts of each line add up to its quantity, or Refusal `count_mismatch` with `quantity`."""
    for sent, line in zip(package["lines"], counts, strict=True):
        if line["good"] + lost(line) != sent["quantity"]:
            raise Refusal("count_mismatch", quantity=sent["quantity"])


def fitted(package: Document, lines: Sequence[ReceivedLine]) -> tuple[list[Document], list[Document]]:
    """Counts and surplus of a box whose contents the phone knew late or not at all.

    What was found holds; what is missing follows from the box as it is now, and what is beyond it is surplus.
    Without lines all is in good order.
    """
    found = {line.dispatch_id: schema.to_json(line) for line in lines}
    counts, surplus = [], []
    for sent in package["lines"]:
        line = found.pop(sent["dispatch_id"], None)
        if line is None:
            good = 0 if lines else sent["quantity"]
            line = {"dispatch_id": sent["dispatch_id"], "good": good, "short": 0, "damaged": 0, "refused": 0}
        line, beyond = _bounded(line, sent["quantity"])
        counts.append(line)
        if beyond:
            surplus.append({"item": sent["item"], "quantity": beyond})
    others = sum(line["good"] + line["damaged"] + line["refused"] for line in found.values())
    return counts, surplus + ([{"quantity": others}] if others else [])


def _bounded(line: Document, quantity: int) -> tuple[Document, int]:
    room, kept = quantity, {}
    for name in ("good", "damaged", "refused"):
        kept[name] = min(line[name], room)
        room -= kept[name]
    beyond = sum(line[name] - kept[name] for name in kept)
    return line | kept | {"short": room}, beyond


def raised(before: Document, after: Document, allowed: int) -> tuple[Document, int]:
    """New counts of a line whose good may rise by `allowed` at most, and by how many pieces it would have risen more:
    those stay counted as missing and are surplus."""
    beyond = max(0, after["good"] - before["good"] - allowed)
    line, left = dict(after), beyond
    for name in _MISSING:
        back = min(left, max(0, before[name] - after[name]))
        line[name] += back
        left -= back
    return line | {"good": after["good"] - beyond}, beyond
