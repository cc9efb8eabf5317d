"""One box from need to receipt and what follows from it: in memory and on a real network."""
from __future__ import annotations

from typing import Any

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api import TRANSACTIONS
from moyai_contracts.api.relief import (
    AcknowledgeDiscrepancy, CancelDispatch, ChangeNeed, ChangeOffer, CloseNeed, ConfirmNeeds, DeclineDispatch,
    IssueLabel, ReopenNeed, RequestDispatch, ResolveDiscrepancy, SetSiteStatus, ShipConsignment,
    ShippedLine, ShippedPackage, SurplusLine, WithdrawOffer)

from tests.contract.channel import HACHIOJI, NANAO, race
from tests.contract.relief_story import Story
from tests.contract.scene import ulid

FUTURE = "2099-05"


def test_s01_to_s09_a_box_goes_from_need_to_receipt_one_short(story: Story) -> None:
    need = story.need(100, who="shelter")
    offer = story.offer(80, aimed_at=need, expires_on=FUTURE)
    box = story.request(need, offer, 60, who="shelter")
    assert story.figures(box) == (60, 60, 0)
    package = story.read_package(box)
    assert package["lines"] == [{"need_id": need, "dispatch_id": box.dispatch_id, "item": story.cast.water,
                                 "quantity": 60, "expires_on": FUTURE}]
    assert (package["to"], package["state"], package["label_serial"]) == (
        {"code6": NANAO, "site": story.cast.shelter}, "labelled", 1)

    consignment = story.ship(box)
    shipped = story.query("relief.get_consignment", consignment_id=consignment)
    assert (shipped["packages"], shipped["sender"], shipped["to"]) == (
        [box.package_id], story["supporter"].account, {"code6": NANAO, "site": story.cast.shelter})
    assert story.check_need(need)["axes"] == {
        "committed": "part", "in_transit": "part", "received": "none"}

    data = story.receive(box, 59, short=1).data
    assert data["deltas"] == [{"need_id": need, "committed": -1}]
    assert story.figures(box) == (59, 60, 0)
    discrepancy = data["discrepancy_id"]
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, discrepancy))
    story.submit("clerk", ResolveDiscrepancy(box.package_id, discrepancy, "written_off"))
    resolved = story.read_discrepancy(box, discrepancy)
    assert (resolved["kind"], resolved["state"], resolved["resolution"]) == ("count", "resolved", "written_off")
    assert resolved["sent"]["lines"][0]["quantity"] == 60 and resolved["received"]["lines"][0]["good"] == 59
    assert story.figures(box) == (59, 60, 0), "resolving moves nothing"
    assert story.check_need(need) == {
        "need_id": need, "quantity": 100, "committed": 59, "computed": 59, "agrees": True, "missing": 41,
        "in_transit": 0, "received": 59, "axes": {"committed": "part", "in_transit": "none", "received": "part"}}


def test_s06_events_say_what_the_vocabulary_says(story: Story) -> None:
    first = story.channel.height
    box, discrepancy = story.differing()
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, discrepancy))
    seen = set()
    for transaction in story.channel.transactions(first):
        assert transaction.event is not None
        command, payload = TRANSACTIONS[transaction.function], transaction.event.payload
        required = {name for name in command.event_data if not name.endswith("?")}
        optional = {name.rstrip("?") for name in command.event_data}
        assert transaction.event.name == command.event
        assert required <= payload["data"].keys() <= optional, command.transaction
        assert (payload["scope"], payload["m"]) == ("live", payload["actor"]["office"][:6])
        seen.add(command.transaction)
    assert seen >= {f"relief.{name}" for name in (
        "register_need", "register_offer", "request_dispatch", "ship_consignment", "receive_package",
        "acknowledge_discrepancy")}


@pytest.mark.parametrize(("end", "figures"), [
    (lambda story, box: story.submit("clerk", CancelDispatch(box.need_id, box.dispatch_id, "不要")), (0, 0, 0)),
    (lambda story, box: story.submit("supporter", DeclineDispatch(box.need_id, box.dispatch_id, "なし")), (0, 0, 60)),
    (lambda story, box: story.ship(box, 50), (50, 50, 10)),
    (lambda story, box: story.ship(box), (60, 60, 0)),
    (lambda story, box: (story.ship(box), story.receive(box, 51, short=1, damaged=3, refused=5)), (51, 60, 0)),
    (lambda story, box: story.receive(box, 51, short=1, damaged=3, refused=5), (51, 60, 0)),
    (lambda story, box: (story.ship(box, 50), story.receive(box, 0, refused=50)), (0, 50, 10)),
])
def test_s06_giving_back(story: Story, end: object, figures: tuple[int, int, int]) -> None:
    box = story.request(quantity=60)
    end(story, box)  # type: ignore[operator]
    assert story.figures(box) == figures
    assert story.check_need(box.need_id)["agrees"]


@pytest.mark.parametrize("command", [
    lambda box: ("clerk", CancelDispatch(box.need_id, box.dispatch_id, "別に届きました")),
    lambda box: ("supporter", DeclineDispatch(box.need_id, box.dispatch_id, "在庫がありません"))])
def test_s06_a_request_that_ends_voids_its_box_with_the_reason(story: Story, command: object) -> None:
    box = story.request(quantity=60)
    who, ending = command(box)  # type: ignore[operator]
    data = story.submit(who, ending).data
    dispatch, package = story.read_dispatch(box), story.read_package(box)
    assert (dispatch["released"], dispatch["reason"]) == (60, ending.reason)
    assert (package["state"], package["reason"]) == ("voided", ending.reason)
    assert (data["quantity"], data["packages"], data["home"]) == (60, [box.package_id], HACHIOJI)


def test_s06_lines_that_touch_one_need_and_one_offer_are_merged(story: Story) -> None:
    need, offer, other = story.need(100), story.offer(50), story.offer(100)
    lines = (story.line(need, offer, 20), story.line(need, offer, 30), story.line(need, other, 50))
    data = story.submit("clerk", RequestDispatch(lines)).data
    assert story.read_need(need)["committed"] == 100
    assert (story.read_offer(offer)["requested"], story.read_offer(other)["requested"]) == (50, 50)
    assert data["deltas"] == [{"need_id": need, "committed": 100}, {"offer_id": offer, "requested": 50},
                              {"offer_id": other, "requested": 50}]


def test_s06_a_request_brings_its_need_along(story: Story) -> None:
    offer, other, need = story.offer(60), story.offer(60), ulid()
    new_need = story.need_line(80, need_id=need)
    lines = (story.line(need, offer, 30, new_need=new_need), story.line(need, other, 50))
    data = story.submit("shelter", RequestDispatch(lines)).data
    assert data["needs"] == [{"need_id": need, "site": story.cast.shelter, "item": story.cast.water, "quantity": 80}]
    document = story.read_need(need)
    assert (document["quantity"], document["committed"], document["rev"]) == (80, 80, 1)


def test_s06_a_free_name_is_mapped_by_the_clerk(story: Story) -> None:
    need, offer = story.need(10), story.offer(10, item_name="飲料水", category="food")
    box = story.request(need, offer, 10, mapped_item=story.cast.water)
    assert story.read_dispatch(box)["mapped_item"] == story.cast.water
    assert story.read_package(box)["lines"][0]["item"] == story.cast.water


def test_s06_a_difference_of_kind_can_be_accepted(story: Story) -> None:
    need, offer = story.need(10, attributes={"size": "2L"}), story.offer(10, attributes={"size": "500mL"})
    story.request(need, offer, 10, accept_difference=True)
    assert story.read_need(need)["committed"] == 10


def test_s06_a_need_without_wishes_takes_any_kind(story: Story) -> None:
    box = story.request(story.need(10), story.offer(10, attributes={"size": "2L"}), 10)
    assert story.figures(box)[0] == 10


def test_s03_a_consignment_holds_boxes_of_one_supporter_for_one_place(story: Story) -> None:
    need, offer = story.need(100), story.offer(100)
    boxes = [story.request(need, offer, quantity) for quantity in (10, 20, 30)]
    packages = tuple(ShippedPackage(box.package_id, lines) for box, lines in zip(
        boxes, (None, (ShippedLine(boxes[1].dispatch_id, 15),), (ShippedLine(boxes[2].dispatch_id, 10),))))
    data = story.submit("supporter", ShipConsignment(ulid(), packages, "yamato", "2099-01-11")).data
    assert story.figures(boxes[0]) == (35, 35, 25)
    assert data["deltas"] == [{"need_id": need, "committed": -25},
                              {"offer_id": offer, "requested": -25, "withdrawn": 25}]
    assert [story.read_dispatch(each)["shipped"] for each in boxes] == [10, 15, 10]
    assert [line["quantity"] for package in data["packages"] for line in package["lines"]] == [10, 15, 10]


@pytest.mark.parametrize(("supporter", "official"), [("sender", "colleague"), ("town", "hachioji_admin")])
def test_s05_an_office_offers_for_its_municipality_and_its_officials_act(
        story: Story, supporter: str, official: str) -> None:
    box = story.request(story.need(), story.offer(who=supporter), 60)
    story.submit(official, IssueLabel(box.package_id))
    story.ship(box, who="hachioji_admin")
    assert story.read_package(box)["state"] == "shipped"
    assert story.read_offer(box.offer_id)["supporter"] == story[supporter].account


def test_s05_changing_and_withdrawing_touch_the_free_part_only(story: Story) -> None:
    box = story.request(story.need(), story.offer(100), 60)
    rev = story.read_offer(box.offer_id)["rev"]
    changed = story.submit("supporter", ChangeOffer(box.offer_id, rev, quantity=90, available_until="2099-02-01"))
    assert changed.data == {"offer_id": box.offer_id, "changed": ["available_until", "quantity"], "quantity": 90,
                            "deltas": [{"offer_id": box.offer_id, "quantity": -10}]}
    withdrawn = story.submit("supporter", WithdrawOffer(box.offer_id, rev + 1))
    assert withdrawn.data["deltas"] == [{"offer_id": box.offer_id, "withdrawn": 30}]
    offer = story.read_offer(box.offer_id)
    assert (offer["state"], offer["withdrawn"], offer["requested"]) == ("closed", 30, 60)
    story.ship(box)
    assert story.read_dispatch(box)["state"] == "shipped", "the promise stands"


def test_s01_a_need_changes_closes_and_holds_again(story: Story) -> None:
    need = story.need(100)
    data = story.submit("clerk", ChangeNeed(need, 1, quantity=120, note="毎日")).data
    assert data["deltas"] == [{"need_id": need, "quantity": 20}] and data["changed"] == ["note", "quantity"]
    assert story.submit("clerk", ChangeNeed(need, 2, priority="urgent")).data["deltas"] == []
    story.submit("shelter", CloseNeed(need, "enough", 3))
    assert story.read_need(need)["state"] == "closed"
    story.submit("shelter", ReopenNeed(need, 4))
    document = story.read_need(need)
    assert (document["state"], document["quantity"], document["note"], document["priority"], document["rev"]) == (
        "open", 120, "毎日", "urgent", 5)


def test_s01_a_match_does_not_make_an_open_form_stale(story: Story) -> None:
    box = story.request(quantity=60)
    story.submit("clerk", ChangeNeed(box.need_id, 1, quantity=60))
    need = story.read_need(box.need_id)
    assert (need["quantity"], need["committed"]) == (60, 60)


def test_s01_a_queued_closing_needs_no_revision(story: Story) -> None:
    need, made_at = story.need(), story.channel.now - 3600
    data = story.submit("shelter", CloseNeed(need, "mistake", queued=True, made_at=made_at)).data
    assert (data["queued"], data["made_at"], story.read_need(need)["state"]) == (True, made_at, "closed")


def test_s07_head_counts_and_confirmations_keep_each_other(story: Story) -> None:
    site, now = story.scene.site(NANAO), story.channel.now

    def status() -> dict[str, Any]:
        return story.query("relief.get_site_status", code6=NANAO, site_id=site)

    story.submit("clerk", ConfirmNeeds(NANAO, site, made_at=now))
    story.submit("clerk", SetSiteStatus(NANAO, site, True, headcount=90, counted_at=now - 60))
    assert (status()["headcount"], status()["counted_at"], status()["confirmed_at"]) == (90, now - 60, now)
    story.submit("clerk", ConfirmNeeds(NANAO, site, made_at=now - 7200, queued=True))
    assert (status()["headcount"], status()["confirmed_at"]) == (90, now), "a late one does not make it older"
    story.submit("clerk", SetSiteStatus(NANAO, site, False))
    assert "headcount" not in status() and status()["confirmed_at"] == now


def test_s09_a_box_never_announced_is_received_and_flagged(story: Story) -> None:
    box = story.request(quantity=60)
    data = story.receive(box, 60).data
    dispatch, package = story.read_dispatch(box), story.read_package(box)
    assert data["unannounced"] is True and package["unannounced"] is True
    assert (dispatch["state"], dispatch["shipped"], package["state"]) == ("shipped", 60, "received")
    assert "discrepancy_id" not in data


def test_s09_a_shipped_box_is_not_flagged(story: Story) -> None:
    box = story.shipped()
    data = story.receive(box, 60).data
    assert not {"unannounced", "clock_off", "discrepancy_id"} & data.keys()


def test_s09_surplus_is_a_difference_that_gives_nothing_back(story: Story) -> None:
    box = story.shipped()
    surplus = SurplusLine(3, item=story.cast.blanket), SurplusLine(1, item_name="手紙")
    data = story.receive(box, 60, surplus=surplus).data
    assert data["deltas"] == [] and data["surplus"] == [
        {"quantity": 3, "item": story.cast.blanket}, {"quantity": 1, "item_name": "手紙"}]
    discrepancy = story.read_discrepancy(box, data["discrepancy_id"])
    assert discrepancy["received"]["surplus"] == data["surplus"]
    assert story.figures(box) == (60, 60, 0)


def test_s09_a_second_scan_with_equal_counts_is_the_first_result(story: Story) -> None:
    box = story.shipped()
    story.receive(box, 58, damaged=2)
    again = story.receive(box, 58, damaged=2, who="clerk")
    assert again.replayed
    assert story.figures(box)[0] == 58


def test_s09_a_queued_scan_that_contradicts_is_kept_as_a_discrepancy(story: Story) -> None:
    box = story.shipped()
    story.receive(box, 60)
    op = ulid()
    command = story.receipt(box, 50, short=9, queued=True)  # adds up to nothing: kept all the same
    data = story.submit("shelter", command, op=op).data
    assert data["conflicting"] is True and data["discrepancy_id"] == op and data["deltas"] == []
    discrepancy = story.read_discrepancy(box, op)
    assert (discrepancy["kind"], discrepancy["state"]) == ("conflicting_scan", "open")
    assert story.read_package(box)["receipt"]["lines"][0]["good"] == 60, "the receipt stays"
    assert story.figures(box)[0] == 60
    assert story.submit("shelter", command, op=op).replayed
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, op))


@pytest.mark.parametrize("fields", [{"accept_superseded": True}, {"queued": True}])
def test_s09_an_old_label_is_taken_when_said_so_or_queued(story: Story, fields: dict[str, bool]) -> None:
    box = story.shipped()
    assert story.submit("supporter", IssueLabel(box.package_id)).data["serial"] == 2
    story.receive(box, 60, **fields)
    assert story.read_package(box)["receipt"]["label_serial"] == 1


@pytest.mark.parametrize(("confirmed", "attested"), [(None, "service"), (False, "self"), (True, "device")])
def test_s09_a_receipt_says_whose_word_it_is(story: Story, confirmed: bool | None, attested: str) -> None:
    box, actor = story.shipped(), story["shelter"].actor
    assert actor is not None
    keys = () if confirmed is None else (story.scene.key(actor, confirmed=confirmed),)
    story.submit("shelter", story.receipt(box, 60), keys=keys)
    assert story.read_package(box)["receipt"]["attested"] == attested


def test_s09_a_clerk_of_another_shelter_may_scan(story: Story) -> None:
    box = story.shipped()
    story.receive(box, 60, who="school")
    assert story.read_package(box)["state"] == "received"


def test_s09_the_receivers_office_prints_labels_too(story: Story) -> None:
    box = story.shipped()
    assert story.submit("clerk", IssueLabel(box.package_id)).data == {"package_id": box.package_id, "serial": 2}


def test_s07_a_need_of_many_dispatches_adds_up_over_pages(story: Story) -> None:
    need, offer = story.need(1000), story.offer(1000)
    for _ in range(5):
        story.submit("clerk", RequestDispatch(tuple(story.line(need, offer, 1) for _ in range(50))))
    answer = story.check_need(need)
    assert (answer["committed"], answer["computed"], answer["agrees"]) == (250, 250, True)


def test_s09_boxes_of_two_needs_do_not_mix_in_the_sums(story: Story) -> None:
    first = story.shipped()
    second = story.request(story.need(site=story.cast.school), story.offer(), 5)
    assert story.check_need(first.need_id)["in_transit"] == 60
    assert story.check_need(second.need_id)["in_transit"] == 0


def test_s06_of_two_municipalities_that_want_one_offer_one_gets_it_and_the_other_hears_what_is_left(
        story: Story) -> None:
    offer, mine = story.offer(100), story.need(80)
    theirs = story.need(80, who="oshima_clerk", site=story.cast.foreign_site)
    asked = [story.submission(who, RequestDispatch((story.line(need, offer, 70),)))
             for who, need in (("clerk", mine), ("oshima_clerk", theirs))]
    won, lost = race(story.channel, asked)
    assert not isinstance(won, Refused) and isinstance(lost, Refused)
    assert (lost.code, lost.params) == ("offer_short", {"available": 30, "offer_id": offer})
    assert (story.read_offer(offer)["requested"], story.read_need(theirs)["committed"]) == (70, 0)


def test_s06_an_offer_that_covers_both_serves_both(story: Story) -> None:
    offer, needs = story.offer(100), (story.need(50), story.need(50, site=story.cast.school))
    asked = [story.submission("clerk", RequestDispatch((story.line(need, offer, 50),))) for need in needs]
    assert not any(isinstance(each, Refused) for each in race(story.channel, asked))
    assert story.read_offer(offer)["requested"] == 100


def test_s09_another_municipality_cannot_receive_the_box(story: Story) -> None:
    box = story.shipped()
    with pytest.raises(Refused) as refusal:
        story.receive(box, 60, who="oshima_clerk")
    assert (refusal.value.code, refusal.value.status) == ("foreign_record", 403)
    assert story.read_package(box)["state"] == "shipped"
