"""INV-1 to INV-5 of LEDGER.md §4, added up anew from whole blocks: validation codes, writes, events, signers.

Nothing of the contract is used but the names of keys: tables and sums stand here once more.
"""
from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any, Iterator

from moyai_shim.composite_key import split_composite_key
from moyai_shim.memory import Block, CommittedTransaction

from tests.contract.memory_channel import MSP_IDS

Document = dict[str, Any]

FIRST_STATE = {"need": "open", "offer": "open", "dispatch": "requested", "package": "labelled", "discrepancy": "open"}
EDGES = {
    "need": {("open", "closed"), ("closed", "open")},
    "offer": {("open", "closed")},
    "dispatch": {("requested", "shipped"), ("requested", "declined"), ("requested", "cancelled")},
    "package": {("labelled", "shipped"), ("shipped", "received"), ("labelled", "received"), ("labelled", "voided")},
    "discrepancy": {("open", "acknowledged"), ("acknowledged", "resolved")},
}


class Audit:
    """What the blocks say, document by document, as of the last block read."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[tuple[str, ...], Document]] = defaultdict(dict)
        self.moved: dict[str, Counter[tuple[str, str]]] = {"need_id": Counter(), "offer_id": Counter()}
        self.withdrawn_by_hand: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.valid: Counter[str] = Counter()

    def read(self, block: Block) -> None:
        """Takes a block in and checks every change of state in it (INV-4, INV-5)."""
        for transaction in block.transactions:
            self.codes[transaction.code] += 1
            if transaction.is_valid:
                self.valid[transaction.args[0].decode()] += 1
                self._take_event(transaction)
                self._take_writes(transaction)

    def check(self) -> None:
        """INV-1 to INV-4 over everything."""
        self._check_needs()
        self._check_offers()
        self._check_dispatches()
        self._check_receipts()

    # Reading

    def _take_event(self, transaction: CommittedTransaction) -> None:
        assert transaction.event is not None
        data = json.loads(transaction.event.payload)["data"]
        if transaction.event.name == "relief.offer_withdrawn":
            self.withdrawn_by_hand[data["offer_id"]] += data["quantity"]
        for delta in data.get("deltas", ()):
            kind = "need_id" if "need_id" in delta else "offer_id"
            identifier = delta.pop(kind)
            assert delta and all(delta.values()), "a delta that says nothing"
            self.moved[kind].update({(identifier, figure): moved for figure, moved in delta.items()})

    def _take_writes(self, transaction: CommittedTransaction) -> None:
        changes = []
        for key, value in transaction.writes.items():
            object_type, parts = split_composite_key(key)
            context, kind = object_type.split(".")
            assert value is not None or context != "relief", "nothing of relief is ever deleted"
            if context != "relief" or value is None:
                continue
            assert parts[0] == "live"
            changes.append((kind, tuple(parts[1:]), json.loads(value)))
        for kind, parts, document in changes:
            self._check_change(transaction, kind, parts, self.kinds[kind].get(parts), document)
        for kind, parts, document in changes:
            self.kinds[kind][parts] = document

    def _check_change(self, transaction: CommittedTransaction, kind: str, parts: tuple[str, ...],
                      before: Document | None, after: Document) -> None:
        if kind not in EDGES:
            return
        if before is None:
            assert after["state"] == FIRST_STATE[kind], (kind, parts)
        elif before["state"] != after["state"]:
            assert (before["state"], after["state"]) in EDGES[kind], (kind, parts, before["state"], after["state"])
        check = getattr(self, f"_check_{kind}_change", None)
        if check is not None:
            check(transaction.creator.msp_id, parts, before, after)

    def _check_dispatch_change(self, msp_id: str, parts: tuple[str, ...], before: Document | None,
                               after: Document) -> None:
        """INV-5: a dispatch begins with a request of the receiver's municipality."""
        if before is None:
            need = self.kinds["need"].get((parts[0],))
            assert need is None or msp_id == MSP_IDS[need["code6"]]

    def _check_package_change(self, msp_id: str, parts: tuple[str, ...], before: Document | None,
                              after: Document) -> None:
        """INV-4: one receipt, signed by the destination; INV-5: shipped on request, or flagged."""
        assert parts[0][0] == "P"
        if before is None:
            assert msp_id == MSP_IDS[after["to"]["code6"]] and "receipt" not in after
            return
        assert before["to"] == after["to"] and before["label_serial"] <= after["label_serial"]
        if "receipt" in before:
            assert before["receipt"] == after["receipt"], "a receipt never changes"
        if after["state"] == before["state"]:
            return
        dispatches = [self.kinds["dispatch"][line["need_id"], line["dispatch_id"]] for line in after["lines"]]
        if after["state"] == "shipped":
            assert all(dispatch["state"] == "requested" for dispatch in dispatches)
            assert all(msp_id == MSP_IDS[dispatch["home"]] for dispatch in dispatches)
        if after["state"] == "received":
            assert msp_id == MSP_IDS[after["to"]["code6"]]
            assert after.get("unannounced", False) is (before["state"] == "labelled")

    # Adding up

    def _dispatches(self) -> Iterator[tuple[str, str, Document]]:
        for (need_id, dispatch_id), dispatch in self.kinds["dispatch"].items():
            yield need_id, dispatch_id, dispatch

    def _check_needs(self) -> None:
        """INV-1, and the events' deltas tell the same."""
        committed: Counter[str] = Counter()
        for need_id, _, dispatch in self._dispatches():
            committed[need_id] += dispatch["quantity"] - dispatch["released"]
        for package in self.kinds["package"].values():
            need_of = {line["dispatch_id"]: line["need_id"] for line in package["lines"]}
            for line in package.get("receipt", {}).get("lines", ()):
                committed[need_of[line["dispatch_id"]]] -= line["short"] + line["damaged"] + line["refused"]
        for (need_id,), need in self.kinds["need"].items():
            assert 0 <= need["committed"] <= need["quantity"], need_id
            assert need["committed"] == committed[need_id] == self.moved["need_id"][need_id, "committed"], need_id

    def _check_offers(self) -> None:
        """INV-2, and what was withdrawn is what was declined, not shipped, or taken back."""
        requested, given_up = Counter(), Counter(self.withdrawn_by_hand)
        for _, _, dispatch in self._dispatches():
            requested[dispatch["offer_id"]] += dispatch["quantity"] - dispatch["released"]
            if dispatch["state"] in ("declined", "shipped"):
                given_up[dispatch["offer_id"]] += dispatch["released"]
        for (offer_id,), offer in self.kinds["offer"].items():
            assert 0 <= offer["requested"] <= offer["quantity"] - offer["withdrawn"], offer_id
            assert offer["requested"] == requested[offer_id] == self.moved["offer_id"][offer_id, "requested"], offer_id
            assert offer["withdrawn"] == given_up[offer_id] == self.moved["offer_id"][offer_id, "withdrawn"], offer_id

    def _check_dispatches(self) -> None:
        """INV-3."""
        boxed: Counter[str] = Counter()
        for package in self.kinds["package"].values():
            if package["state"] != "voided":
                boxed.update({line["dispatch_id"]: line["quantity"] for line in package["lines"]})
        for _, dispatch_id, dispatch in self._dispatches():
            if dispatch["state"] == "requested":
                assert boxed[dispatch_id] == dispatch["quantity"] and dispatch["released"] == dispatch["shipped"] == 0
            elif dispatch["state"] == "shipped":
                assert boxed[dispatch_id] == dispatch["shipped"] == dispatch["quantity"] - dispatch["released"]
            else:
                assert boxed[dispatch_id] == 0 and dispatch["released"] == dispatch["quantity"]

    def _check_receipts(self) -> None:
        """INV-4: four counts add up, and every difference has a discrepancy."""
        noted = {package_id for (package_id, _), discrepancy in self.kinds["discrepancy"].items()
                 if discrepancy["kind"] == "count"}
        for (package_id,), package in self.kinds["package"].items():
            assert ("receipt" in package) is (package["state"] == "received")
            if "receipt" not in package:
                continue
            receipt = package["receipt"]
            for sent, counted in zip(package["lines"], receipt["lines"], strict=True):
                assert sent["dispatch_id"] == counted["dispatch_id"]
                parts = (counted["good"], counted["short"], counted["damaged"], counted["refused"])
                assert min(parts) >= 0 and sum(parts) == sent["quantity"]
            differs = bool(receipt["surplus"]) or any(
                counted["good"] != sent["quantity"] for sent, counted in zip(package["lines"], receipt["lines"]))
            assert differs is (package_id in noted), package_id
