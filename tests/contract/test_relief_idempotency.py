"""The same command twice: the second time the earlier result, and nothing written."""
from __future__ import annotations

from typing import Any, Callable

import pytest
from moyai_contracts.api import TRANSACTIONS, Command
from moyai_contracts.api.relief import (
    AcknowledgeDiscrepancy, CancelDispatch, ChangeNeed, ChangeOffer, CloseNeed, ConfirmNeeds, DeclineDispatch,
    IssueLabel, NeedLine, RegisterNeed, ReopenNeed, RequestDispatch, ResolveDiscrepancy, SetSiteStatus, WithdrawOffer)

from tests.contract.relief_story import Story, offer_of, receipt, shipping
from tests.contract.relief_world import NANAO, SHELTER, WATER, Refused

Made = tuple[str, Command]


def _closed(story: Story) -> str:
    need = story.need()
    story.submit("clerk", CloseNeed(need, "enough", 1))
    return need


def _acknowledged(story: Story) -> tuple[str, str]:
    box, discrepancy = story.differing()
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, discrepancy))
    return box.package_id, discrepancy


MAKE: dict[str, Callable[[Story], Made]] = {
    "relief.set_site_status": lambda s: ("clerk", SetSiteStatus(NANAO, SHELTER, True, 77)),
    "relief.confirm_needs": lambda s: ("shelter", ConfirmNeeds(NANAO, SHELTER)),
    "relief.register_need": lambda s: ("clerk", RegisterNeed(tuple(
        NeedLine(s.world.ulid(), SHELTER, WATER, 5) for _ in range(3)))),
    "relief.change_need": lambda s: ("clerk", ChangeNeed(s.need(), 1, quantity=7)),
    "relief.close_need": lambda s: ("clerk", CloseNeed(s.need(), "enough", 1)),
    "relief.reopen_need": lambda s: ("clerk", ReopenNeed(_closed(s), 2)),
    "relief.register_offer": lambda s: ("supporter", offer_of(s.world.ulid(), 7)),
    "relief.change_offer": lambda s: ("supporter", ChangeOffer(s.offer(), 1, quantity=7)),
    "relief.withdraw_offer": lambda s: ("supporter", WithdrawOffer(s.offer(), 1)),
    "relief.request_dispatch": lambda s: ("clerk", RequestDispatch((s.line(
        need := s.world.ulid(), s.offer(), 5, new_need=NeedLine(need, SHELTER, WATER, 5)),))),
    "relief.decline_dispatch": lambda s: (
        "supporter", DeclineDispatch((b := s.request()).need_id, b.dispatch_id, "なし")),
    "relief.cancel_dispatch": lambda s: ("clerk", CancelDispatch((b := s.request()).need_id, b.dispatch_id, "不要")),
    "relief.issue_label": lambda s: ("supporter", IssueLabel(s.request().package_id)),
    "relief.ship_consignment": lambda s: ("supporter", shipping(s.world.ulid(), s.request(), 50)),
    "relief.receive_package": lambda s: (
        "shelter", receipt(s.shipped(), 50, s.world.ledger.now, short=10)),
    "relief.acknowledge_discrepancy": lambda s: (
        "supporter", AcknowledgeDiscrepancy((d := s.differing())[0].package_id, d[1])),
    "relief.resolve_discrepancy": lambda s: ("clerk", ResolveDiscrepancy(*_acknowledged(s), "resent")),
}
CREATIONS = {"relief.register_need", "relief.register_offer", "relief.request_dispatch", "relief.ship_consignment"}


def test_s12_every_command_of_relief_is_tried() -> None:
    assert MAKE.keys() == {name for name in TRANSACTIONS if name.startswith("relief.")}


@pytest.mark.parametrize("name", MAKE)
def test_s12_the_same_operation_twice_is_done_once(name: str) -> None:
    story = Story()
    who, command = MAKE[name](story)
    op = story.world.ulid()
    assert story.submit(who, command, op=op).code == "VALID"
    before = story.world.ledger.state
    assert story.submit(who, command, op=op, at=story.world.ledger.now + 5).result == {"op": op, "replayed": True}
    assert story.world.ledger.state == before


@pytest.mark.parametrize("name", MAKE)
def test_s12_both_in_one_block_are_done_once(name: str) -> None:
    story = Story()
    who, command = MAKE[name](story)
    op = story.world.ulid()
    both = [story.world.endorse(story[who], command, op=op) for _ in range(2)]
    assert story.world.ledger.commit(both) == ["VALID", "MVCC_READ_CONFLICT"]
    assert story.submit(who, command, op=op).result["replayed"] is True


@pytest.mark.parametrize("name", sorted(CREATIONS))
def test_s12_a_creation_is_known_by_its_content_whatever_the_operation(name: str) -> None:
    story = Story()
    who, command = MAKE[name](story)
    story.submit(who, command)
    assert story.submit(who, command).result["replayed"] is True


@pytest.mark.parametrize("name", sorted(CREATIONS))
def test_s12_the_same_ids_by_somebody_else_are_refused(name: str) -> None:
    story = Story()
    who, command = MAKE[name](story)
    story.submit(who, command)
    other: Any = {"clerk": "admin", "supporter": "neighbour"}[who]
    with pytest.raises(Refused) as refusal:
        story.submit(other, command)
    assert refusal.value.code == "id_reused"
