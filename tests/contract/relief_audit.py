"""INV-1 to INV-6 of LEDGER.md §4, added up anew from whole blocks: validation codes, writes, events, signers.

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

FIRST_STATES = {"need": {"open"}, "offer": {"open"}, "dispatch": {"requested", "proposed"},
                # A hub that repacks goes on with boxes that it holds.
                "package": {"labelled", "handed_over"}, "discrepancy": {"open"}}
EDGES = {
    "need": {("open", "closed"), ("closed", "open")},
    "offer": {("open", "closed")},
    "dispatch": {("proposed", "requested"), ("proposed", "rejected"), ("requested", "shipped"),
                 ("requested", "declined"), ("requested", "cancelled"), ("shipped", "recalled")},
    "package": {("labelled", "shipped"), ("labelled", "received"), ("labelled", "voided"), ("labelled", "handed_over"),
                ("shipped", "handed_over"), ("shipped", "received"), ("shipped", "recalled"), ("shipped", "lost"),
                ("handed_over", "received"), ("handed_over", "recalled"), ("handed_over", "lost"),
                ("handed_over", "voided")},
    "discrepancy": {("open", "acknowledged"), ("acknowledged", "resolved")},
}


class Audit:
    """What the blocks say, document by document, as of the last block read."""

    def __init__(self, scope: str = "live") -> None:
        self.scope = scope
        self.prefix = "P" if scope == "live" else "T"
        self.kinds: dict[str, dict[tuple[str, ...], Document]] = defaultdict(dict)
        self.moved: dict[str, Counter[tuple[str, str]]] = {"need_id": Counter(), "offer_id": Counter()}
        self.withdrawn_by_hand: Counter[str] = Counter()
        self.less_than_asked: dict[str, int] = {}
        self.codes: Counter[str] = Counter()
        self.valid: Counter[str] = Counter()

    def read(self, block: Block) -> None:
        """Takes a block in and checks every change of state in it (INV-4, INV-5)."""
        for transaction in block.transactions:
            self.codes[transaction.code] += 1
            if transaction.is_valid and self._is_ours(transaction):
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

    def _is_ours(self, transaction: CommittedTransaction) -> bool:
        """INV-6: a transaction of one scope writes nothing of another."""
        written = {split_composite_key(key)[1][0] for key in transaction.writes
                   if split_composite_key(key)[0].startswith("relief.")}
        assert len(written) <= 1
        assert transaction.event is not None
        told = json.loads(transaction.event.payload).get("scope")
        assert written in (set(), {told})
        return told in (None, self.scope)

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
            assert parts[0] == self.scope
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
            assert after["state"] in FIRST_STATES[kind], (kind, parts)
        elif before["state"] != after["state"]:
            assert (before["state"], after["state"]) in EDGES[kind], (kind, parts, before["state"], after["state"])
        check = getattr(self, f"_check_{kind}_change", None)
        if check is not None:
            check(transaction.creator.msp_id, parts, before, after)

    def _check_dispatch_change(self, msp_id: str, parts: tuple[str, ...], before: Document | None,
                               after: Document) -> None:
        """INV-5: a dispatch begins with a request of the receiver's municipality."""
        if before is not None and (before["state"], after["state"]) == ("shipped", "recalled"):
            self.less_than_asked[parts[1]] = before["released"]
        if before is None:
            need = self.kinds["need"].get((parts[0],))
            assert need is None or msp_id == MSP_IDS[need["code6"]]

    def _check_package_change(self, msp_id: str, parts: tuple[str, ...], before: Document | None,
                              after: Document) -> None:
        """INV-4: one receipt, signed by the destination; INV-5: shipped on request, or flagged."""
        assert parts[0][0] == self.prefix
        homes = {MSP_IDS[self.kinds["dispatch"][line["need_id"], line["dispatch_id"]]["home"]]
                 for line in after["lines"] if (line["need_id"], line["dispatch_id"]) in self.kinds["dispatch"]}
        destination = MSP_IDS[after["to"]["code6"]]
        if before is None:
            hubs = {MSP_IDS[hub["code6"]] for hub in after["route"][:after["leg"]]}
            assert msp_id in {destination} | homes | hubs and "receipt" not in after
            return
        assert before["label_serial"] <= after["label_serial"] and before["leg"] <= after["leg"]
        if before["to"] != after["to"]:
            assert before["to"]["code6"] == after["to"]["code6"] and msp_id == destination
        if "receipt" in before and before["receipt"] != after["receipt"]:
            assert after["receipt"]["correction_id"] != before["receipt"].get("correction_id") and msp_id == destination
        if after["state"] == before["state"]:
            return
        if after["state"] == "shipped":
            assert homes == {msp_id}
        if after["state"] in ("handed_over", "received") and before["state"] == "labelled":
            assert after["unannounced"] is True
        if after["state"] == "received":
            assert msp_id == destination and after.get("unannounced", False) is (
                before["state"] == "labelled" or before.get("unannounced", False))

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
            for line in package["lines"] if package["state"] in ("lost", "recalled") else ():
                committed[line["need_id"]] -= line["quantity"]
            for line in package.get("receipt", {}).get("lines", ()):
                committed[need_of[line["dispatch_id"]]] -= line["short"] + line["damaged"] + line["refused"]
        for (need_id,), need in self.kinds["need"].items():
            assert 0 <= need["committed"] <= need["quantity"], need_id
            assert need["committed"] == committed[need_id] == self.moved["need_id"][need_id, "committed"], need_id

    def _check_offers(self) -> None:
        """INV-2, and what was withdrawn is what was declined, not shipped, or taken back."""
        requested, given_up = Counter(), Counter(self.withdrawn_by_hand)
        for _, dispatch_id, dispatch in self._dispatches():
            requested[dispatch["offer_id"]] += dispatch["quantity"] - dispatch["released"]
            if dispatch["state"] in ("declined", "shipped"):
                given_up[dispatch["offer_id"]] += dispatch["released"]
            # What a recall took back before it left is on offer again.
            given_up[dispatch["offer_id"]] += self.less_than_asked.get(dispatch_id, 0)
        for (offer_id,), offer in self.kinds["offer"].items():
            assert 0 <= offer["requested"] <= offer["quantity"] - offer["withdrawn"], offer_id
            assert offer["requested"] == requested[offer_id] == self.moved["offer_id"][offer_id, "requested"], offer_id
            assert offer["withdrawn"] == given_up[offer_id] == self.moved["offer_id"][offer_id, "withdrawn"], offer_id

    def _check_dispatches(self) -> None:
        """INV-3."""
        boxed: Counter[str] = Counter()
        for package in self.kinds["package"].values():
            if package["state"] != "voided":
                for line in package["lines"]:
                    boxed[line["dispatch_id"]] += line["quantity"]
        for _, dispatch_id, dispatch in self._dispatches():
            if dispatch["state"] == "requested":
                assert boxed[dispatch_id] == dispatch["quantity"] and dispatch["released"] == dispatch["shipped"] == 0
            elif dispatch["state"] == "shipped":
                assert boxed[dispatch_id] == dispatch["shipped"] == dispatch["quantity"] - dispatch["released"]
            elif dispatch["state"] == "recalled":
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
            assert not differs or package_id in noted, package_id
            assert differs or package_id not in noted or "correction_id" in receipt, package_id
