"""What the pages read: filters and the one interface that serves the rows of `moyai_webui.rows`.

Pages never see SQL or protobuf. The projection's store implements `Reading`; unit tests implement it in memory.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from moyai_webui.account_rows import Account, AccountFilter, ActorKey
from moyai_webui.operation_rows import Arrival, ArrivedItem, Drill, Intake
from moyai_webui.rows import (
    ArrivalCounts, AsOf, Discrepancy, Dispatch, DocumentHeights, Entry, Item, Mail, Municipality, Need, Offer,
    Package, Page, Site, SiteBalance, Timeline,
)
from moyai_webui.suggestions.problem import Material
from moyai_webui.totals.figures import Totals


@dataclass(frozen=True)
class NeedFilter:
    text: str = ""
    municipality: str = ""
    site_id: str = ""
    place_kind: str = ""  # office, shelter
    category: str = ""
    item: str = ""  # code
    priority: str = ""
    due_before: datetime | None = None
    status: str = ""  # open, part, held, done, stale, off; "" = what the public list shows: open and not settled
    near: tuple[int, int] | None = None  # latitude, longitude in microdegrees, for sort="near"
    sort: str = "urgent"  # urgent, near, newest
    page: int = 1
    size: int = 50


@dataclass(frozen=True)
class OfferFilter:
    text: str = ""
    home: str = ""
    account: str = ""
    aimed_at: str = ""  # need_id
    aimed_municipality: str = ""
    aimed_site: str = ""  # site_id, with aimed_municipality
    category: str = ""
    item: str = ""
    status: str = ""  # open, asked, part, all, late, off; "" = all that are not closed, "any" = those too
    first: str = ""  # account or code6 whose offers come first
    page: int = 1
    size: int = 50


@dataclass(frozen=True)
class DispatchFilter:
    municipality: str = ""  # code6 of the receiver
    site_id: str = ""
    need_id: str = ""
    offer_id: str = ""
    sender: str = ""  # account
    sender_home: str = ""  # code6
    state: str = ""
    page: int = 1
    size: int = 50


@dataclass(frozen=True)
class PackageFilter:
    """`stage`: coming (labelled, on its way), received, all. `day` is a JST date and counts receipts."""

    municipality: str = ""
    site_id: str = ""
    place_kind: str = ""
    sender: str = ""
    sender_home: str = ""
    stage: str = "received"
    day: date | None = None
    difference: bool = False
    text: str = ""
    page: int = 1
    size: int = 50


@dataclass(frozen=True)
class RecordFilter:
    municipality: str = ""
    account: str = ""
    office: str = ""
    text: str = ""
    day_from: date | None = None
    day_to: date | None = None
    transaction: str = ""
    page: int = 1
    size: int = 50


class Reading(Protocol):
    """The read model. Unknown ids give None, empty lists are empty pages; nothing here writes."""

    def in_scope(self, scope: str) -> Reading:
        """The same questions, of one scope whoever asks: `live` or the drill with that id."""
        ...

    def as_of(self) -> AsOf: ...

    def heights(self) -> DocumentHeights: ...

    def municipalities(self) -> tuple[Municipality, ...]: ...

    def municipality(self, code: str) -> Municipality | None: ...

    def items(self, municipality: str, *, retired: bool = False) -> tuple[Item, ...]:
        """The common catalogue and this municipality's own items, by category and code."""
        ...

    def item(self, code: str) -> Item | None: ...

    def sites(self, municipality: str, *, text: str = "", kind: str = "", opened: bool | None = None,
              retired: bool = False, page: int = 1, size: int = 50) -> Page[Site]: ...

    def site(self, municipality: str, site_id: str) -> Site | None: ...

    def needs(self, wanted: NeedFilter) -> Page[Need]: ...

    def need(self, need_id: str) -> Need | None: ...

    def offers(self, wanted: OfferFilter) -> Page[Offer]: ...

    def offer(self, offer_id: str) -> Offer | None: ...

    def intakes(self, municipality: str = "") -> tuple[Intake, ...]:
        """What is not taken today, of one municipality or of all; those that take nothing at all first."""
        ...

    def drills(self, municipality: str) -> tuple[Drill, ...]:
        """All drills that a municipality took part in, newest first."""
        ...

    def material(self) -> Material:
        """All open needs and offers with what counts for suggestions."""
        ...

    def dispatches(self, wanted: DispatchFilter) -> Page[Dispatch]: ...

    def dispatch(self, need_id: str, dispatch_id: str) -> Dispatch | None: ...

    def packages(self, wanted: PackageFilter) -> Page[Package]: ...

    def package(self, package_id: str) -> Package | None: ...

    def arrivals(self, *, municipality: str = "", site_id: str = "", page: int = 1, size: int = 50) -> Page[Arrival]:
        """Boxes that no receipt fits, newest first."""
        ...

    def arrived_items(self, wanted: PackageFilter) -> tuple[ArrivedItem, ...]:
        """What has come and is to come to the filter's municipality and site, item by item."""
        ...

    def arrival_counts(self, wanted: PackageFilter) -> ArrivalCounts:
        """Received on `day`, in transit, open differences and late boxes of the filter's municipality and site."""
        ...

    def discrepancies(self, *, municipality: str = "", site_id: str = "", sender: str = "", sender_home: str = "",
                      unresolved: bool = True, page: int = 1, size: int = 50) -> Page[Discrepancy]: ...

    def discrepancy(self, package_id: str, discrepancy_id: str) -> Discrepancy | None: ...

    def site_balances(self, municipality: str, day: date) -> tuple[SiteBalance, ...]:
        """Every open site, the worst first."""
        ...

    def totals(self, municipality: str = "") -> Totals:
        """What was needed, sent and received, added up; `municipality` is the receiving one, empty for all."""
        ...

    def records(self, wanted: RecordFilter) -> Page[Entry]: ...

    def timeline(self, record_id: str) -> Timeline | None:
        """`record_id` is a need, an offer, a dispatch or a box."""
        ...

    def entries_of(self, transaction_id: str) -> tuple[Entry, ...]:
        """What one valid transaction did, newest first; empty where this copy of the ledger does not know it."""
        ...

    def mails(self, *, outcome: str = "", page: int = 1, size: int = 50) -> Page[Mail]:
        """Mails this municipality sends, newest first (of the home database's outbox); `outcome`: only such."""
        ...

    def accounts(self, wanted: AccountFilter) -> Page[Account]:
        """Accounts of one municipality by role and name, with what the home database knows of the people."""
        ...

    def account(self, account_id: str) -> Account | None: ...

    def keys(self, municipality: str, account: str = "") -> tuple[ActorKey, ...]:
        """Keys of the accounts of a municipality (of all where it is empty), or of one account: those that wait for a
        confirmation first, revoked ones last."""
        ...
