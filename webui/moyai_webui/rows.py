"""The rows that pages show.

All times are aware UTC datetimes, all quantities whole numbers in the item's base unit, coordinates microdegrees.
Words for people (募集中, 輸送中 …) belong to the templates; the rows carry the keys of `PAGES.md` 4.1.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

FRESH_FOR = timedelta(hours=48)  # after this a need that still lacks something is asked about again

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list. `page` counts from 1; `places` is the number of different sites in the whole result."""

    rows: tuple[Row, ...]
    total: int
    page: int = 1
    size: int = 50
    places: int = 0

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.page * self.size, self.total)


@dataclass(frozen=True)
class AsOf:
    """How far the read model is: height applied, that block's time, and when the projector last reached the head."""

    block: int
    block_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True)
class DocumentHeights:
    """How far the read model is by kind of document: table of the projection → last block that wrote a row of it."""

    blocks: Mapping[str, int]
    seen_at: datetime | None


@dataclass(frozen=True)
class Municipality:
    code: str
    name: str
    status: str  # pending, active, left
    dispatch_approval: str = "none"  # none, office
    msp_id: str = ""
    rev: int = 0


@dataclass(frozen=True)
class Place:
    """A site as other records name it."""

    code: str
    municipality: str
    site_id: str
    name: str
    kind: str  # shelter, office, hub, warehouse
    district: str = ""
    address: str = ""


@dataclass(frozen=True)
class Party:
    """A sender. Persons have no name on the ledger: `name` is then empty.

    `official`: the account of an official or a municipality; its offers are the office's, any official may act.
    """

    account: str
    home: str  # code6
    municipality: str
    kind: str = "person"  # person, company, municipality, institution
    name: str = ""
    official: bool = False

    @property
    def label(self) -> str:
        """Who sends, in words for everybody."""
        if self.official:
            return self.municipality
        return self.name or f"{self.municipality}の支援者"


@dataclass(frozen=True)
class Item:
    code: str
    name: str
    unit: str
    category: str
    packs: tuple[tuple[str, int], ...] = ()
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    perishable: bool = False
    per_person: tuple[int, int] | None = None  # pieces a person and day as n/d
    retired: bool = False
    rev: int = 0
    same_as: str = ""  # code of the item of another catalogue that is the same thing


@dataclass(frozen=True)
class SiteStatus:
    open: bool
    headcount: int | None
    counted_at: datetime | None
    confirmed_at: datetime | None
    at: datetime


@dataclass(frozen=True)
class Site:
    place: Place
    rev: int
    kana: str = ""
    town_id: str = ""
    latitude: int | None = None
    longitude: int | None = None
    capacity_indoor: int | None = None
    capacity_outdoor: int | None = None
    capacity_text: str = ""
    phone: str = ""
    hazards: tuple[bool, ...] = ()
    retired: bool = False
    status: SiteStatus | None = None


@dataclass(frozen=True)
class Need:
    """`open` is the figure shown: what is missing after commitments and free offers aimed at this need."""

    need_id: str
    rev: int
    place: Place
    item: Item
    quantity: int
    committed: int
    in_transit: int
    received: int
    aimed_free: int
    state: str  # open, closed
    priority: str  # urgent, high, normal
    at: datetime
    fresh_at: datetime
    account: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    needed_by: datetime | None = None
    headcount: int | None = None
    note: str = ""
    settled: bool = False  # Σ shipped less what was written off reaches the quantity: it left the list

    @property
    def open(self) -> int:
        return max(0, self.quantity - self.committed - self.aimed_free)

    @property
    def missing(self) -> int:
        """What a dispatch may still ask for."""
        return max(0, self.quantity - self.committed)

    @property
    def axes(self) -> dict[str, str]:
        """committed, in_transit, received: none, part or all of the quantity."""
        figures = {"committed": self.committed, "in_transit": self.in_transit, "received": self.received}
        return {name: "all" if figure >= self.quantity else "part" if figure else "none"
                for name, figure in figures.items()}

    def status(self, now: datetime) -> str:
        if self.state == "closed":
            return "off"
        if self.received >= self.quantity:
            return "done"
        if self.committed >= self.quantity:
            return "held"
        if now - self.fresh_at > FRESH_FOR:
            return "stale"
        return "part" if self.committed else "open"


@dataclass(frozen=True)
class Offer:
    offer_id: str
    rev: int
    sender: Party
    item: Item | None  # None: named freely, see `item_name` (counted in pieces)
    item_name: str
    category: str
    quantity: int
    withdrawn: int
    requested: int
    state: str  # open, closed
    at: datetime
    ships_from: str  # municipality's name
    attributes: Mapping[str, str] = field(default_factory=dict)
    aimed_at: str | None = None
    aimed_place: Place | None = None
    available_from: date | None = None
    available_until: date | None = None
    expires_on: str = ""  # "2024-09-30" or "2024-09", as printed on the box
    transport: str = "own"  # own, needed
    waiting: int = 0  # dispatches requested and not yet shipped
    blocked: bool = False  # the supporter may not act any more: what nobody asked for has expired

    @property
    def free(self) -> int:
        return self.quantity - self.withdrawn - self.requested

    def status(self, today: date) -> str:
        if self.state == "closed":
            return "off"
        if self.waiting:
            return "asked"
        if self.free == 0:
            return "all" if self.requested else "off"
        if self.blocked or (self.available_until and self.available_until < today):
            return "late"
        return "part" if self.requested else "open"


@dataclass(frozen=True)
class Line:
    """One item in a box; the four counts are those of the receipt, None before it."""

    need_id: str
    dispatch_id: str
    item: Item
    quantity: int
    expires_on: str = ""
    good: int | None = None
    short: int | None = None
    damaged: int | None = None
    refused: int | None = None


@dataclass(frozen=True)
class Package:
    package_id: str
    lines: tuple[Line, ...]
    place: Place
    sender: Party
    label_serial: int
    state: str  # labelled, shipped, handed_over, received, voided, recalled, lost
    requested_at: datetime
    requested_by: str  # office that asked, in words of the ledger: code6 or code6/site
    number: int = 1  # this box of …
    boxes: int = 1
    carrier: str = ""
    shipped_at: datetime | None = None
    expected_on: date | None = None
    received_at: datetime | None = None
    attested: str = ""
    unannounced: bool = False
    surplus: int = 0
    discrepancy: str = ""  # "", open, acknowledged, resolved
    route: tuple[tuple[str, str], ...] = ()  # hubs on its way, as code6 and site
    leg: int = 0  # how many of them it has passed
    weight_g: int | None = None
    handed_at: datetime | None = None
    reason: str = ""  # why it is void, recalled or lost
    repacked_into: tuple[str, ...] = ()  # the boxes that replaced it
    corrected: bool = False  # the office counted anew after the receipt

    def late(self, today: date) -> bool:
        return self.state in ("shipped", "handed_over") and self.expected_on is not None and self.expected_on < today


@dataclass(frozen=True)
class Dispatch:
    dispatch_id: str
    need_id: str
    offer_id: str
    item: Item
    quantity: int
    released: int
    shipped: int
    state: str  # proposed, requested, shipped, declined, cancelled, recalled, rejected
    place: Place
    sender: Party
    requested_at: datetime
    requested_by: str
    expires_on: str = ""
    ship_by: datetime | None = None  # the end of the day
    packages: tuple[Package, ...] = ()
    reason: str = ""  # why it was declined, cancelled, rejected or recalled


@dataclass(frozen=True)
class Discrepancy:
    package_id: str
    discrepancy_id: str
    kind: str  # count, conflicting_scan, lost, recalled_arrived, wrong_site, unknown_label
    state: str  # open, acknowledged, resolved
    at: datetime
    package: Package
    resolution: str = ""  # resent, written_off, count_error
    received: Mapping[str, Any] = field(default_factory=dict)  # what was found, as the ledger has it


@dataclass(frozen=True)
class Entry:
    """One event of a record. `data` is the event's own data; `item` the item it speaks of, where it speaks of one."""

    event: str  # relief.need_registered …
    transaction: str  # relief.register_need …
    record_id: str  # what /records/<id> opens
    at: datetime
    municipality: str  # name of the signer's municipality
    account: str
    role: str
    office: str
    place: Place | None  # where the actor's office is a site
    tx_id: str
    block: int
    number: int  # position in the block, from 1
    data: Mapping[str, Any]
    item: Item | None = None
    attested: str = ""


@dataclass(frozen=True)
class Timeline:
    """A record's whole story, newest first. For a box: its need, offer and dispatch too."""

    record_id: str
    entries: tuple[Entry, ...]
    need: Need | None = None
    offer: Offer | None = None
    package: Package | None = None


@dataclass(frozen=True)
class Mail:
    mail_id: str
    kind: str  # offer_registered, dispatch_requested, consignment_shipped, package_received
    to: str  # site or sender, in words
    subject: str
    created_at: datetime
    outcome: str  # waiting, accepted, deferred, bounced, unknown
    handed_at: datetime | None = None
    recorded: bool = False  # on the ledger
    record_id: str = ""
    site: str = ""  # site_id, where it goes to a site
    answer: str = ""  # of the mail server that did not take it


@dataclass(frozen=True)
class SiteBalance:
    """A shelter's line on the office's page."""

    place: Place
    headcount: int | None
    counted_at: datetime | None
    needs: int
    urgent: int
    coming: int
    received: int
    discrepancies: int


@dataclass(frozen=True)
class ArrivalCounts:
    received: int
    in_transit: int
    discrepancies: int
    late: int
