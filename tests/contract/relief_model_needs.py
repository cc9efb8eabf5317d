"""Sites, needs, intake and offers in the model."""
from __future__ import annotations

from tests.contract.relief_model_step import Fields, Record, Step


class Needs(Step):
    """Sites, needs, intake and offers in the model."""

    def set_site_status(self) -> None:
        self.mine(self.f["code6"], self.f["site"])

    confirm_needs = set_site_status

    def set_intake(self) -> None:
        self.verdict.records["intake", self.f["item"]] = {"stopped": self.f["stopped"]}

    def register_need(self) -> None:
        for line in self.f["needs"]:
            self._need(line)

    def _need(self, line: Fields) -> None:
        self.must((self.who.code6, line["site"]) in self.world.sites, "not_found")
        self.must(self.who.site in ("", line["site"]), "foreign_record")
        self.new("need", line["need_id"], code6=self.who.code6, site=line["site"], item=line["item"],
                 quantity=line["quantity"], committed=0, state="open")

    def change_need(self) -> None:
        need = self.get("need", self.f["need_id"])
        if need is None:
            self.verdict.no("not_found")
            return
        self.current()
        self.mine(need["code6"], need["site"])
        self.must(need["state"] == "open", "wrong_state")
        self.must(self.f["quantity"] >= need["committed"], "below_committed")
        need["quantity"] = self.f["quantity"]

    def close_need(self) -> None:
        need = self.get("need", self.f["need_id"])
        if self.must(need is not None, "not_found") and need:
            self.mine(need["code6"], need["site"])
            self.must(need["state"] == "open", "wrong_state")
            self.current()
            need["state"] = "closed"

    def reopen_need(self) -> None:
        need = self.get("need", self.f["need_id"])
        if self.must(need is not None, "not_found") and need:
            self.mine(need["code6"], need["site"])
            self.must(need["state"] == "closed", "wrong_state")
            self.current()
            need["state"] = "open"

    def register_offer(self) -> None:
        need = self.get("need", self.f["aimed_at"]) if "aimed_at" in self.f else None
        if "aimed_at" in self.f:
            if self.must(need is not None, "not_found") and need:
                self.must(need["state"] == "open", "wrong_state")
                self.must(need["item"] == self.f.get("item"), "item_mismatch")
                stops = [self.world.records.get(("intake", item)) for item in (need["item"], "*")]
                self.must(not any(stop and stop["stopped"] for stop in stops), "intake_stopped")
                del self.verdict.records["need", self.f["aimed_at"]]
        self.new("offer", self.f["offer_id"], supporter=self.who.account, item=self.f.get("item"),
                 quantity=self.f["quantity"], withdrawn=0, requested=0, state="open")

    def _own_offer(self) -> Record | None:
        offer = self.get("offer", self.f["offer_id"])
        if self.must(offer is not None, "not_found") and offer:
            self.must(self.sends(offer["supporter"]), "foreign_record")
            self.must(offer["state"] == "open", "wrong_state")
            self.current()
        return offer

    def change_offer(self) -> None:
        offer = self._own_offer()
        if offer:
            self.must(self.f["quantity"] >= offer["requested"] + offer["withdrawn"], "below_committed")
            offer["quantity"] = self.f["quantity"]

    def withdraw_offer(self) -> None:
        offer = self._own_offer()
        if offer:
            offer |= {"withdrawn": offer["quantity"] - offer["requested"], "state": "closed"}
