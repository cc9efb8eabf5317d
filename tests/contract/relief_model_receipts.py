"""What comes, or does not come, in the model."""
from __future__ import annotations

from collections.abc import Iterable

from tests.contract.relief_model_step import AHEAD, CALLED_OFF, COMING, Fields, Record, Step

Counts = list[int]
"""good, short, damaged, refused"""
NAMES = ("good", "short", "damaged", "refused")
THREE_DAYS = 72 * 3600


class Receipts(Step):
    """Receipts, corrections, losses, arrivals and differences."""

    def receive_package(self) -> None:
        package = self.get("package", self.f["package_id"])
        if self.op in self.world.done:
            self.verdict.replay = True
            return
        self.must(self.f["scanned_at"] <= self.at + AHEAD, "time_out_of_range")
        here = (self.who.code6, self.f["site"])
        queued = bool(self.f.get("queued"))
        if package is None:
            self._unfit(here, "unknown", queued, "label_unknown")
        elif package["state"] in CALLED_OFF:
            self._unfit(here, package["state"], queued, "package_voided", *_elsewhere(package, here))
        elif package["to"] != here:
            self._unfit(here, "wrong_site", queued, *_elsewhere(package, here))
        elif self.f["label_serial"] > package["serial"] and (queued or package["state"] != "received"):
            self._unfit(here, "unknown", queued, "label_unknown")
        else:
            self._receive(package, queued)

    def _unfit(self, here: tuple[str, str], reason: str, queued: bool, *codes: str) -> None:
        if queued:
            self._arrive(here, reason)
        else:
            self.verdict.no(*codes)

    def _receive(self, package: Record, queued: bool) -> None:
        lines = {line["dispatch_id"]: [line.get(name, 0) for name in NAMES] for line in self.f["lines"]}
        surplus = sum(line["quantity"] for line in self.f.get("surplus", ()))
        if queued:
            counts, beyond = _fitted(package["lines"], lines)
            surplus += beyond
        elif self.must(lines.keys() == {dispatch_id for dispatch_id, _ in package["lines"]}, "bad_argument"):
            counts = [lines[dispatch_id] for dispatch_id, _ in package["lines"]]
        else:
            return
        if package["state"] == "received":
            self._again(package, counts, surplus, queued)
            return
        self.must(all(sum(line) == number for line, (_, number) in zip(counts, package["lines"])), "count_mismatch")
        self.must(self.f["label_serial"] == package["serial"] or queued or bool(self.f.get("accept_superseded")),
                  "label_superseded")
        self._unannounced(package)
        package |= {"state": "received", "counts": counts, "surplus": surplus}
        differs = bool(surplus)
        for (dispatch_id, _), line in zip(package["lines"], counts):
            self._lower(dispatch_id, sum(line[1:]))
            differs = differs or bool(sum(line[1:]))
        if differs:
            self._differ("count")

    def _again(self, package: Record, counts: list[Counts], surplus: int, queued: bool) -> None:
        if (package["counts"], package["surplus"]) == (counts, surplus):
            self.verdict.replay = True
        elif queued:
            self.verdict.records.clear()
            self._differ("conflicting_scan")
        else:
            self.verdict.no("already_received")

    def _differ(self, kind: str, record_id: str = "") -> None:
        self.new("discrepancy", record_id or self.op, kind=kind, state="open", package=self.f["package_id"])

    def correct_receipt(self) -> None:
        self.must(self.who.account in self.f["signed_by"], "key_required")
        package = self.get("package", self.f["package_id"])
        if not self.must(package is not None, "label_unknown") or package is None:
            return
        self.mine(*package["to"])
        if not self.must(package["state"] == "received", "wrong_state"):
            return
        lines = {line["dispatch_id"]: [line.get(name, 0) for name in NAMES] for line in self.f["lines"]}
        if not self.must(lines.keys() == {dispatch_id for dispatch_id, _ in package["lines"]}, "bad_argument"):
            return
        self.must(all(sum(lines[dispatch_id]) == number for dispatch_id, number in package["lines"]), "count_mismatch")
        counts, surplus = [], package["surplus"]
        for (dispatch_id, _), before in zip(package["lines"], package["counts"]):
            after, beyond = self._recount(dispatch_id, before, lines[dispatch_id])
            counts.append(after)
            surplus += beyond
        package |= {"counts": counts, "surplus": surplus}
        self._differ("count", self.f["correction_id"])

    def _recount(self, dispatch_id: str, before: Counts, after: Counts) -> tuple[Counts, int]:
        """What is found beyond what the need still lacks stays missing, and is surplus."""
        need = self.get("need", self.world.records["dispatch", dispatch_id]["need"])
        if need is None:
            return after, 0
        beyond = max(0, after[0] - before[0] - (need["quantity"] - need["committed"]))
        need["committed"] += after[0] - before[0] - beyond
        kept, left = [after[0] - beyond, *after[1:]], beyond
        for place in (1, 2, 3):
            back = min(left, max(0, before[place] - after[place]))
            kept[place] += back
            left -= back
        return kept, beyond

    def report_lost(self) -> None:
        package = self.get("package", self.f["package_id"])
        if not self.must(package is not None, "label_unknown") or package is None:
            return
        receives = self.who.role in "AC" and package["to"][0] == self.who.code6
        self.must(receives or self._sends(package["lines"]), "foreign_record")
        late = package["left_at"] is not None and self.at >= package["left_at"] + THREE_DAYS
        if self.must(package["state"] in COMING and late, "wrong_state"):
            self._gone(self.f["package_id"], "lost")
            self._differ("lost")

    def record_arrival(self) -> None:
        here = (self.who.code6, self.f["site"])
        self.must(self.f["scanned_at"] <= self.at + AHEAD, "time_out_of_range")
        if not self.must(here in self.world.sites, "not_found"):
            return
        self.new("arrival", self.f["arrival_id"], reason=self.f["reason"])
        package_id = self.f.get("label_seen")
        package = self.world.records.get(("package", package_id)) if package_id else None
        if package_id and package is None:
            self._found(package_id, "unknown_label", here)
        elif package and package["state"] in CALLED_OFF:
            self._found(package_id, "recalled_arrived", here)
        elif package and package["to"] != here:
            self._found(package_id, "wrong_site", here)

    def _found(self, package_id: str, kind: str, where: tuple[str, str]) -> None:
        self.new("discrepancy", self.op, kind=kind, state="open", package=package_id, where=where)

    def acknowledge_discrepancy(self) -> None:
        self._settle("open", "acknowledged")

    def resolve_discrepancy(self) -> None:
        self._settle("acknowledged", "resolved")

    def _settle(self, before: str, after: str) -> None:
        discrepancy = self.get("discrepancy", self.f["discrepancy_id"])
        if not self.must(discrepancy is not None and discrepancy["package"] == self.f["package_id"], "not_found"):
            return
        package = self.world.records.get(("package", self.f["package_id"]))
        if discrepancy is None:
            return
        if after == "acknowledged" and package is not None:
            self.must(self._sends(package["lines"]), "foreign_record")
        elif package is None or discrepancy["kind"] == "wrong_site":
            self.mine(*discrepancy["where"])
        else:
            self.mine(*package["to"])
        self.must(discrepancy["state"] == before, "wrong_state")
        discrepancy["state"] = after


def _elsewhere(package: Record, here: tuple[str, str]) -> Iterable[str]:
    if package["to"][0] != here[0]:
        yield "foreign_record"
    elif package["to"] != here:
        yield "wrong_site"


def _fitted(lines: list[tuple[str, int]], found: Fields) -> tuple[list[Counts], int]:
    """Counts that were found, made to fit what the box holds; and how much was found beyond that."""
    if not found:
        return [[number, 0, 0, 0] for _, number in lines], 0
    counts, held = [], 0
    for dispatch_id, number in lines:
        good, _, damaged, refused = found.get(dispatch_id, (0, 0, 0, 0))
        good = min(good, number)
        damaged = min(damaged, number - good)
        refused = min(refused, number - good - damaged)
        counts.append([good, number - good - damaged - refused, damaged, refused])
        held += good + damaged + refused
    return counts, sum(good + damaged + refused for good, _, damaged, refused in found.values()) - held
