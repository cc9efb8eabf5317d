"""One box from need to receipt and what follows from it, on the contract alone."""
from __future__ import annotations

import json

import pytest
from moyai_client.actor_key import ActorKey
from moyai_contracts.api import TRANSACTIONS, directory
from moyai_contracts.api.relief import (
    AcknowledgeDiscrepancy, CancelDispatch, ChangeNeed, ChangeOffer, CloseNeed, ConfirmNeeds, DeclineDispatch,
    IssueLabel, NeedLine, ReopenNeed, RequestDispatch, ResolveDiscrepancy, SetSiteStatus, ShipConsignment, ShippedLine,
    ShippedPackage, SurplusLine, WithdrawOffer)

from tests.contract.relief_story import Story, receipt, shipping
from tests.contract.relief_world import BLANKET, HACHIOJI, NANAO, SCHOOL, SHELTER, WATER


@pytest.fixture
def story() -> Story:
    return Story()


def test_s01_to_s09_a_box_goes_from_need_to_receipt_one_short(story: Story) -> None:
    need = story.need(100, who="shelter")
    offer = story.offer(80, aimed_at=need, expires_on="2026-05")
    box = story.request(need, offer, 60, who="shelter")
    assert story.figures(box) == (60, 60, 0)
    package = story.world.package(box.package_id)
    assert package["lines"] == [{"need_id": need, "dispatch_id": box.dispatch_id, "item": WATER, "quantity": 60,
                                 "expires_on": "2026-05"}]
    assert (package["to"], package["state"], package["label_serial"]) == (
        {"code6": NANAO, "site": SHELTER}, "labelled", 1)

    consignment = story.ship(box)
    shipped = story.world.query("relief.get_consignment", consignment_id=consignment)
    assert (shipped["packages"], shipped["sender"], shipped["shipped_at"]) == (
        [box.package_id], story["supporter"].account, story.world.ledger.now)
    assert story.world.query("relief.check_need", need_id=need)["axes"] == {
        "committed": "part", "in_transit": "part", "received": "none"}

    data = story.receive(box, 59, short=1).data
    assert data["deltas"] == [{"need_id": need, "committed": -1}]
    assert story.figures(box) == (59, 60, 0)
    discrepancy = data["discrepancy_id"]
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, discrepancy))
    story.submit("clerk", ResolveDiscrepancy(box.package_id, discrepancy, "written_off"))
    resolved = story.world.query("relief.get_discrepancy", package_id=box.package_id, discrepancy_id=discrepancy)
    assert (resolved["kind"], resolved["state"], resolved["resolution"]) == ("count", "resolved", "written_off")
    assert resolved["sent"]["lines"][0]["quantity"] == 60 and resolved["received"]["lines"][0]["good"] == 59
    assert story.figures(box) == (59, 60, 0), "resolving moves nothing"
    assert story.world.query("relief.check_need", need_id=need) == {
        "need_id": need, "quantity": 100, "committed": 59, "computed": 59, "agrees": True, "missing": 41,
        "in_transit": 0, "received": 59, "axes": {"committed": "part", "in_transit": "none", "received": "part"}}


def test_s06_events_say_what_the_vocabulary_says(story: Story) -> None:
    box, discrepancy = story.differing()
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, discrepancy))
    seen = set()
    for block in story.world.ledger.blocks:
        for transaction in block.transactions:
            assert transaction.event is not None
            command = TRANSACTIONS[transaction.args[0].decode()]
            payload = json.loads(transaction.event.payload)
            required = {name for name in command.event_data if not name.endswith("?")}
            optional = {name.rstrip("?") for name in command.event_data}
            assert transaction.event.name == command.event
            assert required <= payload["data"].keys() <= optional, command.transaction
            if command.transaction.startswith("relief."):
                assert payload["scope"] == "live"
                seen.add(command.transaction)
    assert len(seen) == 7


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
    assert story.world.query("relief.check_need", need_id=box.need_id)["agrees"]


@pytest.mark.parametrize("command", [
    lambda box: ("clerk", CancelDispatch(box.need_id, box.dispatch_id, "別に届きました")),
    lambda box: ("supporter", DeclineDispatch(box.need_id, box.dispatch_id, "在庫がありません"))])
def test_s06_a_request_that_ends_voids_its_box_with_the_reason(story: Story, command: object) -> None:
    box = story.request(quantity=60)
    who, ending = command(box)  # type: ignore[operator]
    data = story.submit(who, ending).data
    dispatch, package = story.world.dispatch(box.need_id, box.dispatch_id), story.world.package(box.package_id)
    assert (dispatch["released"], dispatch["reason"]) == (60, ending.reason)
    assert (package["state"], package["reason"]) == ("voided", ending.reason)
    assert (data["quantity"], data["packages"], data["home"]) == (60, [box.package_id], HACHIOJI)


def test_s06_lines_that_touch_one_need_and_one_offer_are_merged(story: Story) -> None:
    need, offer, other = story.need(100), story.offer(50), story.offer(100)
    lines = (story.line(need, offer, 20), story.line(need, offer, 30), story.line(need, other, 50))
    data = story.submit("clerk", RequestDispatch(lines)).data
    assert story.world.need(need)["committed"] == 100
    assert (story.world.offer(offer)["requested"], story.world.offer(other)["requested"]) == (50, 50)
    assert data["deltas"] == [{"need_id": need, "committed": 100}, {"offer_id": offer, "requested": 50},
                              {"offer_id": other, "requested": 50}]


def test_s06_a_request_brings_its_need_along(story: Story) -> None:
    offer, other, need = story.offer(60), story.offer(60), story.world.ulid()
    new_need = NeedLine(need, SHELTER, WATER, 80)
    lines = (story.line(need, offer, 30, new_need=new_need), story.line(need, other, 50))
    data = story.submit("shelter", RequestDispatch(lines)).data
    assert data["needs"] == [{"need_id": need, "site": SHELTER, "item": WATER, "quantity": 80}]
    document = story.world.need(need)
    assert (document["quantity"], document["committed"], document["rev"]) == (80, 80, 1)


def test_s06_a_free_name_is_mapped_by_the_clerk(story: Story) -> None:
    need, offer = story.need(10), story.offer(10, item_name="飲料水", category="food")
    box = story.request(need, offer, 10, mapped_item=WATER)
    assert story.world.dispatch(need, box.dispatch_id)["mapped_item"] == WATER
    assert story.world.package(box.package_id)["lines"][0]["item"] == WATER


def test_s06_a_difference_of_kind_can_be_accepted(story: Story) -> None:
    need, offer = story.need(10, attributes={"size": "2L"}), story.offer(10, attributes={"size": "500mL"})
    story.request(need, offer, 10, accept_difference=True)
    assert story.world.need(need)["committed"] == 10


def test_s06_a_need_without_wishes_takes_any_kind(story: Story) -> None:
    box = story.request(story.need(10), story.offer(10, attributes={"size": "2L"}), 10)
    assert story.figures(box)[0] == 10


def test_s03_a_consignment_holds_boxes_of_one_supporter_for_one_place(story: Story) -> None:
    need, offer = story.need(100), story.offer(100)
    boxes = [story.request(need, offer, quantity) for quantity in (10, 20, 30)]
    packages = tuple(ShippedPackage(box.package_id, lines) for box, lines in zip(
        boxes, (None, (ShippedLine(boxes[1].dispatch_id, 15),), (ShippedLine(boxes[2].dispatch_id, 10),))))
    data = story.submit("supporter", ShipConsignment(story.world.ulid(), packages, "yamato", "2024-01-11")).data
    assert story.figures(boxes[0]) == (35, 35, 25)
    assert data["deltas"] == [{"need_id": need, "committed": -25},
                              {"offer_id": offer, "requested": -25, "withdrawn": 25}]
    assert [story.world.dispatch(need, box.dispatch_id)["shipped"] for box in boxes] == [10, 15, 10]
    assert [line["quantity"] for package in data["packages"] for line in package["lines"]] == [10, 15, 10]


def test_s03_shipping_all_that_was_asked_touches_neither_need_nor_offer(story: Story) -> None:
    box = story.request(quantity=60)
    endorsed = story.world.endorse(story["supporter"], shipping(story.world.ulid(), box))
    assert not any("relief.need" in key or "relief.offer" in key for key in [*endorsed.reads, *endorsed.writes])


def test_s05_an_office_offers_for_its_municipality_and_any_clerk_of_it_acts(story: Story) -> None:
    box = story.request(story.need(), story.offer(who="sender"), 60)
    story.submit("colleague", IssueLabel(box.package_id))
    story.ship(box, who="hachioji_admin")
    assert story.world.package(box.package_id)["state"] == "shipped"
    assert story.world.offer(box.offer_id)["supporter"] == story["sender"].account


def test_s05_changing_and_withdrawing_touch_the_free_part_only(story: Story) -> None:
    box = story.request(story.need(), story.offer(100), 60)
    rev = story.world.offer(box.offer_id)["rev"]
    changed = story.submit("supporter", ChangeOffer(box.offer_id, rev, quantity=90, available_until="2024-02-01"))
    assert changed.data == {"offer_id": box.offer_id, "changed": ["available_until", "quantity"], "quantity": 90,
                            "deltas": [{"offer_id": box.offer_id, "quantity": -10}]}
    withdrawn = story.submit("supporter", WithdrawOffer(box.offer_id, rev + 1))
    assert withdrawn.data["deltas"] == [{"offer_id": box.offer_id, "withdrawn": 30}]
    offer = story.world.offer(box.offer_id)
    assert (offer["state"], offer["withdrawn"], offer["requested"]) == ("closed", 30, 60)
    story.ship(box)
    assert story.world.dispatch(box.need_id, box.dispatch_id)["state"] == "shipped", "the promise stands"


def test_s01_a_need_changes_closes_and_holds_again(story: Story) -> None:
    need = story.need(100)
    data = story.submit("clerk", ChangeNeed(need, 1, quantity=120, note="毎日")).data
    assert data["deltas"] == [{"need_id": need, "quantity": 20}] and data["changed"] == ["note", "quantity"]
    assert story.submit("clerk", ChangeNeed(need, 2, priority="urgent")).data["deltas"] == []
    story.submit("shelter", CloseNeed(need, "enough", 3))
    assert story.world.need(need)["state"] == "closed"
    story.submit("shelter", ReopenNeed(need, 4))
    document = story.world.need(need)
    assert (document["state"], document["quantity"], document["note"], document["priority"], document["rev"]) == (
        "open", 120, "毎日", "urgent", 5)


def test_s01_a_match_does_not_make_an_open_form_stale(story: Story) -> None:
    box = story.request(quantity=60)
    story.submit("clerk", ChangeNeed(box.need_id, 1, quantity=60))
    need = story.world.need(box.need_id)
    assert (need["quantity"], need["committed"]) == (60, 60)


def test_s01_a_queued_closing_needs_no_revision(story: Story) -> None:
    need, made_at = story.need(), story.world.ledger.now - 3600
    data = story.submit("shelter", CloseNeed(need, "mistake", queued=True, made_at=made_at)).data
    assert (data["queued"], data["made_at"], story.world.need(need)["state"]) == (True, made_at, "closed")


def test_s07_head_counts_and_confirmations_keep_each_other(story: Story) -> None:
    world, now = story.world, story.world.ledger.now
    story.submit("shelter", ConfirmNeeds(NANAO, SHELTER))
    story.submit("clerk", SetSiteStatus(NANAO, SHELTER, True, headcount=90, counted_at=now - 60))
    status = world.query("relief.get_site_status", code6=NANAO, site_id=SHELTER)
    assert (status["headcount"], status["counted_at"], status["confirmed_at"]) == (90, now - 60, now)
    story.submit("shelter", ConfirmNeeds(NANAO, SHELTER, made_at=now - 7200, queued=True))
    status = world.query("relief.get_site_status", code6=NANAO, site_id=SHELTER)
    assert (status["headcount"], status["confirmed_at"]) == (90, now), "a late one does not make it older"
    story.submit("clerk", SetSiteStatus(NANAO, SHELTER, False))
    assert "headcount" not in world.query("relief.get_site_status", code6=NANAO, site_id=SHELTER)


def test_s09_a_box_never_announced_is_received_and_flagged(story: Story) -> None:
    box = story.request(quantity=60)
    data = story.receive(box, 60).data
    dispatch, package = story.world.dispatch(box.need_id, box.dispatch_id), story.world.package(box.package_id)
    assert data["unannounced"] is True and package["unannounced"] is True
    assert (dispatch["state"], dispatch["shipped"], package["state"]) == ("shipped", 60, "received")
    assert "discrepancy_id" not in data


def test_s09_a_shipped_box_is_not_flagged(story: Story) -> None:
    box = story.shipped()
    data = story.receive(box, 60).data
    assert not {"unannounced", "clock_off", "discrepancy_id"} & data.keys()


def test_s09_a_clock_outside_shipping_and_now_is_flagged(story: Story) -> None:
    early, late, right = story.shipped(), story.shipped(), story.shipped()
    now = story.world.ledger.now
    story.world.ledger.now = now + 3600
    for box, scanned_at, off in ((early, now - 1, True), (late, now + 3601, True), (right, now, False)):
        data = story.receive(box, 60, scanned_at=scanned_at).data
        assert data.get("clock_off", False) is off
        assert story.world.package(box.package_id).get("clock_off", False) is off


def test_s09_surplus_is_a_difference_that_gives_nothing_back(story: Story) -> None:
    box = story.shipped()
    data = story.receive(box, 60, surplus=(SurplusLine(3, item=BLANKET), SurplusLine(1, item_name="手紙"))).data
    assert data["deltas"] == [] and data["surplus"] == [
        {"quantity": 3, "item": BLANKET}, {"quantity": 1, "item_name": "手紙"}]
    discrepancy = story.world.query("relief.get_discrepancy", package_id=box.package_id,
                                    discrepancy_id=data["discrepancy_id"])
    assert discrepancy["received"]["surplus"] == data["surplus"]
    assert story.figures(box) == (60, 60, 0)


def test_s09_a_second_scan_with_equal_counts_is_the_first_result(story: Story) -> None:
    box = story.shipped()
    story.receive(box, 58, damaged=2)
    again = story.receive(box, 58, damaged=2, who="clerk")
    assert again.result["replayed"] is True
    assert story.figures(box)[0] == 58


def test_s09_a_queued_scan_that_contradicts_is_kept_as_a_discrepancy(story: Story) -> None:
    box = story.shipped()
    story.receive(box, 60)
    op = story.world.ulid()
    command = receipt(box, 50, story.world.ledger.now, short=9, queued=True)  # adds up to nothing: kept all the same
    data = story.submit("shelter", command, op=op).data
    assert data["conflicting"] is True and data["discrepancy_id"] == op and data["deltas"] == []
    discrepancy = story.world.query("relief.get_discrepancy", package_id=box.package_id, discrepancy_id=op)
    assert (discrepancy["kind"], discrepancy["state"]) == ("conflicting_scan", "open")
    assert story.world.package(box.package_id)["receipt"]["lines"][0]["good"] == 60, "the receipt stays"
    assert story.figures(box)[0] == 60
    assert story.submit("shelter", command, op=op).result["replayed"] is True
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, op))


@pytest.mark.parametrize("fields", [{"accept_superseded": True}, {"queued": True}])
def test_s09_an_old_label_is_taken_when_said_so_or_queued(story: Story, fields: dict[str, bool]) -> None:
    box = story.shipped()
    assert story.submit("supporter", IssueLabel(box.package_id)).data["serial"] == 2
    story.receive(box, 60, **fields)
    assert story.world.package(box.package_id)["receipt"]["label_serial"] == 1


@pytest.mark.parametrize(("confirmed", "attested"), [(None, "service"), (False, "self"), (True, "device")])
def test_s09_a_receipt_says_whose_word_it_is(story: Story, confirmed: bool | None, attested: str) -> None:
    box, key = story.shipped(), ActorKey.generate(story["shelter"].account)
    if confirmed is not None:
        story.submit("shelter", directory.RegisterKey(key.public))
    if confirmed:
        story.submit("admin", directory.ConfirmKey(key.account, key.key_id), key=story.world.admin_keys[NANAO])
    story.submit("shelter", receipt(box, 60, story.world.ledger.now), key=None if confirmed is None else key)
    assert story.world.package(box.package_id)["receipt"]["attested"] == attested


def test_s09_a_clerk_of_another_shelter_may_scan(story: Story) -> None:
    box = story.shipped()
    story.receive(box, 60, who="school")
    assert story.world.package(box.package_id)["state"] == "received"


def test_s09_the_receivers_office_prints_labels_too(story: Story) -> None:
    box = story.shipped()
    assert story.submit("clerk", IssueLabel(box.package_id)).data == {"package_id": box.package_id, "serial": 2}


def test_s06_the_worker_cancels_what_nobody_shipped_in_time(story: Story) -> None:
    box = story.request(quantity=60, ship_by="2024-01-09")
    world = story.world
    world.submit(story["worker"], CancelDispatch(box.need_id, box.dispatch_id, "期限"), at=world.ledger.now + 86400)
    assert story.figures(box) == (0, 0, 0)
    assert world.dispatch(box.need_id, box.dispatch_id)["by"] == "worker"


def test_s07_a_need_of_many_dispatches_adds_up_over_pages(story: Story) -> None:
    need, offer = story.need(1000), story.offer(1000)
    for _ in range(5):
        story.submit("clerk", RequestDispatch(tuple(story.line(need, offer, 1) for _ in range(50))))
    answer = story.world.query("relief.check_need", need_id=need)
    assert (answer["committed"], answer["computed"], answer["agrees"]) == (250, 250, True)


def test_s09_boxes_of_two_needs_do_not_mix_in_the_sums(story: Story) -> None:
    first = story.shipped()
    second = story.request(story.need(site=SCHOOL), story.offer(), 5)
    assert story.world.query("relief.check_need", need_id=first.need_id)["in_transit"] == 60
    assert story.world.query("relief.check_need", need_id=second.need_id)["in_transit"] == 0
