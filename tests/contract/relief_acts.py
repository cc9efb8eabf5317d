"""What anybody might send next: a command on records that there are, seldom on ones that there are not."""
from __future__ import annotations

import random
from typing import Any

from moyai_contracts.api import Command
from moyai_contracts.api.relief import (
    AcknowledgeDiscrepancy, ApproveDispatch, ApprovedLine, CancelDispatch, ChangeNeed, ChangeOffer, CloseNeed,
    ConfirmNeeds, CorrectReceipt, DeclineDispatch, HandOverPackage, IssueLabel, PackedLine, PackedPackage, Place,
    ProposeDispatch, ProposedLine, RecallDispatch, ReceivedLine, ReceivePackage, RecordArrival, RedirectPackage,
    RegisterNeed, RejectDispatch, ReopenNeed, RepackDispatch, ReportLost, RequestDispatch, ResolveDiscrepancy,
    SetIntake, SetSiteStatus, ShipConsignment, ShippedLine, ShippedPackage, SurplusLine, WithdrawOffer)

from tests.contract.channel import NANAO
from tests.contract.relief_model import ALLOWED, Model
from tests.contract.relief_model_step import COMING, Record
from tests.contract.relief_story import Story
from tests.contract.scene import ulid

Made = tuple[str, Command, dict[str, Any]]
NAMES = tuple(ALLOWED)
OFFICE, SENDERS = ("clerk", "admin", "deputy"), ("supporter", "islander", "sender")


class Acts:
    """One method a transaction: who sends it, the command, and what the model must know besides."""

    def __init__(self, story: Story, model: Model, chance: random.Random) -> None:
        self.story, self.model, self.chance = story, model, chance
        self.cast = story.cast

    # Choosing

    def _who(self, *names: str) -> str:
        """Mostly somebody who might."""
        everybody = ("clerk", "shelter", "hub", "oshima_clerk", "neighbour", "supporter")
        return self.chance.choice(names if self.chance.random() < 0.93 else everybody)

    def _one(self, kind: str, *states: str) -> tuple[str, Record]:
        """A record, mostly out of the latest in these states."""
        records = self.model.of(kind)
        fitting = [found for found in records.items() if not states or found[1]["state"] in states]
        latest = (fitting if fitting and self.chance.random() < 0.92 else list(records.items()))[-8:]
        if not latest or self.chance.random() < 0.02:
            nothing: Record = {"state": "", "lines": [], "packages": [], "to": (NANAO, self.cast.shelter), "serial": 1,
                               "route": [], "quantity": 1, "need": ulid(), "item": self.cast.water, "package": "",
                               "code6": NANAO}
            return (self.story.package_id() if kind == "package" else ulid()), nothing
        return self.chance.choice(latest)

    def _sender(self, *records: Record) -> str:
        """Who sends what is in a box."""
        names = {self.story[name].account: name for name in SENDERS}
        for record in records:
            for dispatch_id, _ in record["lines"]:
                offer = self.model.records["offer", self.model.records["dispatch", dispatch_id]["offer"]]
                return self._who("colleague" if names[offer["supporter"]] == "sender" else names[offer["supporter"]])
        return self._who(*SENDERS)

    def _rev(self, kind: str, record_id: str) -> dict[str, int]:
        """The revision as it is, and as the page shows it."""
        if (kind, record_id) not in self.model.records:
            return {"rev": 1, "current_rev": 1}
        rev = self.story.query(f"relief.get_{kind}", **{f"{kind}_id": record_id})["rev"]
        return {"rev": rev if self.chance.random() < 0.92 else rev + 1, "current_rev": rev}

    def _scanned(self) -> int:
        return self.story.channel.now - self.chance.choice((0, 30, 600)) + self.chance.choice((0,) * 30 + (5000,))

    def _split(self, quantity: int) -> list[int]:
        parts = [quantity, 0, 0, 0]
        for place in (1, 2, 3) if self.chance.random() < 0.4 else ():
            part = self.chance.randint(0, parts[0])
            parts[0], parts[place] = parts[0] - part, parts[place] + part
        if self.chance.random() < 0.04:
            parts[0] += 1
        return parts

    # Sites, needs, offers

    def set_site_status(self) -> Made:
        return self._who("shelter", "clerk"), SetSiteStatus(NANAO, self.cast.shelter, True, 10), {}

    def confirm_needs(self) -> Made:
        return self._who("shelter", "clerk"), ConfirmNeeds(NANAO, self.cast.shelter), {}

    def set_intake(self) -> Made:
        stopped = self.chance.random() < 0.3
        item = self.chance.choice((self.cast.water, "*"))
        return self.chance.choice(OFFICE), SetIntake(item, stopped, "2099-01-01" if stopped else None), {}

    def register_need(self) -> Made:
        lines = tuple(self.story.need_line(self.chance.randint(1, 150)) for _ in range(self.chance.randint(1, 2)))
        return self._who("shelter", *OFFICE), RegisterNeed(lines), {}

    def change_need(self) -> Made:
        need_id, _ = self._one("need")
        rev = self._rev("need", need_id)
        return self._who("clerk"), ChangeNeed(need_id, rev["rev"], self.chance.randint(1, 150)), rev

    def close_need(self) -> Made:
        need_id, _ = self._one("need", "open")
        rev = self._rev("need", need_id)
        return self._who("clerk"), CloseNeed(need_id, "enough", rev["rev"]), rev

    def reopen_need(self) -> Made:
        need_id, _ = self._one("need", "closed")
        rev = self._rev("need", need_id)
        return self._who("clerk"), ReopenNeed(need_id, rev["rev"]), rev

    def register_offer(self) -> Made:
        aimed = self._one("need", "open")[0] if self.chance.random() < 0.3 else None
        named = {"item_name": "水", "category": "food"} if aimed is None and self.chance.random() < 0.2 else {}
        offer = self.story.offering(self.chance.randint(1, 200), aimed_at=aimed, **named)
        return self.chance.choice(SENDERS), offer, {}

    def change_offer(self) -> Made:
        offer_id, _ = self._one("offer", "open")
        rev = self._rev("offer", offer_id)
        return self._who(*SENDERS, "colleague"), ChangeOffer(offer_id, rev["rev"], self.chance.randint(1, 250)), rev

    def withdraw_offer(self) -> Made:
        offer_id, _ = self._one("offer", "open")
        rev = self._rev("offer", offer_id)
        return self._who(*SENDERS, "colleague"), WithdrawOffer(offer_id, rev["rev"]), rev

    # Dispatches

    def _terms(self) -> dict[str, Any]:
        """What a request and a proposal say."""
        offer_id, offer = self._one("offer", "open")
        terms = {"dispatch_id": ulid(), "offer_id": offer_id, "quantity": self.chance.randint(1, 60),
                 "need_id": self._one("need", "open")[0]}
        if offer.get("item") is None and self.chance.random() < 0.9:
            terms["mapped_item"] = self.cast.water
        if self.chance.random() < 0.15:
            need = self.story.need_line(self.chance.randint(1, 80))
            terms |= {"need_id": need.need_id, "new_need": need}
        if self.chance.random() < 0.5:
            terms["route"] = (Place(NANAO, self.cast.hub),)
        return terms

    def request_dispatch(self) -> Made:
        lines = tuple(self.story.line(**self._terms()) for _ in range(self.chance.choice((1, 1, 2))))
        return self._who("shelter", *OFFICE), RequestDispatch(lines), {}

    def propose_dispatch(self) -> Made:
        return self._who("shelter"), ProposeDispatch((ProposedLine(**self._terms()),)), {}

    def approve_dispatch(self) -> Made:
        dispatch_id, dispatch = self._one("dispatch", "proposed")
        quantity = self.chance.choice((None, self.chance.randint(1, dispatch["quantity"] + 1)))
        line = ApprovedLine(dispatch["need"], dispatch_id, self.story.package_id(), quantity)
        return self._who(*OFFICE), ApproveDispatch((line,)), {}

    def reject_dispatch(self) -> Made:
        dispatch_id, dispatch = self._one("dispatch", "proposed")
        return self._who(*OFFICE), RejectDispatch(dispatch["need"], dispatch_id, "不要"), {}

    def cancel_dispatch(self) -> Made:
        dispatch_id, dispatch = self._one("dispatch", "requested")
        return self._who("shelter", *OFFICE), CancelDispatch(dispatch["need"], dispatch_id, "不要"), {}

    def decline_dispatch(self) -> Made:
        dispatch_id, dispatch = self._one("dispatch", "requested")
        lines = {"lines": [(dispatch_id, 0)] if dispatch["state"] else []}
        return self._sender(lines), DeclineDispatch(dispatch["need"], dispatch_id, "なし"), {}

    def recall_dispatch(self) -> Made:
        dispatch_id, dispatch = self._one("dispatch", "shipped")
        return self._who(*OFFICE), RecallDispatch(dispatch["need"], dispatch_id, "通行止め"), {}

    # Boxes

    def issue_label(self) -> Made:
        package_id, box = self._one("package", "labelled", *COMING)
        return self._who("clerk", self._sender(box)), IssueLabel(package_id), {}

    def repack_dispatch(self) -> Made:
        boxes = dict(self._one("package", *self.chance.choice((("labelled",), ("handed_over",))))
                     for _ in range(self.chance.choice((1, 1, 2))))
        held: dict[str, int] = {}
        for box in boxes.values():
            for dispatch_id, number in box["lines"]:
                held[dispatch_id] = held.get(dispatch_id, 0) + number
        held = {dispatch_id: number for dispatch_id, number in held.items() if number} or {ulid(): 1}
        cut = {dispatch_id: self.chance.randint(0, number) for dispatch_id, number in held.items()}
        halves = [cut, {dispatch_id: number - cut[dispatch_id] for dispatch_id, number in held.items()}]
        new = tuple(PackedPackage(self.story.package_id(), tuple(
            PackedLine(dispatch_id, number) for dispatch_id, number in half.items() if number))
            for half in halves if any(half.values()))
        at_hub = any(box["state"] == "handed_over" for box in boxes.values())
        return self._who("hub" if at_hub else self._sender(*boxes.values())), RepackDispatch(tuple(boxes), new), {}

    def redirect_package(self) -> Made:
        package_id, _ = self._one("package", "labelled", *COMING)
        site = self.chance.choice((self.cast.school, self.cast.school, self.cast.shelter, self.cast.closed))
        return self._who(*OFFICE), RedirectPackage((package_id,), site, "閉鎖"), {}

    def ship_consignment(self) -> Made:
        boxes = dict(self._one("package", "labelled") for _ in range(self.chance.choice((1, 1, 2))))
        packages = tuple(ShippedPackage(package_id, tuple(
            ShippedLine(dispatch_id, self.chance.randint(0, number + 1)) for dispatch_id, number in box["lines"])
            or None if self.chance.random() < 0.3 else None) for package_id, box in boxes.items())
        return self._sender(*boxes.values()), ShipConsignment(ulid(), packages, "yamato"), {}

    def hand_over_package(self) -> Made:
        package_id, box = self._one("package", "shipped", "labelled")
        who = self._who("hub", "hub", self._sender(box))
        return who, HandOverPackage(package_id, NANAO, self.cast.hub, self._scanned(),
                                    self.chance.random() < 0.3 or None), {}

    # Receipts

    def receive_package(self) -> Made:
        package_id, box = self._one("package", *self.chance.choice(((*COMING, "labelled"),) * 4 + (("received",),)))
        lines = [ReceivedLine(dispatch_id, *self._split(number)) for dispatch_id, number in box["lines"]]
        if self.chance.random() < 0.05:
            lines = [ReceivedLine(ulid(), 3), *lines[1:]]
        surplus = (SurplusLine(self.chance.randint(1, 9), self.cast.water),) if self.chance.random() < 0.1 else None
        queued = self.chance.random() < 0.35 or None
        if queued and self.chance.random() < 0.2:
            lines = []
        site = box["to"][1] if self.chance.random() < 0.93 else self.cast.school
        serial = self.chance.choice((box["serial"],) * 6 + (1, min(box["serial"] + 1, 99)))
        return self._who("shelter", "school", *OFFICE), ReceivePackage(
            package_id, serial, tuple(lines), self._scanned(), site, surplus, queued,
            self.chance.random() < 0.3 or None), {}

    def correct_receipt(self) -> Made:
        package_id, box = self._one("package", "received")
        lines = tuple(ReceivedLine(dispatch_id, *self._split(number)) for dispatch_id, number in box["lines"])
        return self._who("deputy", "admin"), CorrectReceipt(
            package_id, ulid(), lines or (ReceivedLine(ulid(), 1),), "訂正"), {}

    def report_lost(self) -> Made:
        package_id, box = self._one("package", *COMING)
        return self._who("clerk", self._sender(box)), ReportLost(package_id), {}

    def record_arrival(self) -> Made:
        package_id, _ = self._one("package", "recalled", "lost", "voided", "shipped")
        label = self.chance.choice((None, package_id))
        return self._who("shelter", "school", "clerk"), RecordArrival(
            ulid(), self.cast.shelter, (), "other", self._scanned(), label), {}

    def acknowledge_discrepancy(self) -> Made:
        discrepancy_id, discrepancy = self._one("discrepancy", "open")
        package_id = discrepancy["package"] or self.story.package_id()
        box = self.model.records.get(("package", package_id))
        who = self._sender(box) if box else self._who("clerk")
        return who, AcknowledgeDiscrepancy(package_id, discrepancy_id), {}

    def resolve_discrepancy(self) -> Made:
        discrepancy_id, discrepancy = self._one("discrepancy", "acknowledged")
        package_id = discrepancy["package"] or self.story.package_id()
        return self._who(*OFFICE), ResolveDiscrepancy(package_id, discrepancy_id, "written_off"), {}
