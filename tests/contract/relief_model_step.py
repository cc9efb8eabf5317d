"""One command on its way through the model: records as it leaves them, and every refusal that fits it."""
from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
Fields = dict[str, Any]
COMING, CALLED_OFF = ("shipped", "handed_over"), ("voided", "recalled", "lost")
KINDS_OF_ARRIVAL = {"unknown": "unknown_label", "wrong_site": "wrong_site"} | dict.fromkeys(
    CALLED_OFF, "recalled_arrived")
AHEAD = 900


@dataclass(frozen=True)
class Who:
    """Who acts; `site` is empty for an office that covers the whole municipality. `colleagues` are the accounts whose
    offers are the office's too."""

    account: str
    code6: str
    role: str
    site: str = ""
    colleagues: frozenset[str] = frozenset()


@dataclass
class Verdict:
    """Refusals that fit; none: it goes, with `records` (kind and id → record), or `replay`: it was done before."""

    codes: set[str] = field(default_factory=set)
    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    replay: bool = False

    def no(self, *codes: str) -> Verdict:
        self.codes.update(codes)
        return self


@dataclass
class World:
    """Records of one scope by kind and id. `sites` exist, `open_sites` take boxes, both as municipality and site;
    `done` are the operations that were committed."""

    sites: set[tuple[str, str]]
    open_sites: set[tuple[str, str]]
    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    def of(self, kind: str) -> dict[str, Record]:
        """Id → record."""
        return {record_id: record for (found_kind, record_id), record in self.records.items() if found_kind == kind}


class Step:
    """What all commands have in common."""

    def __init__(self, world: World, who: Who, fields: Fields, op: str, at: int) -> None:
        self.world, self.who, self.f, self.op, self.at = world, who, fields, op, at
        self.verdict = Verdict()

    def get(self, kind: str, record_id: str) -> Record | None:
        """A record to change, as this command has left it so far."""
        key = (kind, record_id)
        if key not in self.verdict.records and key in self.world.records:
            self.verdict.records[key] = deepcopy(self.world.records[key])
        return self.verdict.records.get(key)

    def new(self, kind: str, record_id: str, /, **members: Any) -> None:
        """A record that must not be there yet."""
        if (kind, record_id) in self.world.records or (kind, record_id) in self.verdict.records:
            self.verdict.no("id_reused")
        self.verdict.records[kind, record_id] = members

    def must(self, condition: bool, code: str) -> bool:
        """Notes the refusal where the condition does not hold."""
        if not condition:
            self.verdict.no(code)
        return condition

    def mine(self, code6: str, site: str) -> bool:
        """The actor's office covers the place."""
        return self.must(self.who.code6 == code6 and self.who.site in ("", site), "foreign_record")

    def current(self) -> None:
        """The page that it comes from was not too old."""
        self.must(self.f.get("rev") == self.f.get("current_rev"), "stale_revision")

    def _sends(self, lines: Iterable[tuple[str, int]]) -> bool:
        offers = [self.world.records["offer", self.world.records["dispatch", dispatch_id]["offer"]]
                  for dispatch_id, _ in lines]
        return all(self.sends(offer["supporter"]) for offer in offers)

    def sends(self, supporter: str) -> bool:
        """Whether the actor may act for a supporter."""
        return supporter == self.who.account or supporter in self.who.colleagues

    def _give_back(self, dispatch: Record, quantity: int, *, withdrawn: int) -> None:
        need, offer = self.get("need", dispatch["need"]), self.get("offer", dispatch["offer"])
        if need and offer:
            need["committed"] -= quantity
            offer["requested"] -= quantity
            offer["withdrawn"] += withdrawn

    def _take_out(self, package_id: str, dispatch_id: str) -> None:
        package = self.get("package", package_id)
        if package is None or not self.must(package["state"] == "labelled", "wrong_state"):
            return
        others = [line for line in package["lines"] if line[0] != dispatch_id]
        package |= {"lines": others, "serial": min(package["serial"] + 1, 99)} if others else {"state": "voided"}

    def _gone(self, package_id: str, state: str) -> None:
        package = self.get("package", package_id)
        if package:
            package["state"] = state
            for dispatch_id, number in package["lines"]:
                self._lower(dispatch_id, number)

    def _lower(self, dispatch_id: str, number: int) -> None:
        need = self.get("need", self.world.records["dispatch", dispatch_id]["need"])
        if need:
            need["committed"] -= number

    def _unannounced(self, package: Record) -> None:
        for dispatch_id, _ in package["lines"] if package["state"] == "labelled" else ():
            dispatch = self.get("dispatch", dispatch_id)
            if dispatch and dispatch["state"] == "requested":
                dispatch |= {"state": "shipped", "shipped": dispatch["quantity"] - dispatch["released"]}

    def _arrive(self, place: tuple[str, str], reason: str) -> None:
        if not self.must(place in self.world.sites, "not_found"):
            return
        self.verdict.records.pop(("package", self.f["package_id"]), None)
        self.new("arrival", self.op, reason=reason)
        self.new("discrepancy", self.op, kind=KINDS_OF_ARRIVAL[reason], state="open", package=self.f["package_id"],
                 where=place)
