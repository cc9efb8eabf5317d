"""Every refusal of relief with its status and parameters, each from a state that a person can reach."""
from __future__ import annotations

import re
from inspect import getsource
from pathlib import Path
from typing import Any, Callable

import pytest
from moyai_client.errors import Refused
from moyai_contracts import relief, scopes, transaction
from moyai_contracts.api.directory import RetireSite, SetPolicy
from moyai_contracts.api.refusals import REFUSALS
from moyai_contracts.api.relief import (
    AcknowledgeDiscrepancy, CancelDispatch, ChangeNeed, ChangeOffer, CloseNeed, ConfirmNeeds, DeclineDispatch,
    IssueLabel, ReceivedLine, RegisterNeed, ReopenNeed, RequestDispatch, ResolveDiscrepancy, SetIntake, SetSiteStatus,
    ShipConsignment, ShippedLine, ShippedPackage, SurplusLine, WithdrawOffer)

from tests.contract.channel import NANAO, OSHIMA
from tests.contract.relief_story import Box, MemoryStory, package_id, shipping
from tests.contract.scene import ulid

Attempt = Callable[[MemoryStory], Any]
NOWHERE = "01" + "0" * 24
UNPRINTED = "P0000000000" + "0"
CASES: list[tuple[str, str, dict[str, Any], Attempt]] = []
"""What is tried, the code, the parameters, the attempt; a parameter may be a function of the story, or `...`: any."""


def refused(name: str, code: str, **params: Any) -> Callable[[Attempt], Attempt]:
    """Notes an attempt that must be refused."""
    def note(attempt: Attempt) -> Attempt:
        CASES.append((name, code, params, attempt))
        return attempt
    return note


def need_line(story: MemoryStory, **fields: Any) -> RegisterNeed:
    return RegisterNeed((story.need_line(**({"quantity": 5} | fields)),))


def ask(story: MemoryStory, who: str = "clerk", *, need: str | None = None, offer: str | None = None, quantity: int = 5,
        **fields: Any) -> Any:
    line = story.line(need or story.need(), offer or story.offer(), quantity, **fields)
    return story.submit(who, RequestDispatch((line,)))


def scan(story: MemoryStory, box: Box, good: int = 60, *, who: str = "shelter", **fields: Any) -> Any:
    return story.receive(box, good, who=who, **fields)


def cancelled(story: MemoryStory) -> Box:
    box = story.request()
    story.submit("clerk", CancelDispatch(box.need_id, box.dispatch_id, "別便で足りました"))
    return box


def fill(story: MemoryStory) -> Box:
    return story.request(story.need(60), story.offer(100), 60)


# Sites

refused("status of an unknown site", "not_found")(
    lambda s: s.submit("clerk", SetSiteStatus(NANAO, "NOWHERE", True)))
refused("status of another municipality's site", "foreign_record")(
    lambda s: s.submit("clerk", SetSiteStatus(OSHIMA, s.cast.foreign_site, True)))
refused("status of another shelter", "foreign_record")(
    lambda s: s.submit("shelter", SetSiteStatus(NANAO, s.cast.school, True)))
refused("head-count of tomorrow", "time_out_of_range")(
    lambda s: s.submit("clerk", SetSiteStatus(NANAO, s.cast.shelter, True, 5, s.channel.now + 901)))
refused("status by a supporter", "not_permitted", roles="A, C, S")(
    lambda s: s.submit("supporter", SetSiteStatus(NANAO, s.cast.shelter, True)))
refused("confirming a site that never opened", "not_found")(
    lambda s: s.submit("clerk", ConfirmNeeds(NANAO, s.cast.closed)))
refused("confirming another shelter's needs", "foreign_record")(
    lambda s: s.submit("shelter", ConfirmNeeds(NANAO, s.cast.school)))
refused("confirming needs of another municipality", "foreign_record")(
    lambda s: s.submit("clerk", ConfirmNeeds(OSHIMA, s.cast.foreign_site)))
refused("confirmed tomorrow", "time_out_of_range")(
    lambda s: s.submit("clerk", ConfirmNeeds(NANAO, s.cast.shelter, s.channel.now + 901, True)))


@refused("opening a retired site", "wrong_state", state="retired")
def _(story: MemoryStory) -> None:
    story.submit("admin", RetireSite(story.cast.closed, 1))
    story.submit("clerk", SetSiteStatus(NANAO, story.cast.closed, False))
    story.submit("clerk", SetSiteStatus(NANAO, story.cast.closed, True))


# Needs

refused("a need of a closed site", "site_closed")(lambda s: s.submit("clerk", need_line(s, site=s.cast.closed)))
refused("a need of an unknown site", "not_found")(lambda s: s.submit("clerk", need_line(s, site="NOWHERE")))
refused("a need of an unknown item", "not_found")(lambda s: s.submit("clerk", need_line(s, item="172022-9999")))
refused("a need of a retired item", "wrong_state", state="retired")(
    lambda s: s.submit("clerk", need_line(s, item=s.cast.retired_item)))
refused("a need of another shelter", "foreign_record")(lambda s: s.submit("shelter", need_line(s, site=s.cast.school)))
refused("a need registered tomorrow", "time_out_of_range")(
    lambda s: s.submit("clerk", RegisterNeed(need_line(s).needs, s.channel.now + 901, True)))
refused("a telephone number in a note", "personal_data_suspected", field="needs[0].note")(
    lambda s: s.submit("clerk", need_line(s, note="0767531111まで")))
refused("101 needs at once", "too_many", max=100)(
    lambda s: s.submit("clerk", RegisterNeed(need_line(s).needs * 101)))
refused("one id twice in a list", "id_reused")(lambda s: s.submit("clerk", RegisterNeed(need_line(s).needs * 2)))
refused("nothing needed", "bad_argument", field="needs[0].quantity")(
    lambda s: s.submit("clerk", need_line(s, quantity=0)))
refused("an id with other content", "id_reused")(lambda s: s.submit("clerk", need_line(s, need_id=s.need(7))))
refused("changing below what was asked for", "below_committed", committed=60)(
    lambda s: s.submit("clerk", ChangeNeed(fill(s).need_id, 1, quantity=59)))
refused("changing from an old page", "stale_revision", rev=1)(
    lambda s: s.submit("clerk", ChangeNeed(s.need(), 0, quantity=5)))
refused("changing an unknown need", "not_found")(lambda s: s.submit("clerk", ChangeNeed(NOWHERE, 1)))
refused("changing another municipality's need", "foreign_record")(
    lambda s: s.submit("oshima_clerk", ChangeNeed(s.need(), 1, quantity=5)))
refused("changing another shelter's need", "foreign_record")(
    lambda s: s.submit("school", ChangeNeed(s.need(), 1, quantity=5)))
refused("closing from an old page", "stale_revision", rev=1)(
    lambda s: s.submit("clerk", CloseNeed(s.need(), "enough", 2)))
refused("closing without a revision", "bad_argument", field="rev")(
    lambda s: s.submit("clerk", CloseNeed(s.need(), "enough")))
refused("closing another municipality's need", "foreign_record")(
    lambda s: s.submit("oshima_clerk", CloseNeed(s.need(), "enough", 1)))
refused("closed tomorrow", "time_out_of_range")(lambda s: s.submit(
    "clerk", CloseNeed(s.need(), "enough", made_at=s.channel.now + 901, queued=True)))
refused("opening again another municipality's need", "foreign_record")(
    lambda s: s.submit("oshima_clerk", ReopenNeed(s.need(), 1)))


@refused("a need of a site that has closed", "site_closed")
def _(story: MemoryStory) -> None:
    story.submit("clerk", SetSiteStatus(NANAO, story.cast.shelter, False))
    story.need()


# Offers

refused("an offer without item", "bad_argument", field="item")(
    lambda s: s.submit("supporter", s.offering(5, item=None)))
refused("an offer of an item and a name", "bad_argument", field="item")(
    lambda s: s.submit("supporter", s.offering(5, item=s.cast.water, item_name="水", category="food")))
refused("an offer of a name without category", "bad_argument", field="item")(
    lambda s: s.submit("supporter", s.offering(5, item_name="水")))
refused("an offer of an item with a category", "bad_argument", field="item")(
    lambda s: s.submit("supporter", s.offering(5, category="food")))
refused("an offer that ends before it begins", "bad_argument", field="available_until")(
    lambda s: s.offer(available_from="2099-02-02", available_until="2099-02-01"))
refused("an offer of yesterday", "offer_expired")(lambda s: s.offer(available_until="2024-01-08"))
refused("an offer of spoiled food", "offer_expired")(lambda s: s.offer(expires_on="2023-12"))
refused("an offer of an unknown item", "not_found")(lambda s: s.offer(item="172022-9999"))
refused("an offer of a retired item", "wrong_state", state="retired")(lambda s: s.offer(item=s.cast.retired_item))
refused("an offer for an unknown need", "not_found")(lambda s: s.offer(aimed_at=NOWHERE))
refused("an offer of something else", "item_mismatch")(lambda s: s.offer(item=s.cast.blanket, aimed_at=s.need()))
refused("an offer of what is not taken", "intake_stopped", until="2099-12-31")(lambda s: (
    s.submit("clerk", SetIntake(s.cast.water, True, "2099-12-31")), s.offer(aimed_at=s.need())))
refused("an offer by a shelter", "not_permitted", roles="A, C, P")(lambda s: s.offer(who="shelter"))
refused("an offer under a used id", "id_reused")(
    lambda s: s.submit("supporter", s.offering(7, offer_id=s.offer())))
refused("lowering an offer below its promises", "below_committed", committed=60)(
    lambda s: s.submit("supporter", ChangeOffer(fill(s).offer_id, 1, quantity=59)))
refused("turning an offer's dates round", "bad_argument", field="available_until")(lambda s: s.submit(
    "supporter", ChangeOffer(s.offer(available_from="2099-02-02"), 1, available_until="2099-02-01")))
refused("changing an offer from an old page", "stale_revision", rev=1)(
    lambda s: s.submit("supporter", ChangeOffer(s.offer(), 3)))
refused("changing an unknown offer", "not_found")(lambda s: s.submit("supporter", ChangeOffer(NOWHERE, 1)))
refused("changing a neighbour's offer", "foreign_record")(
    lambda s: s.submit("neighbour", ChangeOffer(s.offer(), 1, quantity=5)))
refused("changing a person's offer as their town", "foreign_record")(
    lambda s: s.submit("sender", ChangeOffer(s.offer(), 1, quantity=5)))
refused("changing a person's offer as an administrator", "foreign_record")(
    lambda s: s.submit("hachioji_admin", ChangeOffer(s.offer(), 1, quantity=5)))
refused("changing another office's offer", "foreign_record")(
    lambda s: s.submit("other_office", ChangeOffer(s.offer(who="sender"), 1, quantity=5)))
refused("withdrawing another municipality's offer", "foreign_record")(
    lambda s: s.submit("islander", WithdrawOffer(s.offer(), 1)))
refused("withdrawing from an old page", "stale_revision", rev=1)(
    lambda s: s.submit("supporter", WithdrawOffer(s.offer(), 2)))


@refused("lowering an offer below promises and withdrawals", "below_committed", committed=60)
def _(story: MemoryStory) -> None:
    box = fill(story)
    story.ship(box, 40)
    story.submit("supporter", ChangeOffer(box.offer_id, 1, quantity=59))


# Requests

refused("asking for more than is offered", "offer_short", available=40, offer_id=...)(
    lambda s: ask(s, offer=fill(s).offer_id, quantity=41))
refused("asking for more than is needed", "need_covered", open=10, need_id=...)(
    lambda s: ask(s, need=s.need(10), quantity=11))
refused("asking for what is covered", "need_covered", open=0, need_id=...)(
    lambda s: ask(s, need=fill(s).need_id, quantity=1))
refused("asking for another item", "item_mismatch", need_id=...)(lambda s: ask(s, need=s.need(item=s.cast.blanket)))
refused("asking for a free name unmapped", "item_mismatch", need_id=...)(
    lambda s: ask(s, offer=s.offer(item_name="水", category="food")))
refused("mapping a free name to another item", "item_mismatch", need_id=...)(
    lambda s: ask(s, offer=s.offer(item_name="水", category="food"), mapped_item=s.cast.blanket))
refused("mapping one item to another", "item_mismatch", need_id=...)(lambda s: ask(s, mapped_item=s.cast.blanket))
refused("asking for another size", "item_mismatch", need_id=...)(
    lambda s: ask(s, need=s.need(attributes={"size": "2L"}), offer=s.offer(attributes={"size": "500mL"})))
refused("accepting a difference of item", "item_mismatch", need_id=...)(
    lambda s: ask(s, need=s.need(item=s.cast.blanket), accept_difference=True))
refused("asking with an unknown offer", "not_found")(lambda s: ask(s, offer=NOWHERE))
refused("asking for an unknown need", "not_found")(lambda s: ask(s, need=NOWHERE))
refused("asking for another municipality's need", "foreign_record")(lambda s: ask(s, "oshima_clerk"))
refused("asking for another shelter's need", "foreign_record")(lambda s: ask(s, "school"))
refused("asking as a supporter", "not_permitted", roles="A, C, S")(lambda s: ask(s, "supporter"))
refused("a mistyped package id", "bad_argument", field="dispatches[0].package_id")(
    lambda s: ask(s, package_id="P0000000001Z"))
refused("a drill's package id", "wrong_scope")(lambda s: ask(s, package_id=package_id("T")))
refused("a used package id", "id_reused")(lambda s: ask(s, package_id=fill(s).package_id))
refused("a new need under another id", "bad_argument", field="dispatches[0].new_need.need_id")(
    lambda s: ask(s, new_need=need_line(s).needs[0]))
refused("a second time a need of one id", "id_reused")(
    lambda s: ask(s, need=(need := s.need(9)), new_need=need_line(s, need_id=need).needs[0]))
refused("a new need of a closed site", "site_closed")(
    lambda s: ask(s, need=(need := ulid()), new_need=need_line(s, need_id=need, site=s.cast.closed).needs[0]))
refused("51 requests at once", "too_many", max=50)(
    lambda s: s.submit("clerk", RequestDispatch((s.line(NOWHERE, NOWHERE, 1),) * 51)))


@refused("two lines that together exceed the need", "need_covered", open=4, need_id=...)
def _(story: MemoryStory) -> None:
    need, offer = story.need(10), story.offer()
    story.submit("clerk", RequestDispatch((story.line(need, offer, 6), story.line(need, offer, 5))))


@refused("two lines that together exceed the offer", "offer_short", available=4, offer_id=...)
def _(story: MemoryStory) -> None:
    need, offer = story.need(), story.offer(10)
    story.submit("clerk", RequestDispatch((story.line(need, offer, 6), story.line(need, offer, 5))))


@refused("asking for an offer that has run out of time", "offer_expired", offer_id=...)
def _(story: MemoryStory) -> None:
    offer = story.offer(available_until=story.today)
    story.channel.advance(86400)
    ask(story, offer=offer)


@refused("a shelter that must ask its office", "not_permitted", roles="A, C")
def _(story: MemoryStory) -> None:
    need, offer = story.need(), story.offer()
    rev = story.query("directory.get_municipality", code6=NANAO)["rev"]
    story.submit("admin", SetPolicy("office", rev))
    ask(story, need=need, offer=offer)
    ask(story, "shelter", need=need, offer=offer)


refused("declining as the receiver", "foreign_record")(
    lambda s: s.submit("clerk", DeclineDispatch((b := s.request()).need_id, b.dispatch_id, "なし")))
refused("declining as a neighbour", "foreign_record")(
    lambda s: s.submit("neighbour", DeclineDispatch((b := s.request()).need_id, b.dispatch_id, "なし")))
refused("declining what nobody asked", "not_found")(
    lambda s: s.submit("supporter", DeclineDispatch(s.need(), NOWHERE, "なし")))
refused("a mail address in a reason", "personal_data_suspected", field="reason")(
    lambda s: s.submit("supporter", DeclineDispatch(NOWHERE, NOWHERE, "a@example.jp")))
refused("cancelling as the supporter", "not_permitted", roles="A, C, S")(
    lambda s: s.submit("supporter", CancelDispatch((b := s.request()).need_id, b.dispatch_id, "不要")))
refused("cancelling another municipality's request", "foreign_record")(
    lambda s: s.submit("oshima_clerk", CancelDispatch((b := s.request()).need_id, b.dispatch_id, "不要")))
refused("cancelling another shelter's request", "foreign_record")(
    lambda s: s.submit("school", CancelDispatch((b := s.request()).need_id, b.dispatch_id, "不要")))
refused("cancelling by the worker in time", "wrong_state", state="requested")(
    lambda s: s.submit("worker", CancelDispatch((b := s.request(ship_by=s.today)).need_id, b.dispatch_id, "期限")))
refused("cancelling by the worker without a date", "wrong_state", state="requested")(
    lambda s: s.submit("worker", CancelDispatch((b := s.request()).need_id, b.dispatch_id, "期限")))

# Labels and shipping

refused("a label of an unknown box", "not_found")(lambda s: s.submit("clerk", IssueLabel(UNPRINTED)))
refused("a label by a neighbour", "foreign_record")(lambda s: s.submit("neighbour", IssueLabel(s.request().package_id)))
refused("a label by a supporter of the receiver's town", "foreign_record")(
    lambda s: s.submit("local", IssueLabel(s.request().package_id)))
refused("a label by a third municipality", "foreign_record")(
    lambda s: s.submit("oshima_clerk", IssueLabel(s.request().package_id)))
refused("a label by the shelter", "not_permitted", roles="A, C, P")(
    lambda s: s.submit("shelter", IssueLabel(s.request().package_id)))
refused("shipping more than asked", "quantity_exceeded", quantity=60)(lambda s: s.ship(s.request(), 61))
refused("shipping an empty box", "bad_argument", field="lines")(lambda s: s.ship(s.request(), 0))
refused("shipping what was cancelled", "not_requested")(lambda s: s.ship(cancelled(s)))
refused("shipping as the receiver", "foreign_record")(lambda s: s.ship(s.request(), who="clerk"))
refused("shipping as a neighbour", "foreign_record")(lambda s: s.ship(s.request(), who="neighbour"))
refused("shipping an unknown box", "not_found")(
    lambda s: s.submit("supporter", ShipConsignment(NOWHERE, (ShippedPackage(UNPRINTED),), "other")))
refused("shipping one box twice at once", "bad_argument", field="packages")(
    lambda s: s.submit("supporter", ShipConsignment(NOWHERE, (ShippedPackage(s.request().package_id),) * 2, "other")))
refused("shipping a line of another box", "bad_argument", field="lines")(lambda s: s.submit(
    "supporter", ShipConsignment(
        NOWHERE, (ShippedPackage(s.request().package_id, (ShippedLine(NOWHERE, 5),)),), "other")))
refused("21 boxes at once", "too_many", max=20)(
    lambda s: s.submit("supporter", ShipConsignment(NOWHERE, (ShippedPackage(UNPRINTED),) * 21, "other")))
refused("a consignment's id for another one", "id_reused")(
    lambda s: s.submit("supporter", shipping(s.request(), consignment_id=s.ship(s.request()))))


@refused("boxes to two places", "wrong_site", site=lambda s: f"{NANAO}/{s.cast.school}", package_id=...)
def _(story: MemoryStory) -> None:
    boxes = story.request(), story.request(story.need(site=story.cast.school))
    packages = tuple(ShippedPackage(box.package_id) for box in boxes)
    story.submit("supporter", ShipConsignment(ulid(), packages, "own_vehicle"))


@refused("the hundredth label", "too_many", max=99)
def _(story: MemoryStory) -> None:
    box = story.request()
    for _ in range(99):
        story.submit("supporter", IssueLabel(box.package_id))


# Receipts and differences

refused("scanning an unknown label", "label_unknown")(
    lambda s: scan(s, Box(NOWHERE, NOWHERE, NOWHERE, UNPRINTED, 60)))
refused("scanning a serial never printed", "label_unknown")(lambda s: scan(s, s.shipped(), label_serial=2))
refused("receiving another municipality's box", "foreign_record")(lambda s: scan(s, s.shipped(), who="oshima_clerk"))
refused("receiving one's own consignment", "not_permitted", roles="A, C, S")(
    lambda s: scan(s, s.shipped(), who="supporter"))
refused("receiving at the wrong shelter", "wrong_site", site=lambda s: f"{NANAO}/{s.cast.shelter}")(
    lambda s: scan(s, s.shipped(), who="school", site=s.cast.school))
refused("scanned tomorrow", "time_out_of_range")(lambda s: scan(s, s.shipped(), scanned_at=s.channel.now + 901))
refused("fewer than were sent", "count_mismatch", quantity=60)(lambda s: scan(s, s.shipped(), 59))
refused("more than were sent", "count_mismatch", quantity=60)(lambda s: scan(s, s.shipped(), 60, damaged=1))
refused("counts of another line", "bad_argument", field="lines")(
    lambda s: scan(s, s.shipped(), lines=(ReceivedLine(NOWHERE, 60),)))
refused("one line counted twice", "bad_argument", field="lines")(
    lambda s: scan(s, (b := s.shipped()), lines=(ReceivedLine(b.dispatch_id, 30),) * 2))
refused("scanning a cancelled box", "package_voided", reason="別便で足りました")(lambda s: scan(s, cancelled(s)))
refused("a difference nobody noted", "not_found")(
    lambda s: s.submit("supporter", AcknowledgeDiscrepancy(s.shipped().package_id, NOWHERE)))
refused("acknowledging as the receiver", "foreign_record")(
    lambda s: s.submit("clerk", AcknowledgeDiscrepancy((d := s.differing())[0].package_id, d[1])))
refused("resolving as the sender's town", "foreign_record")(
    lambda s: s.submit("sender", ResolveDiscrepancy((d := s.differing())[0].package_id, d[1], "resent")))
refused("resolving as the shelter", "not_permitted", roles="A, C")(
    lambda s: s.submit("shelter", ResolveDiscrepancy((d := s.differing())[0].package_id, d[1], "resent")))
refused("resolving what the sender has not seen", "wrong_state", state="open")(
    lambda s: s.submit("clerk", ResolveDiscrepancy((d := s.differing())[0].package_id, d[1], "resent")))


@refused("scanning a label printed anew", "label_superseded", serial=3)
def _(story: MemoryStory) -> None:
    box = story.shipped()
    for who in ("supporter", "clerk"):
        story.submit(who, IssueLabel(box.package_id))
    scan(story, box, label_serial=2)


@refused("other counts of a box received already", "already_received", at=lambda s: s.channel.now - 100)
def _(story: MemoryStory) -> None:
    box = story.shipped()
    scan(story, box, scanned_at=story.channel.now - 100)
    scan(story, box, 59, short=1)


@refused("surplus noticed after receipt", "already_received", at=...)
def _(story: MemoryStory) -> None:
    box = story.shipped()
    scan(story, box)
    scan(story, box, surplus=(SurplusLine(1, item_name="手紙"),))


@pytest.mark.parametrize(("code", "params", "attempt"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_s12_refused(memory_story: MemoryStory, code: str, params: dict[str, Any], attempt: Attempt) -> None:
    with pytest.raises(Refused) as refusal:
        attempt(memory_story)
    told = {name: ... if params.get(name) is ... and value else value for name, value in refusal.value.params.items()}
    expected = {name: value(memory_story) if callable(value) else value for name, value in params.items()}
    assert (refusal.value.code, told) == (code, expected)
    assert refusal.value.status == REFUSALS[code][0]


def test_s12_every_refusal_of_relief_is_tried() -> None:
    """Those that relief's use cases and the frame they run in raise, and those of a command's shape."""
    written = "".join(path.read_text() for path in Path(relief.__file__).parent.glob("*.py"))
    written += getsource(transaction) + getsource(scopes)
    raised = set(re.findall(r'(?:Refusal\(|code: str = |(?:movable|need_document)\(key, )"([a-z_]+)"', written))
    assert "label_unknown" in raised and "not_found" in raised
    elsewhere = {"key_required", "scope_closed"}
    assert {code for _, code, _, _ in CASES} == (
        raised - elsewhere | {"bad_argument", "too_many", "personal_data_suspected"})


def test_s12_a_refusal_leaves_no_trace(memory_story: MemoryStory) -> None:
    story = memory_story
    box = story.shipped()
    before, height = story.state, story.channel.height
    for command in (story.receipt(box, 59), story.receipt(box, 60, site=story.cast.school)):
        with pytest.raises(Refused):
            story.submit("shelter", command)
    assert (story.state, story.channel.height) == (before, height)
