"""INV-18 to INV-20: devices and their tags, the chain of batches, monthly totals.

That batches hold the readings which totals count cannot be seen on the ledger: `examination.readings` compares the
leaves in the municipality's database (INV-19's other half).
"""
from __future__ import annotations

from collections import defaultdict
from typing import Iterator

from moyai_auditor.examination.rules.ledger import Change, Document, Ledger, LedgerTransaction, Report

HALF_HOUR = 1800

Register = "tuple[str, str, str]"
"""Municipality, device, register."""


class Devices:
    """Judges changes as they come, and after each transaction the tags and periods that it touched.

    `places`: block, place and transaction id of every batch and page of totals, by the parts of its key.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.places: dict[tuple[str, ...], tuple[int, int, str]] = {}
        self._heads: dict[tuple[str, str], str] = {}
        self._held: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self._pages_of: dict[tuple[str, str, str], set[tuple[str, ...]]] = defaultdict(set)

    # Before a transaction counts

    def read(self, transaction: LedgerTransaction, report: Report) -> None:
        """Reports INV-18, INV-19, INV-20 on what a transaction writes."""
        for change in transaction.changes:
            if change.kind in ("devices.batch", "devices.totals"):
                self.places[change.parts] = transaction.block, transaction.place, transaction.tx_id
            if change.kind == "devices.tag" and change.before and change.after:
                report("INV-18", f"{change.name} was taken though another device had it")
            elif change.kind == "devices.batch":
                self._batch(change, report)
                self._head(transaction, change, report)
            elif change.kind == "devices.totals":
                self._page(change, report)

    def _batch(self, change: Change, report: Report) -> None:
        code6, _, bridge, _ = change.parts
        if change.before is not None or change.after is None:
            report("INV-19", f"{change.name} was written anew")
        elif change.after.get("previous") != self._heads.get((code6, bridge)):
            report("INV-19", f"{change.name} does not continue the batch before it")
        if change.after is not None:
            self._heads[code6, bridge] = change.after["root"]

    @staticmethod
    def _head(transaction: LedgerTransaction, change: Change, report: Report) -> None:
        """The bridge's head names this very batch (docs/decisions/0009)."""
        code6, slot, bridge, n = change.parts
        head = next((other.after or {} for other in transaction.changed("devices.batch_head")
                     if other.parts == (code6, bridge)), {})
        wanted = slot, int(n), (change.after or {}).get("root")
        if (head.get("slot"), head.get("n"), head.get("root")) != wanted:
            report("INV-19", f"{change.name} is not what the head of its bridge names")

    def _page(self, change: Change, report: Report) -> None:
        if change.before is not None or change.after is None:
            report("INV-20", f"{change.name} was written anew")
            return
        *page, version = change.parts
        if int(version) > 1 and self._ledger.get("devices.totals", *page, str(int(version) - 1)) is None:
            report("INV-20", f"{change.name} corrects a version that does not exist")
        for row in change.after["rows"]:
            device = self._ledger.get("devices.device", row["device_id"])
            if device is None or row["register"] not in device["registers"]:
                report("INV-20", f"{change.name} counts {row['register']} of a device that has none")
            elif not _follows(row, device):
                report("INV-20", f"{change.name} says {row['amount']} for {row['register']} of {row['device_id']}, "
                       "which its counter does not give")

    # After it counts

    def settle(self, transaction: LedgerTransaction, report: Report) -> None:
        """Reports INV-18 and INV-20 on the devices and registers that a transaction touched."""
        devices, registers = set(), set()
        for change in transaction.changes:
            if change.kind == "devices.device":
                devices.add(change.parts[0])
            elif change.kind == "devices.tag":
                devices.update(self._moved(change))
            elif change.kind == "devices.totals" and change.after is not None:
                for row in change.after["rows"]:
                    register = change.parts[0], row["device_id"], row["register"]
                    self._pages_of[register].add(change.parts)
                    registers.add(register)
        for device_id in sorted(devices):
            for sentence in self._tags(device_id):
                report("INV-18", sentence)
        for register in sorted(registers):
            for sentence in self._periods(register):
                report("INV-20", sentence)

    def _moved(self, change: Change) -> Iterator[str]:
        """Follows a tag from device to device; the devices it leaves and comes to."""
        if change.before is not None:
            self._held[change.before["device_id"]].discard(change.parts)
            yield change.before["device_id"]
        if change.after is not None:
            self._held[change.after["device_id"]].add(change.parts)
            yield change.after["device_id"]

    def _tags(self, device_id: str) -> Iterator[str]:
        device = self._ledger.get("devices.device", device_id) or {}
        held = self._held[device_id]
        is_active = device.get("state") == "active"
        own = {(tag["epoch"], tag["tag"]) for tag in device.get("tags", ())} if is_active else set()
        if held != own:
            yield f"device {device_id} is {device.get('state', 'unknown')} and has {len(held)} of its {len(own)} tags"

    def _periods(self, register: tuple[str, str, str]) -> Iterator[str]:
        spans = sorted(self._spans(register))
        name = f"{register[2]} of {register[1]}"
        for (_, end, _, last, month), (begin, _, first, _, other) in zip(spans, spans[1:]):
            if begin < end:
                yield f"{name} is counted twice in {month} and {other}"
            elif (begin > end or first != last) and _are_neighbours(month, other):
                yield f"{name} has a gap between {month} and {other}"

    def _spans(self, register: tuple[str, str, str]) -> Iterator[tuple[int, int, int, int, str]]:
        """From, to, first and last reading, month: of the latest version of each page."""
        latest: dict[tuple[str, ...], int] = {}
        for parts in self._pages_of[register]:
            latest[parts[:4]] = max(latest.get(parts[:4], 0), int(parts[4]))
        for parts, version in latest.items():
            for row in (self._ledger.get("devices.totals", *parts, str(version)) or {"rows": []})["rows"]:
                if (row["device_id"], row["register"]) == register[1:]:
                    yield row["from_at"], row["to_at"], row["first_raw"], row["last_raw"], parts[2]


def _follows(row: Document, device: Document) -> bool:
    """Whether a row's amount is what its readings, roll-overs and resets make, rounded half up."""
    resets = row.get("resets", ())
    steps = (row["last_raw"] - row["first_raw"] + row.get("rollovers", 0) * 10 ** device["digits"]
             + sum(reset["before"] - reset["after"] for reset in resets))
    n, d, seconds = device["coefficient"]["n"], device["coefficient"]["d"], row["to_at"] - row["from_at"]
    shown = [row["first_raw"], row["last_raw"], *(reset[name] for reset in resets for name in ("before", "after"))]
    return (steps >= 0 and seconds >= 0 and max(shown) < 10 ** device["digits"]
            and row["amount"] == (2 * steps * n + d) // (2 * d)
            and (steps - 1) * n * 3600 <= device["capacity"] * seconds * d
            and row["received"] + row.get("substituted", 0) <= row["expected"]
            and row["expected"] >= seconds // HALF_HOUR
            and (row["quality"] == "substituted") == (row.get("substituted", 0) > 0))


def _are_neighbours(month: str, other: str) -> bool:
    """Whether two months are the same or follow one on the other."""
    year, number = map(int, month.split("-"))
    following = f"{year + number // 12:04}-{number % 12 + 1:02}"
    return other in (month, following)
