"""Rows on how a municipality runs its operation: what it takes no more of, drills, and boxes that fit no receipt."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from moyai_webui.rows import Item, Municipality, Place


@dataclass(frozen=True)
class Intake:
    """A municipality takes no offers aimed at its needs: of one item, or of anything where `item` is None."""

    municipality: Municipality
    item: Item | None
    until: date  # the last day
    note: str
    at: datetime

    def stops(self, code6: str, item_code: str) -> bool:
        return self.municipality.code == code6 and (self.item is None or self.item.code == item_code)


@dataclass(frozen=True)
class Drill:
    """`scope` is the drill's id. `sites` are those that take part, all where it is empty."""

    code: str
    scope: str
    title: str
    status: str  # open, closed
    at: datetime
    starts_on: date | None = None
    ends_on: date | None = None
    sites: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.status == "open"


@dataclass(frozen=True)
class ArrivedItem:
    """What has come and is to come of one item, in its base unit."""

    item: Item
    boxes: int  # received
    good: int
    damaged: int  # and refused
    short: int
    coming: int  # labelled or on its way


@dataclass(frozen=True)
class ArrivedLine:
    item: Item | None  # None: named freely, or unknown
    item_name: str
    quantity: int


@dataclass(frozen=True)
class Arrival:
    """A box that no receipt fits, as it was found at a site."""

    arrival_id: str
    place: Place
    reason: str  # no_label, unreadable, unknown, wrong_site, voided, recalled, lost, other
    lines: tuple[ArrivedLine, ...]
    label_seen: str
    note: str
    scanned_at: datetime
    queued: bool
    attested: str
    clock_off: bool
    account: str
    at: datetime
