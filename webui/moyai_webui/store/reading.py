"""The read model: every question in one consistent view of the database."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone

from moyai_database.database import Database

from moyai_webui import rows
from moyai_webui.account_rows import Account, AccountFilter, ActorKey
from moyai_webui.operation_rows import Arrival, ArrivedItem, Drill, Intake
from moyai_webui.reading import DispatchFilter, NeedFilter, OfferFilter, PackageFilter, RecordFilter
from moyai_webui.store.queries import (
    accounts, balances, boxes, catalogue, dispatches, history, mails, matching, needs, offers, operation, totals,
)
from moyai_webui.store.queries.paging import today
from moyai_webui.store.scoped import ScopedSessions, always_live
from moyai_webui.suggestions.problem import Material
from moyai_webui.totals.figures import Totals


class SqlReading:
    """Implements `moyai_webui.reading.Reading` for one municipality's database."""

    def __init__(self, database: Database, municipality: str,
                 clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
                 scope: Callable[[], str] = always_live) -> None:
        """`scope` tells at each question what is read of relief: `live`, or the drill with that id."""
        self._everything = database
        self._scope = scope
        self._database = ScopedSessions(database, scope)
        self._municipality = municipality
        self._clock = clock

    def in_scope(self, scope: str) -> SqlReading:
        """The same read model, but of one scope, whoever asks."""
        return SqlReading(self._everything, self._municipality, self._clock, lambda: scope)

    def as_of(self) -> rows.AsOf:
        with self._database.session() as session:
            return catalogue.as_of(session)

    def heights(self) -> rows.DocumentHeights:
        with self._everything.session() as session:  # asked outside requests too, where nobody is in a drill
            return catalogue.heights(session)

    def municipalities(self) -> tuple[rows.Municipality, ...]:
        with self._database.session() as session:
            return catalogue.municipalities(session)

    def municipality(self, code: str) -> rows.Municipality | None:
        with self._database.session() as session:
            return catalogue.municipality(session, code)

    def items(self, municipality: str, *, retired: bool = False) -> tuple[rows.Item, ...]:
        with self._database.session() as session:
            return catalogue.items(session, municipality, retired)

    def item(self, code: str) -> rows.Item | None:
        with self._database.session() as session:
            return catalogue.item(session, code)

    def sites(self, municipality: str, *, text: str = "", kind: str = "", opened: bool | None = None,
              retired: bool = False, page: int = 1, size: int = 50) -> rows.Page[rows.Site]:
        with self._database.session() as session:
            return catalogue.sites(session, municipality, text=text, kind=kind, opened=opened, retired=retired,
                                   page=page, size=size)

    def site(self, municipality: str, site_id: str) -> rows.Site | None:
        with self._database.session() as session:
            return catalogue.site(session, municipality, site_id)

    def needs(self, wanted: NeedFilter) -> rows.Page[rows.Need]:
        with self._database.session() as session:
            return needs.needs(session, wanted, self._clock())

    def need(self, need_id: str) -> rows.Need | None:
        with self._database.session() as session:
            return needs.need(session, need_id, self._clock())

    def offers(self, wanted: OfferFilter) -> rows.Page[rows.Offer]:
        with self._database.session() as session:
            return offers.offers(session, wanted, self._clock())

    def offer(self, offer_id: str) -> rows.Offer | None:
        with self._database.session() as session:
            return offers.offer(session, offer_id)

    def material(self) -> Material:
        with self._database.session() as session:
            return matching.material(session, self._clock())

    def intakes(self, municipality: str = "") -> tuple[Intake, ...]:
        with self._database.session() as session:
            return operation.intakes(session, municipality, today(self._clock()))

    def drills(self, municipality: str) -> tuple[Drill, ...]:
        with self._database.session() as session:
            return operation.drills(session, municipality)

    def arrivals(self, *, municipality: str = "", site_id: str = "", page: int = 1,
                 size: int = 50) -> rows.Page[Arrival]:
        with self._database.session() as session:
            return operation.arrivals(session, municipality=municipality, site_id=site_id, page=page, size=size)

    def dispatches(self, wanted: DispatchFilter) -> rows.Page[rows.Dispatch]:
        with self._database.session() as session:
            return dispatches.dispatches(session, wanted)

    def dispatch(self, need_id: str, dispatch_id: str) -> rows.Dispatch | None:
        with self._database.session() as session:
            return dispatches.dispatch(session, need_id, dispatch_id)

    def packages(self, wanted: PackageFilter) -> rows.Page[rows.Package]:
        with self._database.session() as session:
            return boxes.packages(session, wanted)

    def package(self, package_id: str) -> rows.Package | None:
        with self._database.session() as session:
            return boxes.package(session, package_id)

    def arrived_items(self, wanted: PackageFilter) -> tuple[ArrivedItem, ...]:
        with self._database.session() as session:
            return boxes.arrived_items(session, wanted)

    def arrival_counts(self, wanted: PackageFilter) -> rows.ArrivalCounts:
        with self._database.session() as session:
            return boxes.arrival_counts(session, wanted, wanted.day or today(self._clock()))

    def discrepancies(self, *, municipality: str = "", site_id: str = "", sender: str = "", sender_home: str = "",
                      unresolved: bool = True, page: int = 1, size: int = 50) -> rows.Page[rows.Discrepancy]:
        with self._database.session() as session:
            return boxes.discrepancies(session, municipality=municipality, site_id=site_id, sender=sender,
                                       sender_home=sender_home, unresolved=unresolved, page=page, size=size)

    def discrepancy(self, package_id: str, discrepancy_id: str) -> rows.Discrepancy | None:
        with self._database.session() as session:
            return boxes.discrepancy(session, package_id, discrepancy_id)

    def site_balances(self, municipality: str, day: date) -> tuple[rows.SiteBalance, ...]:
        with self._database.session() as session:
            return balances.site_balances(session, municipality, day)

    def totals(self, municipality: str = "") -> Totals:
        with self._database.session() as session:
            return totals.totals(session, municipality)

    def records(self, wanted: RecordFilter) -> rows.Page[rows.Entry]:
        with self._database.session() as session:
            return history.records(session, wanted)

    def timeline(self, record_id: str) -> rows.Timeline | None:
        with self._database.session() as session:
            return history.timeline(session, record_id, self._clock())

    def entries_of(self, transaction_id: str) -> tuple[rows.Entry, ...]:
        with self._database.session() as session:
            return history.entries_of(session, transaction_id)

    def mails(self, *, outcome: str = "", page: int = 1, size: int = 50) -> rows.Page[rows.Mail]:
        with self._database.session() as session:
            return mails.mails(session, self._municipality, self._scope(), outcome, page, size)

    def accounts(self, wanted: AccountFilter) -> rows.Page[Account]:
        with self._database.session() as session:
            return accounts.accounts(session, wanted)

    def account(self, account_id: str) -> Account | None:
        with self._database.session() as session:
            return accounts.account(session, account_id)

    def keys(self, municipality: str, account: str = "") -> tuple[ActorKey, ...]:
        with self._database.session() as session:
            return accounts.keys(session, municipality, account)
