"""Labels, contents and ways of boxes in the model."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy

from tests.contract.relief_model_step import AHEAD, CALLED_OFF, COMING, Fields, Record, Step


class Boxes(Step):
    """Labels, contents and ways of boxes in the model."""

    def _package(self, code: str = "not_found") -> Record | None:
        package = self.get("package", self.f["package_id"])
        self.must(package is not None, code)
        return package

    def issue_label(self) -> None:
        package = self._package()
        if package:
            receives = self.who.role in "AC" and package["to"][0] == self.who.code6
            self.must(receives or self._sends(package["lines"]), "foreign_record")
            self.must(package["state"] in ("labelled", *COMING), "wrong_state")
            self.must(package["serial"] < 99, "too_many")
            package["serial"] += 1

    def ship_consignment(self) -> None:
        boxes = {asked["package_id"]: self.get("package", asked["package_id"]) for asked in self.f["packages"]}
        if not self.must(all(boxes.values()), "not_found"):
            return
        self.must(len({box["to"] for box in boxes.values() if box}) == 1, "wrong_site")
        leaving = [self._ship(box, asked) for asked in self.f["packages"] if (box := boxes[asked["package_id"]])]
        self.must(any(leaving), "bad_argument")
        self.new("consignment", self.f["consignment_id"],
                 packages=[package_id for package_id, leaves in zip(boxes, leaving) if leaves])

    def _ship(self, box: Record, asked: Fields) -> bool:
        self.must(self._sends(box["lines"]), "foreign_record")
        self.must(box["state"] == "labelled", "wrong_state")
        stated = {line["dispatch_id"]: line["quantity"] for line in asked.get("lines", ())}
        self.must(stated.keys() <= {dispatch_id for dispatch_id, _ in box["lines"]}, "bad_argument")
        sent = [(dispatch_id, stated.get(dispatch_id, number)) for dispatch_id, number in box["lines"]]
        for (dispatch_id, number), (_, less) in zip(box["lines"], sent):
            dispatch = self.get("dispatch", dispatch_id)
            if dispatch is None:
                continue
            self.must(dispatch["state"] in ("requested", "shipped"), "not_requested")
            self.must(less <= number, "quantity_exceeded")
            if dispatch["state"] == "requested":
                dispatch |= {"state": "shipped", "shipped": dispatch["quantity"] - dispatch["released"]}
            dispatch["released"] += number - less
            dispatch["shipped"] -= number - less
            self._give_back(dispatch, number - less, withdrawn=number - less)
        leaves = any(number for _, number in sent)
        box |= {"state": "shipped", "lines": sent, "left_at": self.at} if leaves else {"state": "voided"}
        return leaves

    def repack_dispatch(self) -> None:
        old = {package_id: self.get("package", package_id) for package_id in self.f["void"]}
        if not self.must(all(old.values()), "not_found"):
            return
        boxes = [box for box in old.values() if box]
        first = boxes[0]
        self.must(all((box["to"], box["route"], box["leg"]) == (first["to"], first["route"], first["leg"])
                      for box in boxes), "wrong_site")
        at_hub = any(box["state"] == "handed_over" for box in boxes)
        self.must({box["state"] for box in boxes} == {"handed_over" if at_hub else "labelled"}, "wrong_state")
        self.must(self._holds(first) if at_hub else all(self._sends(box["lines"]) for box in boxes), "foreign_record")
        had, packed = Counter[str](), Counter[str]()
        for box in boxes:
            had.update(dict(box["lines"]))
        for new in self.f["new"]:
            packed.update({line["dispatch_id"]: line["quantity"] for line in new["lines"]})
        self.must(packed.keys() <= had.keys(), "bad_argument")
        self.must(had == packed, "count_mismatch")
        for new in self.f["new"]:
            self.new("package", new["package_id"], **(deepcopy(first) | {
                "lines": [(line["dispatch_id"], line["quantity"]) for line in new["lines"]], "serial": 1}))
        self._exchange(set(old), had)
        for box in boxes:
            box["state"] = "voided"

    def _holds(self, box: Record) -> bool:
        hub = box["route"][box["leg"] - 1] if box["leg"] else ("", "")
        return bool(self.who.role != "P" and hub[0] == self.who.code6 and self.who.site in ("", hub[1]))

    def _exchange(self, old: set[str], dispatch_ids: Iterable[str]) -> None:
        for dispatch_id in dispatch_ids:
            dispatch = self.get("dispatch", dispatch_id)
            if dispatch:
                boxes = [package_id for package_id in dispatch["packages"] if package_id not in old]
                boxes += [new["package_id"] for new in self.f["new"]
                          if dispatch_id in {line["dispatch_id"] for line in new["lines"]}]
                self.must(len(boxes) <= 20, "too_many")
                dispatch["packages"] = boxes

    def redirect_package(self) -> None:
        here = (self.who.code6, self.f["site"])
        self.must(here in self.world.sites, "not_found")
        self.must(here in self.world.open_sites, "site_closed")
        for package_id in self.f["packages"]:
            package = self.get("package", package_id)
            if self.must(package is not None, "not_found") and package:
                self.must(package["to"][0] == self.who.code6, "foreign_record")
                self.must(package["state"] in ("labelled", *COMING), "wrong_state")
                self.must(package["to"] != here, "bad_argument")
                if package["state"] == "labelled":
                    package["serial"] = min(package["serial"] + 1, 99)
                package["to"] = here

    def hand_over_package(self) -> None:
        package = self.get("package", self.f["package_id"])
        self.must(self.f["scanned_at"] <= self.at + AHEAD, "time_out_of_range")
        hub = (self.f["code6"], self.f["site"])
        own = self.f["code6"] == self.who.code6 and self.who.role != "P"
        if own:
            self.must(self.who.site in ("", self.f["site"]), "foreign_record")
        elif package is not None:
            self.must(self._sends(package["lines"]), "foreign_record")
        reason = "unknown" if package is None else package["state"] if package["state"] in CALLED_OFF else (
            None if hub in package["route"] else "wrong_site")
        if reason is not None or package is None:
            if self.f.get("queued") and own:
                self._arrive(hub, reason or "unknown")
            else:
                self.verdict.no({"unknown": "label_unknown", "wrong_site": "wrong_site"}.get(
                    str(reason), "package_voided"))
            return
        leg = package["route"].index(hub) + 1
        if leg <= package["leg"]:
            self.verdict.replay = True
            return
        if self.must(package["state"] in ("labelled", *COMING), "wrong_state"):
            self._unannounced(package)
            left_at = self.f["scanned_at"] if package["left_at"] is None else package["left_at"]
            package |= {"state": "handed_over", "leg": leg, "left_at": left_at}
