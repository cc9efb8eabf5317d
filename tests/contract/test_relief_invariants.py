"""Thousands of random commands, in blocks of random size: the invariants hold after every block."""
from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any, Callable

import pytest
from moyai_client.errors import Refused
from moyai_client.ledger import Prepared
from moyai_contracts.api import Command
from moyai_contracts.api.relief import (
    AcknowledgeDiscrepancy, CancelDispatch, ChangeNeed, ChangeOffer, CloseNeed, ConfirmNeeds, DeclineDispatch,
    IssueLabel, ReceivedLine, ReceivePackage, RegisterNeed, ReopenNeed, RequestDispatch, ResolveDiscrepancy,
    SetSiteStatus, ShipConsignment, ShippedLine, ShippedPackage, SurplusLine, WithdrawOffer)
from moyai_shim.composite_key import split_composite_key

from tests.contract import authority_audit
from tests.contract.channel import NANAO
from tests.contract.relief_audit import Audit
from tests.contract.relief_story import MemoryStory
from tests.contract.scene import ulid

Act = tuple[str, Command]
COMMANDS = 1500
SEEDS = 8


class Chance:
    """Draws commands on what the audit saw; most could go, many are late, wrong or in each other's way."""

    def __init__(self, story: MemoryStory, seed: int) -> None:
        self.random = random.Random(seed)
        self.story = story
        self.audit = Audit()
        self.tally: Counter[str] = Counter()

    def draw(self) -> Act:
        """A random person's random command."""
        makers: list[tuple[int, Callable[[], Act]]] = [
            (6, self.register_need), (6, self.register_offer), (30, self.request), (12, self.ship),
            (16, self.receive), (5, self.cancel), (4, self.decline), (3, self.label), (4, self.change_need),
            (4, self.change_offer), (1, self.withdraw), (2, self.close), (2, self.reopen), (4, self.acknowledge),
            (4, self.resolve), (1, self.status), (1, self.confirm)]
        (maker,) = self.random.choices([make for _, make in makers], [weight for weight, _ in makers])
        return maker()

    def one(self, kind: str) -> tuple[tuple[str, ...], dict[str, Any]]:
        """A document out of the latest ones, so that commands meet on few."""
        latest = list(self.audit.kinds[kind].items())[-12:]
        return self.random.choice(latest) if latest else (("0" * 26,) * 2, {})

    def who(self, *names: str) -> str:
        return self.random.choice(names)

    def register_need(self) -> Act:
        lines = tuple(self.story.need_line(self.random.randint(1, 200))
                      for _ in range(self.random.randint(1, 3)))
        return self.who("clerk", "shelter", "admin"), RegisterNeed(lines)

    def register_offer(self) -> Act:
        aimed = self.one("need")[0][0] if self.random.random() < 0.3 else None
        command = self.story.offering(self.random.randint(1, 300), aimed_at=aimed)
        return self.who("supporter", "islander", "sender"), command

    def request(self) -> Act:
        lines = []
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            need, offer = self.one("need")[0][0], self.one("offer")[0][0]
            extra: dict[str, Any] = {}
            if self.random.random() < 0.1:
                need = ulid()
                extra["new_need"] = self.story.need_line(self.random.randint(1, 100), need_id=need)
            lines.append(self.story.line(need, offer, self.random.randint(1, 60), **extra))
        return self.who("clerk", "shelter", "admin"), RequestDispatch(tuple(lines))

    def box(self, *states: str) -> tuple[str, dict[str, Any]]:
        """A box, mostly one in these states."""
        fitting = [(parts, box) for parts, box in self.audit.kinds["package"].items() if box["state"] in states]
        chosen = fitting[-8:] if self.random.random() < 0.9 else []
        (package_id, *_), box = self.random.choice(chosen) if chosen else self.one("package")
        nothing = {"lines": [], "to": {"site": self.story.cast.shelter}, "label_serial": 1}
        return (package_id, box) if box else ("P00000000000", nothing)

    def sender(self, box: dict[str, Any]) -> str:
        accounts = {self.story[name].account: name for name in ("supporter", "islander", "sender")}
        for line in box["lines"]:
            return accounts[self.audit.kinds["dispatch"][line["need_id"], line["dispatch_id"]]["supporter"]]
        return "supporter"

    def ship(self) -> Act:
        packages = {}
        name = "supporter"
        for _ in range(self.random.choice((1, 1, 2, 3))):
            package_id, box = self.box("labelled")
            name = self.sender(box)
            less = self.random.random() < 0.3
            packages[package_id] = ShippedPackage(package_id, tuple(
                ShippedLine(line["dispatch_id"], self.random.randint(0, line["quantity"] + 2))
                for line in box["lines"]) or None if less else None)
        command = ShipConsignment(ulid(), tuple(packages.values()), "yamato")
        return name, command

    def receive(self) -> Act:
        package_id, box = self.box(*(("shipped", "labelled") if self.random.random() < 0.8 else ("received",)))
        lines = []
        for line in box["lines"]:
            parts = [line["quantity"], 0, 0, 0]
            if self.random.random() < 0.4:
                for place in (1, 2, 3):
                    part = self.random.randint(0, parts[0])
                    parts[0], parts[place] = parts[0] - part, part
            lines.append(ReceivedLine(line["dispatch_id"], *parts))
        too_much = SurplusLine(self.random.randint(1, 9), item=self.story.cast.water)
        surplus = (too_much,) if self.random.random() < 0.1 else None
        command = ReceivePackage(
            package_id, self.random.choice((box["label_serial"], box["label_serial"], 1)),
            tuple(lines) or (ReceivedLine("0" * 26, 1),), self.story.channel.now - self.random.randint(0, 99),
            box["to"]["site"], surplus, self.random.random() < 0.3 or None, self.random.random() < 0.3 or None)
        return self.who("clerk", "shelter", "school"), command

    def dispatch(self) -> tuple[str, str, dict[str, Any]]:
        waiting = [(parts, dispatch) for parts, dispatch in self.audit.kinds["dispatch"].items()
                   if dispatch["state"] == "requested"]
        (need_id, dispatch_id), dispatch = self.random.choice(waiting[-8:]) if waiting else self.one("dispatch")
        return need_id, dispatch_id, dispatch

    def cancel(self) -> Act:
        need_id, dispatch_id, _ = self.dispatch()
        return self.who("clerk", "shelter"), CancelDispatch(need_id, dispatch_id, "不要になりました")

    def decline(self) -> Act:
        need_id, dispatch_id, dispatch = self.dispatch()
        accounts = {self.story[name].account: name for name in ("supporter", "islander", "sender")}
        return accounts.get(dispatch.get("supporter", ""), "supporter"), DeclineDispatch(need_id, dispatch_id, "在庫なし")

    def label(self) -> Act:
        package_id, box = self.box("labelled", "shipped")
        return self.who("clerk", self.sender(box)), IssueLabel(package_id)

    def change_need(self) -> Act:
        (need_id, *_), need = self.one("need")
        return "clerk", ChangeNeed(need_id, need.get("rev", 1), self.random.randint(1, 200))

    def change_offer(self) -> Act:
        (offer_id, *_), offer = self.one("offer")
        return self.who("supporter", "islander", "colleague"), ChangeOffer(
            offer_id, offer.get("rev", 1), self.random.randint(1, 300))

    def withdraw(self) -> Act:
        (offer_id, *_), offer = self.one("offer")
        return self.who("supporter", "islander", "colleague"), WithdrawOffer(offer_id, offer.get("rev", 1))

    def close(self) -> Act:
        (need_id, *_), need = self.one("need")
        return "clerk", CloseNeed(need_id, "enough", need.get("rev", 1))

    def reopen(self) -> Act:
        closed = [(parts, need) for parts, need in self.audit.kinds["need"].items() if need["state"] == "closed"]
        (need_id, *_), need = self.random.choice(closed) if closed else self.one("need")
        return "clerk", ReopenNeed(need_id, need.get("rev", 1))

    def acknowledge(self) -> Act:
        (package_id, discrepancy_id), _ = self.one("discrepancy")
        if package_id[0] != "P":
            return "supporter", AcknowledgeDiscrepancy("P00000000000", discrepancy_id)
        return self.sender(self.audit.kinds["package"][(package_id,)]), AcknowledgeDiscrepancy(
            package_id, discrepancy_id)

    def resolve(self) -> Act:
        (package_id, discrepancy_id), _ = self.one("discrepancy")
        return "clerk", ResolveDiscrepancy(
            package_id if package_id[0] == "P" else "P00000000000", discrepancy_id, "written_off")

    def status(self) -> Act:
        return "shelter", SetSiteStatus(NANAO, self.story.cast.shelter, True, self.random.randint(0, 500))

    def confirm(self) -> Act:
        return "shelter", ConfirmNeeds(NANAO, self.story.cast.shelter)

    def play(self, count: int) -> None:
        """Draws commands, some of which wait for the same block; losers try once more in the next one."""
        ledger = self.story.channel.ledger
        for block in ledger.blocks:
            self.audit.read(block)
        again: list[Act] = []
        while count > 0:
            acts = again + [self.draw() for _ in range(self.random.randint(1, 12))]
            count -= len(acts)
            self.story.channel.advance(self.random.randint(0, 120))
            ready = [(prepared, act) for act in acts if (prepared := self.prepare(act)) is not None]
            codes = self.story.commit(*(prepared for prepared, _ in ready))
            again = [act for code, (_, act) in zip(codes, ready) if code != "VALID"]
            self.audit.read(ledger.blocks[-1])
            self.audit.check()

    def prepare(self, act: Act) -> Prepared | None:
        """The endorsed command; nothing where it was refused or done before."""
        try:
            prepared = self.story.prepare(*act)
        except Refused as refusal:
            self.tally[refusal.code] += 1
            return None
        if prepared.replayed:
            self.tally["replayed"] += 1
            return None
        return prepared


@pytest.mark.parametrize("seed", range(SEEDS))
def test_s12_invariants_hold_after_every_block(memory_story: MemoryStory, seed: int) -> None:
    chance = Chance(memory_story, seed)
    chance.play(COMMANDS)
    audit = chance.audit
    assert audit.codes["VALID"] > COMMANDS / 4 and audit.codes["MVCC_READ_CONFLICT"] > COMMANDS / 20
    assert audit.codes.keys() == {"VALID", "MVCC_READ_CONFLICT"}
    assert {"offer_short", "need_covered", "below_committed"} <= chance.tally.keys()
    for name in ("request_dispatch", "ship_consignment", "receive_package", "cancel_dispatch", "decline_dispatch",
                 "withdraw_offer", "reopen_need", "resolve_discrepancy"):
        assert audit.valid[f"relief.{name}"], name
    _same_as_state(chance)
    authority_audit.Audit().read(memory_story.channel.transactions())
    for need_id, *_ in list(audit.kinds["need"])[-20:]:
        answer = memory_story.check_need(need_id)
        assert answer["agrees"] and answer["committed"] == audit.kinds["need"][(need_id,)]["committed"]


def _same_as_state(chance: Chance) -> None:
    """What the valid writes add up to is the state."""
    state = {}
    for key, value in chance.story.state.items():
        object_type, parts = split_composite_key(key)
        context, kind = object_type.split(".")
        if context == "relief":
            state[kind, tuple(parts[1:])] = json.loads(value)
    assert state == {(kind, parts): document for kind, documents in chance.audit.kinds.items()
                     for parts, document in documents.items()}
