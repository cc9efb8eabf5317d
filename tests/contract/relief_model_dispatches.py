"""Requests, proposals and their ends in the model."""
from __future__ import annotations

from tests.contract.relief_model_needs import Needs
from tests.contract.relief_model_step import COMING, Fields, Record


class Dispatches(Needs):
    """Requests, proposals and their ends in the model."""

    def _match(self, line: Fields, quantity: int, *, take: bool) -> Record | None:
        need, offer = self.get("need", line["need_id"]), self.get("offer", line["offer_id"])
        if need is None or offer is None:
            self.verdict.no("not_found")
            return None
        self.mine(need["code6"], need["site"])
        self.must(need["state"] == offer["state"] == "open", "wrong_state")
        self.must(need["item"] == (offer["item"] or line.get("mapped_item")), "item_mismatch")
        self.must(quantity <= offer["quantity"] - offer["withdrawn"] - offer["requested"], "offer_short")
        self.must(quantity <= need["quantity"] - need["committed"], "need_covered")
        if take:
            need["committed"] += quantity
            offer["requested"] += quantity
        return need

    def request_dispatch(self) -> None:
        for line in self.f["dispatches"]:
            if "new_need" in line:
                self._need(line["new_need"])
        for line in self.f["dispatches"]:
            need = self._match(line, line["quantity"], take=True)
            self.new("dispatch", line["dispatch_id"], need=line["need_id"], offer=line["offer_id"],
                     quantity=line["quantity"], released=0, shipped=0, state="requested", packages=[line["package_id"]])
            self._box(line["package_id"], need, [(line["dispatch_id"], line["quantity"])], line)

    def _box(self, package_id: str, need: Record | None, lines: list[tuple[str, int]], line: Fields) -> None:
        self.new("package", package_id, state="labelled", lines=lines, to=(need["code6"], need["site"]) if need else "",
                 route=[(hub["code6"], hub["site"]) for hub in line.get("route", ())], leg=0, serial=1, left_at=None,
                 counts=None, surplus=0)

    def propose_dispatch(self) -> None:
        for line in self.f["dispatches"]:
            if "new_need" in line:
                self._need(line["new_need"])
        for line in self.f["dispatches"]:
            self._match(line, line["quantity"], take=False)
            self.new("dispatch", line["dispatch_id"], need=line["need_id"], offer=line["offer_id"],
                     quantity=line["quantity"], released=line["quantity"], shipped=0, state="proposed", packages=[],
                     mapped_item=line.get("mapped_item"), route=line.get("route", ()))

    def approve_dispatch(self) -> None:
        for line in self.f["dispatches"]:
            dispatch = self.get("dispatch", line["dispatch_id"])
            if dispatch is None:
                self.verdict.no("not_found")
                continue
            quantity = line.get("quantity", dispatch["quantity"])
            self.must(dispatch["state"] == "proposed", "wrong_state")
            self.must(quantity <= dispatch["quantity"], "quantity_exceeded")
            asked = {"need_id": dispatch["need"], "offer_id": dispatch["offer"], "route": dispatch.get("route", ()),
                     "mapped_item": dispatch.get("mapped_item")}
            need = self._match(asked, quantity, take=True)
            dispatch |= {"quantity": quantity, "released": 0, "state": "requested", "packages": [line["package_id"]]}
            self._box(line["package_id"], need, [(line["dispatch_id"], quantity)], asked)

    def _dispatch(self, *states: str) -> Record | None:
        dispatch = self.get("dispatch", self.f["dispatch_id"])
        if dispatch is None:
            self.verdict.no("not_found")
            return None
        self.must(dispatch["state"] in states, "wrong_state")
        return dispatch

    def _receives(self, dispatch: Record) -> None:
        need = self.world.records["need", dispatch["need"]]
        self.mine(need["code6"], need["site"])

    def reject_dispatch(self) -> None:
        dispatch = self._dispatch("proposed")
        if dispatch:
            self._receives(dispatch)
            dispatch["state"] = "rejected"

    def cancel_dispatch(self) -> None:
        dispatch = self._dispatch("requested")
        if dispatch:
            self._receives(dispatch)
            self._end(dispatch, "cancelled", withdrawn=0)

    def decline_dispatch(self) -> None:
        dispatch = self._dispatch("requested")
        if dispatch:
            self.must(self._sends([(self.f["dispatch_id"], 0)]), "foreign_record")
            self._end(dispatch, "declined", withdrawn=dispatch["quantity"] - dispatch["released"])

    def _end(self, dispatch: Record, state: str, *, withdrawn: int) -> None:
        rest = dispatch["quantity"] - dispatch["released"]
        self._give_back(dispatch, rest, withdrawn=withdrawn)
        dispatch |= {"state": state, "released": dispatch["quantity"]}
        for package_id in dispatch["packages"]:
            self._take_out(package_id, self.f["dispatch_id"])

    def recall_dispatch(self) -> None:
        dispatch = self._dispatch("shipped")
        if dispatch is None:
            return
        self._receives(dispatch)
        boxes = {package_id: self.world.records["package", package_id] for package_id in dispatch["packages"]}
        self.must(any(box["state"] in ("labelled", *COMING) for box in boxes.values()), "wrong_state")
        for package_id, box in boxes.items():
            if box["state"] in COMING:
                self._gone(package_id, "recalled")
            elif box["state"] == "labelled":
                waiting = sum(number for dispatch_id, number in box["lines"] if dispatch_id == self.f["dispatch_id"])
                self._give_back(dispatch, waiting, withdrawn=0)
                dispatch["released"] += waiting
                dispatch["shipped"] -= waiting
                self._take_out(package_id, self.f["dispatch_id"])
        dispatch["state"] = "recalled"
