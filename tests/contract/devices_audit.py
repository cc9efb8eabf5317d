"""INV-18 to INV-20 of LEDGER.md §4, checked by replaying a chain from its first block, with nothing of the contract."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from moyai_client.blocks import Transaction
from moyai_contracts.api import canonical
from moyai_shim.composite_key import split_composite_key

Document = dict[str, Any]
Place = tuple[str, str, str]
"""Municipality, cohort and page number."""


class DevicesAudit:
    """The context's documents as the chain makes them; `check` fails by an assertion."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[tuple[str, ...], Document]] = defaultdict(dict)
        self.roots: dict[tuple[str, str], list[Document]] = defaultdict(list)

    def read(self, transactions: Iterable[Transaction]) -> None:
        """Takes valid transactions in, in the order of the chain; every block must leave sound tags and chains."""
        for transaction in transactions:
            for key, value in transaction.writes if transaction.valid else ():
                if not key.startswith("\0devices."):
                    continue
                object_type, parts = split_composite_key(key)
                self._write(object_type, tuple(parts), None if value is None else canonical.decode(value))

    def check(self) -> None:
        """All three, on the state as it is."""
        self._check_tags()
        self._check_roots()
        latest: dict[Place, dict[str, Document]] = defaultdict(dict)
        for (code6, cohort, month, page, version), document in sorted(
                self.documents["devices.totals"].items(), key=lambda item: int(item[0][4])):
            assert int(version) == 1 or document["supersedes"] == int(version) - 1
            for row in document["rows"]:
                self._check_row(row)
            latest[code6, cohort, page][month] = document
        for months in latest.values():
            _check_months(months)

    def _write(self, object_type: str, parts: tuple[str, ...], document: Document | None) -> None:
        known = self.documents[object_type]
        if document is None:
            del known[parts]
            return
        assert parts not in known or object_type in ("devices.device", "devices.batch_head"), "a fact was rewritten"
        if object_type == "devices.batch":
            self.roots[parts[0], parts[2]].append(document)
        known[parts] = document

    def _check_tags(self) -> None:
        """INV-18: one active device a tag and epoch."""
        devices = self.documents["devices.device"].items()
        named = {(tag["epoch"], tag["tag"]): device_id for (device_id,), device in devices
                 for tag in device.get("tags", ())}
        assert named == {parts: tag["device_id"] for parts, tag in self.documents["devices.tag"].items()}
        for (device_id,), device in devices:
            assert (device["state"] == "active") == ("tags" in device), device_id

    def _check_roots(self) -> None:
        """INV-19, as far as the ledger tells: each bridge's previous roots form one chain that ends at its head."""
        heads = self.documents["devices.batch_head"]
        assert heads.keys() == self.roots.keys()
        for bridge, batches in self.roots.items():
            assert [batch.get("previous") for batch in batches] == [None, *(batch["root"] for batch in batches[:-1])]
            assert heads[bridge]["root"] == batches[-1]["root"]

    def _check_row(self, row: Document) -> None:
        """INV-20: the amount follows from the raw readings, in decimal arithmetic."""
        device = self.documents["devices.device"][row["device_id"],]
        steps = row["last_raw"] - row["first_raw"] + row.get("rollovers", 0) * 10 ** device["digits"]
        for reset in row.get("resets", ()):
            steps += reset["before"] - reset["after"]
        with localcontext(prec=60):
            exact = Decimal(steps) * device["coefficient"]["n"] / device["coefficient"]["d"]
            assert row["amount"] == int(exact.quantize(Decimal(1), ROUND_HALF_UP)), row
            hours = Decimal(row["to_at"] - row["from_at"]) / 3600
            step = Decimal(device["coefficient"]["n"]) / device["coefficient"]["d"]
            assert exact - step <= device["capacity"] * hours, row


def _check_months(months: dict[str, Document]) -> None:
    """INV-20: of one register each period begins where the one before ended, and with the same reading."""
    ends: dict[tuple[str, str], Document] = {}
    for month in sorted(months):
        for row in sorted(months[month]["rows"], key=lambda row: (row["from_at"], row["to_at"])):
            register = row["device_id"], row["register"]
            if register in ends:
                before = ends[register]
                assert (row["from_at"], row["first_raw"]) == (before["to_at"], before["last_raw"]), (before, row)
            ends[register] = row
