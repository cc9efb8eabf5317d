"""Every state of every machine × every command on it: what is an edge goes, everything else is refused."""
from __future__ import annotations

from typing import Any, Callable

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.relief import (
    AcknowledgeDiscrepancy, CancelDispatch, ChangeNeed, ChangeOffer, CloseNeed, DeclineDispatch, IssueLabel, ReopenNeed,
    RequestDispatch, ResolveDiscrepancy, WithdrawOffer)

from tests.contract.relief_story import Box, MemoryStory, shipping

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


def _ship(story: MemoryStory, box: Box) -> Any:
    return story.submit("supporter", shipping(box))


BOXES = {
    "requested": lambda s: s.request(),
    "shipped": lambda s: s.shipped(),
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
    "receive": lambda s, b: s.receive(b, 60),
    "receive otherwise": lambda s, b: s.receive(b, 59, short=1),
    "receive otherwise from a queue": lambda s, b: s.receive(b, 59, short=1, queued=True),
    "request again": lambda s, b: s.submit("clerk", RequestDispatch((s.line(
        b.need_id, b.offer_id, 60, dispatch_id=b.dispatch_id, package_id=b.package_id),))),
}


def _ended(state: str) -> dict[str, Any]:
    return {"decline": ("wrong_state", state), "cancel": ("wrong_state", state),
            "label by the sender": ("wrong_state", "voided"), "label by the receiver": ("wrong_state", "voided"),
            "ship": "not_requested", "receive": "package_voided", "receive otherwise": "package_voided",
            "receive otherwise from a queue": "package_voided", "request again": "id_reused"}


RECEIVED = {"decline": ("wrong_state", "shipped"), "cancel": ("wrong_state", "shipped"),
            "label by the sender": ("wrong_state", "received"), "label by the receiver": ("wrong_state", "received"),
            "ship": ("wrong_state", "received"), "receive": "replayed", "receive otherwise": "already_received",
            "receive otherwise from a queue": GOES, "request again": "id_reused"}


@pytest.mark.parametrize(("state", "expected"), [
    ("requested", dict.fromkeys(ON_BOX, GOES) | {"request again": "replayed"}),
    ("shipped", dict.fromkeys(ON_BOX, GOES) | {"decline": ("wrong_state", "shipped"),
                                               "cancel": ("wrong_state", "shipped"),
                                               "ship": ("wrong_state", "shipped"), "request again": "id_reused"}),
    ("declined", _ended("declined")),
    ("cancelled", _ended("cancelled")),
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
