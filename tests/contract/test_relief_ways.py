"""S3 and S9: what is in which box, hubs on the way, and boxes that go elsewhere than their label says."""
from __future__ import annotations

from typing import Any

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.relief import (
    CancelDispatch, DeclineDispatch, HandOverPackage, IssueLabel, PackedLine, PackedPackage, Place, ReceivedLine,
    RedirectPackage, RepackDispatch, SetSiteStatus, ShipConsignment, ShippedLine, ShippedPackage)

from tests.contract.channel import NANAO, OSHIMA
from tests.contract.relief_story import Box, Document, MemoryStory, Story, shipping
from tests.contract.scene import ulid


def code_of(attempt: Any) -> str:
    with pytest.raises(Refused) as refusal:
        attempt()
    return refusal.value.code


def packed(story: Story, *lines: tuple[Box, int], **fields: Any) -> PackedPackage:
    """A new box."""
    return PackedPackage(story.package_id(), tuple(PackedLine(box.dispatch_id, number) for box, number in lines),
                         **fields)


def repack(story: Story, void: list[str], *new: PackedPackage, who: str = "supporter") -> Any:
    return story.submit(who, RepackDispatch(tuple(void), new))


def read_box(story: Story, package_id: str) -> Document:
    return story.query("relief.get_package", package_id=package_id)


def of(box: Box, package_id: str) -> Box:
    """The same dispatch in another box."""
    return Box(box.need_id, box.offer_id, box.dispatch_id, package_id, box.quantity)


def on_route(story: Story, **fields: Any) -> Box:
    """A box that goes by the hub."""
    return story.request(route=(Place(NANAO, story.cast.hub),), **fields)


def at_hub(story: Story, **fields: Any) -> Box:
    box = on_route(story, **fields)
    story.ship(box)
    hand_over(story, box)
    return box


def hand_over(story: Story, box: Box, *, who: str = "hub", **fields: Any) -> Any:
    return story.submit(who, HandOverPackage(**({"package_id": box.package_id, "code6": NANAO, "site": story.cast.hub,
                                                 "scanned_at": story.channel.now} | fields)))


# Several boxes of a dispatch, several lines of a box

def test_s03_two_dispatches_in_three_boxes(story: Story) -> None:
    """Sixty and thirty, first each in its box, then forty + twenty-and-ten + twenty."""
    one, other = story.request(), story.request(quantity=30)
    new = (packed(story, (one, 40), weight_g=9_000), packed(story, (one, 20), (other, 10)), packed(story, (other, 20)))
    told = repack(story, [one.package_id, other.package_id], *new).data
    assert [box["package_id"] for box in told["new"]] == [box.package_id for box in new]
    old = story.read_package(one)
    assert (old["state"], old["repacked_into"]) == ("voided", [box.package_id for box in new])
    assert story.read_dispatch(one)["packages"] == [new[0].package_id, new[1].package_id]
    assert story.read_dispatch(other)["packages"] == [new[1].package_id, new[2].package_id]
    assert read_box(story, new[0].package_id)["weight_g"] == 9_000
    assert story.figures(one) == (60, 60, 0) and story.check_need(one.need_id)["agrees"]
    # All leave together, ten of the second box less.
    story.submit("supporter", ShipConsignment(ulid(), (
        ShippedPackage(new[0].package_id),
        ShippedPackage(new[1].package_id, (ShippedLine(one.dispatch_id, 15), ShippedLine(other.dispatch_id, 5))),
        ShippedPackage(new[2].package_id)), "yamato"))
    dispatch = story.read_dispatch(one)
    assert (dispatch["state"], dispatch["shipped"], dispatch["released"]) == ("shipped", 55, 5)
    assert story.figures(one) == (55, 55, 5) and story.figures(other) == (25, 25, 5)
    told = story.submit("shelter", story.receipt(of(one, new[1].package_id), 0, lines=(
        ReceivedLine(one.dispatch_id, 13, damaged=2), ReceivedLine(other.dispatch_id, 5)))).data
    assert {line["dispatch_id"]: line["good"] for line in told["lines"]} == {one.dispatch_id: 13, other.dispatch_id: 5}
    assert story.check_need(one.need_id) | {"computed": 53, "received": 13, "in_transit": 40, "agrees": True} == (
        story.check_need(one.need_id))


def test_s03_boxes_of_a_dispatch_may_leave_one_after_the_other(memory_story: MemoryStory) -> None:
    story = memory_story
    box = story.request()
    first, second = packed(story, (box, 40)), packed(story, (box, 20))
    repack(story, [box.package_id], first, second)
    for package in (first, second):
        story.submit("supporter", shipping(of(box, package.package_id)))
        assert story.read_dispatch(box)["shipped"] == 60 and story.check_need(box.need_id)["agrees"]
    assert story.check_need(box.need_id)["in_transit"] == 60


def test_s03_a_box_that_stays_behind_is_void_and_given_back(memory_story: MemoryStory) -> None:
    story = memory_story
    box = story.request()
    first, second = packed(story, (box, 40)), packed(story, (box, 20))
    repack(story, [box.package_id], first, second)
    story.submit("supporter", ShipConsignment(ulid(), (
        ShippedPackage(first.package_id), ShippedPackage(second.package_id, (ShippedLine(box.dispatch_id, 0),))),
        "other"))
    assert read_box(story, second.package_id)["state"] == "voided"
    assert story.read_dispatch(box)["shipped"] == 40 and story.figures(box) == (40, 40, 20)


@pytest.mark.parametrize("end", [CancelDispatch, DeclineDispatch])
def test_s06_a_dispatch_that_ends_leaves_the_box_it_shares(memory_story: MemoryStory, end: Any) -> None:
    story = memory_story
    one, other = story.request(), story.request(quantity=30)
    shared = packed(story, (one, 60), (other, 30))
    repack(story, [one.package_id, other.package_id], shared)
    who = "clerk" if end is CancelDispatch else "supporter"
    story.submit(who, end(one.need_id, one.dispatch_id, "不要"))
    package = read_box(story, shared.package_id)
    assert (package["state"], package["label_serial"]) == ("labelled", 2)
    assert [(line["dispatch_id"], line["quantity"]) for line in package["lines"]] == [(other.dispatch_id, 30)]
    story.submit(who, end(other.need_id, other.dispatch_id, "不要"))
    assert read_box(story, shared.package_id)["state"] == "voided"
    assert story.figures(one)[:2] == story.figures(other)[:2] == (0, 0)


def test_s09_one_of_two_boxes_that_nobody_announced(memory_story: MemoryStory) -> None:
    story = memory_story
    box = story.request()
    first, second = packed(story, (box, 40)), packed(story, (box, 20))
    repack(story, [box.package_id], first, second)
    story.receive(of(box, first.package_id), 40)
    assert read_box(story, first.package_id)["unannounced"] is True
    assert (story.read_dispatch(box)["state"], story.read_dispatch(box)["shipped"]) == ("shipped", 60)
    story.submit("supporter", shipping(of(box, second.package_id), 15))
    assert story.figures(box) == (55, 55, 5) and story.check_need(box.need_id)["agrees"]
    story.receive(of(box, second.package_id), 15)
    assert story.check_need(box.need_id)["received"] == 55


def _other_dispatch(story: MemoryStory, box: Box) -> PackedPackage:
    return packed(story, (box, 60), (story.request(), 60))


REFUSED_PACKING: dict[str, tuple[str, Any]] = {
    "too few": ("count_mismatch", lambda s, b: repack(s, [b.package_id], packed(s, (b, 59)))),
    "too many": ("count_mismatch", lambda s, b: repack(s, [b.package_id], packed(s, (b, 60)), packed(s, (b, 1)))),
    "what is in no box": ("bad_argument", lambda s, b: repack(s, [b.package_id], _other_dispatch(s, b))),
    "one box twice": ("bad_argument", lambda s, b: repack(s, [b.package_id] * 2, packed(s, (b, 60)))),
    "one line twice": ("bad_argument", lambda s, b: repack(s, [b.package_id], packed(s, (b, 30), (b, 30)))),
    "a mistyped id": ("bad_argument", lambda s, b: repack(s, [b.package_id], PackedPackage(
        "P0000000001Z", (PackedLine(b.dispatch_id, 60),)))),
    "into a used box": ("id_reused", lambda s, b: repack(s, [b.package_id], PackedPackage(
        s.request().package_id, (PackedLine(b.dispatch_id, 60),)))),
    "an unknown box": ("not_found", lambda s, b: repack(s, ["P00000000000"], packed(s, (b, 60)))),
    "somebody else's": ("foreign_record", lambda s, b: repack(s, [b.package_id], packed(s, (b, 60)), who="neighbour")),
    "as the receiver": ("foreign_record", lambda s, b: repack(s, [b.package_id], packed(s, (b, 60)), who="clerk")),
    "for two places": ("wrong_site", lambda s, b: repack(
        s, [b.package_id, (o := s.request(s.need(site=s.cast.school))).package_id], packed(s, (b, 60), (o, 60)))),
    "what has left": ("wrong_state", lambda s, b: (s.ship(b), repack(s, [b.package_id], packed(s, (b, 60))))),
    "21 boxes of a dispatch": ("too_many", lambda s, b: _twenty_one(s, b)),
}


def _twenty_one(story: MemoryStory, box: Box) -> None:
    new = [packed(story, (box, 3)) for _ in range(20)]
    repack(story, [box.package_id], *new)
    repack(story, [new[0].package_id], packed(story, (box, 1)), packed(story, (box, 2)))


@pytest.mark.parametrize("name", REFUSED_PACKING)
def test_s03_refused_packing(memory_story: MemoryStory, name: str) -> None:
    code, attempt = REFUSED_PACKING[name]
    assert code_of(lambda: attempt(memory_story, memory_story.request())) == code


# Hubs

def test_s09_a_box_by_way_of_a_hub(story: Story) -> None:
    box = on_route(story)
    package = story.read_package(box)
    assert (package["route"], package["leg"]) == ([{"code6": NANAO, "site": story.cast.hub}], 0)
    story.ship(box)
    told = hand_over(story, box).data
    assert (told["leg"], told["site"]) == (1, story.cast.hub)
    package = story.read_package(box)
    assert (package["state"], package["leg"], package["handed_at"]) == ("handed_over", 1, told["scanned_at"])
    assert story.check_need(box.need_id)["in_transit"] == 60
    assert hand_over(story, box).replayed, "a second scan is harmless"
    story.receive(box, 60)
    assert story.read_package(box)["state"] == "received" and story.check_need(box.need_id)["agrees"]


def test_s03_a_hub_splits_what_it_holds(story: Story) -> None:
    box = at_hub(story)
    new = packed(story, (box, 25)), packed(story, (box, 35))
    repack(story, [box.package_id], *new, who="hub")
    package = read_box(story, new[0].package_id)
    assert (package["state"], package["leg"]) == ("handed_over", 1)
    assert package["shipped_at"] == story.read_package(box)["shipped_at"]
    for packing, quantity in zip(new, (25, 35)):
        story.receive(of(box, packing.package_id), quantity)
    assert story.check_need(box.need_id)["received"] == 60


def test_s09_a_hub_gets_a_box_that_nobody_announced(memory_story: MemoryStory) -> None:
    story = memory_story
    box = on_route(story)
    assert hand_over(story, box).data["unannounced"] is True
    assert (story.read_dispatch(box)["state"], story.read_dispatch(box)["shipped"]) == ("shipped", 60)
    story.receive(box, 60)
    assert story.read_package(box)["unannounced"] is True


def test_s09_a_hub_may_be_left_out(memory_story: MemoryStory) -> None:
    story = memory_story
    story.submit("clerk", SetSiteStatus(NANAO, story.cast.school, True))
    route = (Place(NANAO, story.cast.hub), Place(NANAO, story.cast.school))
    box = story.request(route=route)
    story.ship(box)
    hand_over(story, box, who="school", site=story.cast.school)
    assert story.read_package(box)["leg"] == 2
    assert hand_over(story, box).replayed, "it is behind the box"


def test_s09_the_sender_hands_over_too(memory_story: MemoryStory) -> None:
    story = memory_story
    box = on_route(story)
    story.ship(box)
    hand_over(story, box, who="supporter")
    assert story.read_package(box)["leg"] == 1


HANDED_WRONGLY: dict[str, tuple[str, Any]] = {
    "another hub": ("wrong_site", lambda s, b: hand_over(s, b, who="school", site=s.cast.school)),
    "for another site": ("foreign_record", lambda s, b: hand_over(s, b, who="school")),
    "by a neighbour": ("foreign_record", lambda s, b: hand_over(s, b, who="neighbour")),
    "by a third municipality": ("foreign_record", lambda s, b: hand_over(s, b, who="oshima_clerk")),
    "tomorrow": ("time_out_of_range", lambda s, b: hand_over(s, b, scanned_at=s.channel.now + 901)),
    "an unknown box": ("label_unknown", lambda s, b: hand_over(s, of(b, "P00000000000"))),
    "a cancelled box": ("package_voided", lambda s, b: (
        s.submit("clerk", CancelDispatch((o := on_route(s)).need_id, o.dispatch_id, "不要")), hand_over(s, o))),
    "a received box": ("wrong_state", lambda s, b: (s.receive(b, 60), hand_over(s, b))),
    "repacking elsewhere": ("foreign_record", lambda s, b: (hand_over(s, b), repack(
        s, [b.package_id], packed(s, (b, 60)), who="school"))),
    "repacking by the sender": ("foreign_record", lambda s, b: (hand_over(s, b), repack(
        s, [b.package_id], packed(s, (b, 60))))),
}


@pytest.mark.parametrize("name", HANDED_WRONGLY)
def test_s09_handed_over_wrongly(memory_story: MemoryStory, name: str) -> None:
    code, attempt = HANDED_WRONGLY[name]
    box = on_route(memory_story)
    memory_story.ship(box)
    assert code_of(lambda: attempt(memory_story, box)) == code


@pytest.mark.parametrize(("route", "code"), [
    (("hub", "hub"), "bad_argument"), (("shelter",), "bad_argument"), (("nowhere",), "not_found")])
def test_s09_a_route_is_checked(memory_story: MemoryStory, route: tuple[str, ...], code: str) -> None:
    sites = {"hub": memory_story.cast.hub, "shelter": memory_story.cast.shelter, "nowhere": "T-nowhere"}
    assert code_of(lambda: memory_story.request(route=tuple(Place(NANAO, sites[name]) for name in route))) == code


# Elsewhere

def redirect(story: Story, *boxes: Box, who: str = "clerk", site: str = "") -> Any:
    return story.submit(who, RedirectPackage(tuple(box.package_id for box in boxes), site or story.cast.school,
                                             "避難所を閉じました"))


def test_s09_boxes_of_a_closed_shelter_go_to_another(story: Story) -> None:
    waiting, on_its_way = story.request(), story.shipped()
    told = redirect(story, waiting, on_its_way).data
    assert [(box["package_id"], box["serial"]) for box in told["packages"]] == [
        (waiting.package_id, 2), (on_its_way.package_id, 1)], "what has not left gets a new label"
    assert told["packages"][0]["from"] == {"code6": NANAO, "site": story.cast.shelter}
    assert code_of(lambda: story.receive(on_its_way, 60)) == "wrong_site"
    story.receive(on_its_way, 50, who="school", site=story.cast.school, short=10)
    check = story.check_need(on_its_way.need_id)
    assert check["agrees"] and check["received"] == 50, "it still counts for the need that it was promised to"
    story.ship(waiting)
    assert story.query("relief.get_package", package_id=waiting.package_id)["to"]["site"] == story.cast.school


REDIRECTED_WRONGLY: dict[str, tuple[str, Any]] = {
    "to a closed shelter": ("site_closed", lambda s: redirect(s, s.shipped(), site=s.cast.closed)),
    "to nowhere": ("not_found", lambda s: redirect(s, s.shipped(), site="T-nowhere")),
    "to where it goes": ("bad_argument", lambda s: redirect(s, s.shipped(), site=s.cast.shelter)),
    "twice at once": ("bad_argument", lambda s: redirect(s, *[s.shipped()] * 2)),
    "another municipality's": ("foreign_record", lambda s: redirect(s, s.shipped(), who="oshima_clerk",
                                                                    site=s.cast.foreign_site)),
    "by the shelter": ("not_permitted", lambda s: redirect(s, s.shipped(), who="shelter")),
    "what is received": ("wrong_state", lambda s: (s.receive(b := s.shipped(), 60), redirect(s, b))),
}


@pytest.mark.parametrize("name", REDIRECTED_WRONGLY)
def test_s09_redirected_wrongly(memory_story: MemoryStory, name: str) -> None:
    code, attempt = REDIRECTED_WRONGLY[name]
    assert code_of(lambda: attempt(memory_story)) == code


def test_s09_a_hub_needs_not_be_open_to_take_boxes(memory_story: MemoryStory) -> None:
    box = memory_story.shipped()
    redirect(memory_story, box, site=memory_story.cast.hub)
    assert memory_story.read_package(box)["to"] == {"code6": NANAO, "site": memory_story.cast.hub}
    assert memory_story.query("directory.get_site", code6=OSHIMA, site_id=memory_story.cast.foreign_site)


def test_s09_a_label_is_printed_anew_at_the_hub_too(memory_story: MemoryStory) -> None:
    box = at_hub(memory_story)
    assert memory_story.submit("clerk", IssueLabel(box.package_id)).data["serial"] == 2
