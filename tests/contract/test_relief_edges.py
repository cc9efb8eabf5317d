"""Every state of every machine × every command on it: what is an edge goes, everything else is refused."""
from __future__ import annotations

from typing import Any, Callable

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.relief import (
    LOST_AFTER_SECONDS, AcknowledgeDiscrepancy, CancelDispatch, ChangeNeed, ChangeOffer, CloseNeed, CorrectReceipt,
    DeclineDispatch, HandOverPackage, IssueLabel, PackedLine, PackedPackage, Place, RecallDispatch, ReceivedLine,
    RedirectPackage, ReopenNeed, RepackDispatch, ReportLost, RequestDispatch, ResolveDiscrepancy, WithdrawOffer)

from tests.contract.channel import NANAO
from tests.contract.relief_story import Box, MemoryStory, shipping
from tests.contract.scene import ulid

GOES = "goes"


def outcome(act: Callable[[], Any]) -> Any:
    """`goes`, `replayed`, or the refusal's code with the state it names."""
    try:
        return "replayed" if act().replayed else GOES
    except Refused as refusal:
        return (refusal.code, refusal.params["state"]) if "state" in refusal.params else refusal.code


def check(story: MemoryStory, states: dict[str, Callable[[MemoryStory], Any]],
          commands: dict[str, Callable[[MemoryStory, Any], Any]], state: str, expected: dict[str, Any]) -> None:
    """Each command on a fresh record in `state`."""
    found = {}
    for name, command in commands.items():
        record = states[state](story)
        found[name] = outcome(lambda: command(story, record))
    assert found == expected


# Needs

def _closed_need(story: MemoryStory) -> str:
    need = story.need()
    story.submit("clerk", CloseNeed(need, "enough", 1))
    return need


def _rev(story: MemoryStory, need: str) -> int:
    return story.read_need(need)["rev"]


NEEDS = {"open": lambda s: s.need(), "closed": _closed_need}
ON_NEED = {
    "change": lambda s, need: s.submit("clerk", ChangeNeed(need, _rev(s, need), quantity=90)),
    "close": lambda s, need: s.submit("clerk", CloseNeed(need, "enough", _rev(s, need))),
    "reopen": lambda s, need: s.submit("clerk", ReopenNeed(need, _rev(s, need))),
    "close from a queue": lambda s, need: s.submit("clerk", CloseNeed(need, "enough", queued=True)),
    "aim an offer": lambda s, need: s.submit("supporter", _aimed(s, need)),
    "request": lambda s, need: s.submit("clerk", RequestDispatch((s.line(need, s.offer(), 5),))),
}


def _aimed(story: MemoryStory, need: str) -> Any:
    return story.offering(5, aimed_at=need)


@pytest.mark.parametrize(("state", "expected"), [
    ("open", {"change": GOES, "close": GOES, "reopen": ("wrong_state", "open"), "close from a queue": GOES,
              "aim an offer": GOES, "request": GOES}),
    ("closed", {"change": ("wrong_state", "closed"), "close": ("wrong_state", "closed"), "reopen": GOES,
                "close from a queue": ("wrong_state", "closed"), "aim an offer": ("wrong_state", "closed"),
                "request": ("wrong_state", "closed")})])
def test_s01_need(memory_story: MemoryStory, state: str, expected: dict[str, Any]) -> None:
    check(memory_story, NEEDS, ON_NEED, state, expected)


# Offers

def _closed_offer(story: MemoryStory) -> str:
    offer = story.offer()
    story.submit("supporter", WithdrawOffer(offer, 1))
    return offer


def _expired_offer(story: MemoryStory) -> str:
    offer = story.offer(available_until=story.today)
    story.channel.advance(86400)
    return offer


OFFERS = {"open": lambda s: s.offer(), "closed": _closed_offer, "expired": _expired_offer}
ON_OFFER = {
    "change": lambda s, offer: s.submit("supporter", ChangeOffer(offer, s.read_offer(offer)["rev"], quantity=90)),
    "withdraw": lambda s, offer: s.submit("supporter", WithdrawOffer(offer, s.read_offer(offer)["rev"])),
    "request": lambda s, offer: s.submit("clerk", RequestDispatch((s.line(s.need(), offer, 5),))),
}


@pytest.mark.parametrize(("state", "expected"), [
    ("open", {"change": GOES, "withdraw": GOES, "request": GOES}),
    ("closed", {"change": ("wrong_state", "closed"), "withdraw": ("wrong_state", "closed"),
                "request": ("wrong_state", "closed")}),
    ("expired", {"change": GOES, "withdraw": GOES, "request": "offer_expired"})])
def test_s05_offer(memory_story: MemoryStory, state: str, expected: dict[str, Any]) -> None:
    check(memory_story, OFFERS, ON_OFFER, state, expected)


# Dispatches with their box

def _then(act: Callable[[MemoryStory, Box], Any], *, shipped: bool = False) -> Callable[[MemoryStory], Box]:
    def make(story: MemoryStory) -> Box:
        box = story.shipped() if shipped else story.request()
        act(story, box)
        return box
    return make


def _decline(story: MemoryStory, box: Box) -> Any:
    return story.submit("supporter", DeclineDispatch(box.need_id, box.dispatch_id, "なし"))


def _cancel(story: MemoryStory, box: Box) -> Any:
    return story.submit("clerk", CancelDispatch(box.need_id, box.dispatch_id, "不要"))


def _recall(story: MemoryStory, box: Box) -> Any:
    return story.submit("clerk", RecallDispatch(box.need_id, box.dispatch_id, "道が通れません"))


def _lose(story: MemoryStory, box: Box) -> Any:
    story.channel.advance(LOST_AFTER_SECONDS)
    return story.submit("clerk", ReportLost(box.package_id))


def _hand_over(story: MemoryStory, box: Box) -> Any:
    return story.submit("hub", HandOverPackage(box.package_id, NANAO, story.cast.hub, story.channel.now))


def _repack(story: MemoryStory, box: Box) -> Any:
    new = PackedPackage(story.package_id(), (PackedLine(box.dispatch_id, 60),))
    return story.submit("supporter", RepackDispatch((box.package_id,), (new,)))


def _redirect(story: MemoryStory, box: Box) -> Any:
    return story.submit("clerk", RedirectPackage((box.package_id,), story.cast.school, "閉鎖"))


def _correct(story: MemoryStory, box: Box) -> Any:
    return story.submit("deputy", CorrectReceipt(box.package_id, ulid(), (ReceivedLine(box.dispatch_id, 60),), "訂正"))


def _ship(story: MemoryStory, box: Box) -> Any:
    return story.submit("supporter", shipping(box))


def _at_hub(story: MemoryStory) -> Box:
    box = story.request(route=(Place(NANAO, story.cast.hub),))
    story.ship(box)
    _hand_over(story, box)
    return box


BOXES = {
    "requested": lambda s: s.request(route=(Place(NANAO, s.cast.hub),)),
    "shipped": lambda s: s.shipped(),
    "at the hub": lambda s: _at_hub(s),
    "recalled": _then(_recall, shipped=True),
    "lost": _then(_lose, shipped=True),
    "declined": _then(_decline),
    "cancelled": _then(_cancel),
    "received": _then(lambda s, b: s.receive(b, 60), shipped=True),
    "received unannounced": _then(lambda s, b: s.receive(b, 60)),
}
ON_BOX = {
    "decline": _decline,
    "cancel": _cancel,
    "label by the sender": lambda s, b: s.submit("supporter", IssueLabel(b.package_id)),
    "label by the receiver": lambda s, b: s.submit("clerk", IssueLabel(b.package_id)),
    "ship": _ship,
    "recall": _recall,
    "give up": _lose,
    "hand over": _hand_over,
    "repack": _repack,
    "redirect": _redirect,
    "correct": _correct,
    "receive": lambda s, b: s.receive(b, 60),
    "receive otherwise": lambda s, b: s.receive(b, 59, short=1),
    "receive otherwise from a queue": lambda s, b: s.receive(b, 59, short=1, queued=True),
    "request again": lambda s, b: s.submit("clerk", RequestDispatch((s.line(
        b.need_id, b.offer_id, 60, dispatch_id=b.dispatch_id, package_id=b.package_id),))),
}


def _ended(state: str, package: str, ship: Any = "not_requested", **other: Any) -> dict[str, Any]:
    """Nothing goes any more but what tells that the box is here: a queue is not refused."""
    refused = ("wrong_state", package)
    return {"decline": ("wrong_state", state), "cancel": ("wrong_state", state), "label by the sender": refused,
            "label by the receiver": refused, "ship": ship, "recall": ("wrong_state", state), "give up": refused,
            "hand over": "package_voided", "repack": refused, "redirect": refused, "correct": refused,
            "receive": "package_voided", "receive otherwise": "package_voided",
            "receive otherwise from a queue": GOES, "request again": "id_reused"} | other


ON_THE_WAY = dict.fromkeys(ON_BOX, GOES) | {
    "decline": ("wrong_state", "shipped"), "cancel": ("wrong_state", "shipped"), "request again": "id_reused"}
RECEIVED = {"decline": ("wrong_state", "shipped"), "cancel": ("wrong_state", "shipped"),
            "label by the sender": ("wrong_state", "received"), "label by the receiver": ("wrong_state", "received"),
            "ship": ("wrong_state", "received"), "recall": ("wrong_state", "received"),
            "give up": ("wrong_state", "received"), "hand over": "wrong_site", "repack": ("wrong_state", "received"),
            "redirect": ("wrong_state", "received"), "correct": GOES,
            "receive": "replayed", "receive otherwise": "already_received",
            "receive otherwise from a queue": GOES, "request again": "id_reused"}


@pytest.mark.parametrize(("state", "expected"), [
    ("requested", dict.fromkeys(ON_BOX, GOES) | {
        "recall": ("wrong_state", "requested"), "give up": ("wrong_state", "labelled"),
        "correct": ("wrong_state", "labelled"), "request again": "id_reused"}),
    ("shipped", ON_THE_WAY | {
        "ship": ("wrong_state", "shipped"), "hand over": "wrong_site", "repack": ("wrong_state", "shipped"),
        "correct": ("wrong_state", "shipped")}),
    ("at the hub", ON_THE_WAY | {
        "ship": ("wrong_state", "handed_over"), "hand over": "replayed", "repack": "foreign_record",
        "correct": ("wrong_state", "handed_over")}),
    ("declined", _ended("declined", "voided")),
    ("cancelled", _ended("cancelled", "voided")),
    ("recalled", _ended("recalled", "recalled", ("wrong_state", "recalled"))),
    ("lost", _ended("shipped", "lost", ("wrong_state", "lost"), recall=("wrong_state", "lost"))),
    ("received", RECEIVED),
    ("received unannounced", RECEIVED)])
def test_s06_dispatch_and_box(memory_story: MemoryStory, state: str, expected: dict[str, Any]) -> None:
    check(memory_story, BOXES, ON_BOX, state, expected)


# Discrepancies

def _acknowledged(story: MemoryStory) -> tuple[str, str]:
    box, discrepancy = story.differing()
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, discrepancy))
    return box.package_id, discrepancy


def _resolved(story: MemoryStory) -> tuple[str, str]:
    package, discrepancy = _acknowledged(story)
    story.submit("clerk", ResolveDiscrepancy(package, discrepancy, "count_error"))
    return package, discrepancy


def _open(story: MemoryStory) -> tuple[str, str]:
    box, discrepancy = story.differing()
    return box.package_id, discrepancy


@pytest.mark.parametrize(("state", "expected"), [
    ("open", {"acknowledge": GOES, "resolve": ("wrong_state", "open")}),
    ("acknowledged", {"acknowledge": ("wrong_state", "acknowledged"), "resolve": GOES}),
    ("resolved", {"acknowledge": ("wrong_state", "resolved"), "resolve": ("wrong_state", "resolved")})])
def test_s09_discrepancy(memory_story: MemoryStory, state: str, expected: dict[str, Any]) -> None:
    check(memory_story, {"open": _open, "acknowledged": _acknowledged, "resolved": _resolved}, {
        "acknowledge": lambda s, d: s.submit("supporter", AcknowledgeDiscrepancy(*d)),
        "resolve": lambda s, d: s.submit("clerk", ResolveDiscrepancy(*d, "resent"))}, state, expected)
