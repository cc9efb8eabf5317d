"""The services of the pages, kept in memory: for tests of pages alone. The SQL ones have tests of their own."""
from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from moyai_contracts.api import schema
from moyai_webui.account_rows import Account, AccountFilter, ActorKey
from moyai_webui.forms.identifiers import new_op
from moyai_webui.home import DRAFTS_KEPT_FOR, Actor, SiteContact, Submission, User, form_sha256
from moyai_webui.operation_rows import Arrival, ArrivedItem, Drill, Intake
from moyai_webui.presentation.formats import jst, now
from moyai_webui.reading import DispatchFilter, NeedFilter, OfferFilter, PackageFilter, RecordFilter
from moyai_webui.rows import (
    ArrivalCounts, AsOf, Discrepancy, Dispatch, DocumentHeights, Entry, Item, Mail, Municipality, Need, Offer,
    Package, Page, Site, SiteBalance, Timeline,
)
from moyai_webui.sites.source_list import SourceList
from moyai_webui.suggestions.problem import Demand, Material, Supply
from moyai_webui.totals.figures import Totals


PAUSE = timedelta(minutes=15)


def paged(rows: Iterable[Any], page: int, size: int) -> Page[Any]:
    found = tuple(rows)
    places = len({place.site_id for row in found if (place := getattr(row, "place", None))})
    return Page(found[(page - 1) * size:page * size], len(found), page, size, places)


class MemoryReading:
    """Rows in lists; `moyai_webui.reading.Reading`."""

    def __init__(self) -> None:
        self.towns: list[Municipality] = []
        self.catalogue: list[Item] = []
        self.all_sites: list[Site] = []
        self.all_needs: list[Need] = []
        self.all_offers: list[Offer] = []
        self.all_intakes: list[Intake] = []
        self.all_drills: list[Drill] = []
        self.all_dispatches: list[Dispatch] = []
        self.all_packages: list[Package] = []
        self.all_discrepancies: list[Discrepancy] = []
        self.all_arrivals: list[Arrival] = []
        self.entries: list[Entry] = []
        self.all_mails: list[Mail] = []
        self.all_accounts: list[Account] = []
        self.all_keys: list[ActorKey] = []
        self.seen_at: datetime | None = now()
        self.blocks: dict[str, int] = {}
        self.added_up = Totals((), (), ())

    def in_scope(self, scope: str) -> MemoryReading:
        return self

    def as_of(self) -> AsOf:
        return AsOf(18_204, self.seen_at, self.seen_at)

    def heights(self) -> DocumentHeights:
        return DocumentHeights(self.blocks, self.seen_at)

    def municipalities(self) -> tuple[Municipality, ...]:
        return tuple(self.towns)

    def municipality(self, code: str) -> Municipality | None:
        return next((town for town in self.towns if town.code == code), None)

    def items(self, municipality: str, *, retired: bool = False) -> tuple[Item, ...]:
        return tuple(item for item in self.catalogue if retired or not item.retired)

    def item(self, code: str) -> Item | None:
        return next((item for item in self.catalogue if item.code == code), None)

    def sites(self, municipality: str, *, text: str = "", kind: str = "", opened: bool | None = None,
              retired: bool = False, page: int = 1, size: int = 50) -> Page[Site]:
        return paged((site for site in self.all_sites if site.place.code == municipality and text in site.place.name
                      and kind in ("", site.place.kind) and (retired or not site.retired)
                      and opened in (None, bool(site.status and site.status.open))), page, size)

    def site(self, municipality: str, site_id: str) -> Site | None:
        return next((site for site in self.all_sites
                     if (site.place.code, site.place.site_id) == (municipality, site_id)), None)

    def needs(self, wanted: NeedFilter) -> Page[Need]:
        at = now()
        rows = [need for need in self.all_needs
                if wanted.municipality in ("", need.place.code) and wanted.site_id in ("", need.place.site_id)
                and wanted.item in ("", need.item.code)
                and wanted.category in ("", need.item.category) and wanted.priority in ("", need.priority)
                and wanted.place_kind in ("", need.place.kind)
                and (wanted.text in need.item.name or wanted.text in need.place.name)
                and (wanted.due_before is None or (need.needed_by or at) < wanted.due_before)
                and (need.status(at) == wanted.status if wanted.status else need.state == "open" and not need.settled)]
        if wanted.sort == "newest":
            rows.sort(key=lambda need: need.at, reverse=True)
        else:
            rows.sort(key=lambda need: ("urgent", "high", "normal").index(need.priority))
        return paged(rows, wanted.page, wanted.size)

    def need(self, need_id: str) -> Need | None:
        return next((need for need in self.all_needs if need.need_id == need_id), None)

    def offers(self, wanted: OfferFilter) -> Page[Offer]:
        today = jst(now()).date()
        return paged((offer for offer in self.all_offers
                      if wanted.home in ("", offer.sender.home) and wanted.account in ("", offer.sender.account)
                      and wanted.aimed_at in ("", offer.aimed_at)
                      and wanted.aimed_municipality in ("", offer.aimed_place and offer.aimed_place.code)
                      and wanted.aimed_site in ("", offer.aimed_place and offer.aimed_place.site_id)
                      and wanted.text in (offer.item.name if offer.item else offer.item_name)
                      and wanted.category in ("", offer.category)
                      and (wanted.status in ("any", offer.status(today))
                           or (not wanted.status and offer.state == "open"))), wanted.page, wanted.size)

    def offer(self, offer_id: str) -> Offer | None:
        return next((offer for offer in self.all_offers if offer.offer_id == offer_id), None)

    def intakes(self, municipality: str = "") -> tuple[Intake, ...]:
        return tuple(intake for intake in self.all_intakes if municipality in ("", intake.municipality.code))

    def drills(self, municipality: str) -> tuple[Drill, ...]:
        return tuple(drill for drill in self.all_drills if drill.code == municipality)

    def material(self) -> Material:
        demands = tuple(Demand(need.need_id, need.item.code, need.place.code, need.committed, need.missing,
                               need.priority, need.attributes, need.needed_by and jst(need.needed_by).date(),
                               need.headcount) for need in self.all_needs if need.state == "open" and need.missing)
        supplies = tuple(Supply(offer.offer_id, offer.item.code, offer.sender.home, offer.free, offer.attributes,
                                offer.available_from, offer.aimed_at)
                         for offer in self.all_offers if offer.item and offer.free and offer.state == "open")
        return Material(demands, supplies, {"172022": (37.04, 136.97), "132012": (35.67, 139.32),
                                            "133612": (34.75, 139.36)})

    def dispatches(self, wanted: DispatchFilter) -> Page[Dispatch]:
        return paged((dispatch for dispatch in self.all_dispatches
                      if wanted.need_id in ("", dispatch.need_id) and wanted.offer_id in ("", dispatch.offer_id)
                      and wanted.sender in ("", dispatch.sender.account)
                      and wanted.municipality in ("", dispatch.place.code)
                      and wanted.site_id in ("", dispatch.place.site_id)
                      and wanted.sender_home in ("", dispatch.sender.home)
                      and wanted.state in ("", dispatch.state)), wanted.page, wanted.size)

    def dispatch(self, need_id: str, dispatch_id: str) -> Dispatch | None:
        return next((dispatch for dispatch in self.all_dispatches
                     if (dispatch.need_id, dispatch.dispatch_id) == (need_id, dispatch_id)), None)

    def packages(self, wanted: PackageFilter) -> Page[Package]:
        return paged((box for box in self.all_packages if self._wanted(box, wanted)), wanted.page, wanted.size)

    def package(self, package_id: str) -> Package | None:
        return next((box for box in self.all_packages if box.package_id == package_id), None)

    def arrivals(self, *, municipality: str = "", site_id: str = "", page: int = 1, size: int = 50) -> Page[Arrival]:
        return paged((arrival for arrival in self.all_arrivals if municipality in ("", arrival.place.code)
                      and site_id in ("", arrival.place.site_id)), page, size)

    def arrived_items(self, wanted: PackageFilter) -> tuple[ArrivedItem, ...]:
        found: dict[str, ArrivedItem] = {}
        for box in self.all_packages:
            if self._wanted(box, dataclasses.replace(wanted, stage="all", day=None)):
                for line in box.lines:
                    known = found.get(line.item.code, ArrivedItem(line.item, 0, 0, 0, 0, 0))
                    got = box.state == "received"
                    found[line.item.code] = ArrivedItem(
                        line.item, known.boxes + got, known.good + (line.good or 0),
                        known.damaged + (line.damaged or 0) + (line.refused or 0), known.short + (line.short or 0),
                        known.coming + (0 if got else line.quantity))
        return tuple(found.values())

    def arrival_counts(self, wanted: PackageFilter) -> ArrivalCounts:
        boxes = [box for box in self.all_packages
                 if self._wanted(box, dataclasses.replace(wanted, stage="all", day=None))]
        day = wanted.day or jst(now()).date()
        return ArrivalCounts(sum(box.received_at is not None and jst(box.received_at).date() == day for box in boxes),
                             sum(box.state == "shipped" for box in boxes),
                             sum(box.discrepancy in ("open", "acknowledged") for box in boxes),
                             sum(box.late(day) for box in boxes))

    def discrepancies(self, *, municipality: str = "", site_id: str = "", sender: str = "", sender_home: str = "",
                      unresolved: bool = True, page: int = 1, size: int = 50) -> Page[Discrepancy]:
        return paged((entry for entry in self.all_discrepancies
                      if municipality in ("", entry.package.place.code)
                      and site_id in ("", entry.package.place.site_id)
                      and sender_home in ("", entry.package.sender.home)
                      and (entry.state != "resolved" or not unresolved)), page, size)

    def discrepancy(self, package_id: str, discrepancy_id: str) -> Discrepancy | None:
        return next((entry for entry in self.all_discrepancies
                     if (entry.package_id, entry.discrepancy_id) == (package_id, discrepancy_id)), None)

    def site_balances(self, municipality: str, day: date) -> tuple[SiteBalance, ...]:
        return tuple(self._balance(site) for site in self.sites(municipality, opened=True, size=500).rows)

    def totals(self, municipality: str = "") -> Totals:
        return self.added_up

    def records(self, wanted: RecordFilter) -> Page[Entry]:
        return paged((entry for entry in self.entries
                      if wanted.account in ("", entry.account) and wanted.office in ("", entry.office)
                      and wanted.transaction in ("", entry.transaction)), wanted.page, wanted.size)

    def timeline(self, record_id: str) -> Timeline | None:
        entries = tuple(self.entries)
        known = self.package(record_id) or self.need(record_id) or self.offer(record_id)
        if known is None:
            return None
        return Timeline(record_id, entries, self.need(record_id), self.offer(record_id), self.package(record_id))

    def entries_of(self, transaction_id: str) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.tx_id == transaction_id)

    def mails(self, *, outcome: str = "", page: int = 1, size: int = 50) -> Page[Mail]:
        return paged((mail for mail in self.all_mails if outcome in ("", mail.outcome)), page, size)

    def accounts(self, wanted: AccountFilter) -> Page[Account]:
        return paged((account for account in self.all_accounts
                      if wanted.text in f"{account.name} {account.login}" and wanted.role in ("", *account.roles)
                      and (account.status == wanted.status if wanted.status else account.status != "closed")),
                     wanted.page, wanted.size)

    def account(self, account_id: str) -> Account | None:
        return next((account for account in self.all_accounts if account.account_id == account_id), None)

    def keys(self, municipality: str, account: str = "") -> tuple[ActorKey, ...]:
        return tuple(key for key in self.all_keys if account in ("", key.account_id))

    def _wanted(self, box: Package, wanted: PackageFilter) -> bool:
        stages = {"coming": ("labelled", "shipped", "handed_over"), "received": ("received",)}
        return (wanted.municipality in ("", box.place.code) and wanted.site_id in ("", box.place.site_id)
                and wanted.place_kind in ("", box.place.kind)
                and wanted.sender_home in ("", box.sender.home) and wanted.sender in ("", box.sender.account)
                and (wanted.stage == "all" or box.state in stages[wanted.stage])
                and (not wanted.difference or bool(box.discrepancy))
                and (wanted.day is None or (box.received_at is not None and jst(box.received_at).date() == wanted.day)))

    def _balance(self, site: Site) -> SiteBalance:
        needs = self.needs(NeedFilter(municipality=site.place.code, site_id=site.place.site_id, size=500)).rows
        counts = self.arrival_counts(PackageFilter(municipality=site.place.code, site_id=site.place.site_id))
        coming = self.packages(PackageFilter(municipality=site.place.code, site_id=site.place.site_id, stage="coming"))
        status = site.status
        return SiteBalance(site.place, status.headcount if status else None, status.counted_at if status else None,
                           len(needs), sum(need.priority == "urgent" for need in needs), coming.total, counts.received,
                           counts.discrepancies)


class MemoryHome:
    """People, contacts and uploads; `moyai_webui.home.Home`."""

    def __init__(self, users: Iterable[User] = ()) -> None:
        self.users = {user.user_id: user for user in users}
        self.contacts: dict[str, SiteContact] = {}
        self.sent_again: list[str] = []
        self.imported: SourceList | None = None
        self.failures: dict[str, list[datetime]] = {}
        self.key_names: dict[tuple[str, str], str] = {}
        self.drafts: dict[str, tuple[str, bytes]] = {}

    def user(self, user_id: str) -> User | None:
        return self.users.get(user_id)

    def user_by_login(self, login: str) -> User | None:
        return next((user for user in self.users.values() if user.login.casefold() == login), None)

    def save_password_hash(self, user_id: str, password_hash: str) -> None:
        self.users[user_id] = dataclasses.replace(self.users[user_id], password_hash=password_hash)

    def save_user(self, user: User) -> None:
        self.users[user.user_id] = user

    def users_by_mail(self, mail: str) -> tuple[User, ...]:
        return tuple(user for user in self.users.values() if user.mail.casefold() == mail.casefold())

    def user_of_office(self, office: str, role: str) -> User | None:
        return next((user for user in self.users.values() if user.office == office and role in user.roles), None)

    def name_key(self, account: str, key_id: str, name: str) -> None:
        self.key_names[account, key_id] = name

    def locked_until(self, login: str, now: datetime) -> datetime | None:
        recent = self._recent(login, now)
        return recent[-1] + PAUSE if len(recent) >= 5 else None

    def count_wrong_password(self, login: str, now: datetime) -> int:
        self.failures[login] = [*self._recent(login, now), now]
        return len(self.failures[login])

    def clear_wrong_passwords(self, login: str) -> None:
        self.failures.pop(login, None)

    def contact(self, site_id: str) -> SiteContact:
        return self.contacts.get(site_id, SiteContact())

    def site_list(self) -> SourceList | None:
        return self.imported

    def save_site_list(self, source: SourceList) -> None:
        self.imported = source

    def sites_with_mail(self) -> frozenset[str]:
        return frozenset(site_id for site_id, contact in self.contacts.items() if contact.mail)

    def send_mail_again(self, mail_id: str, now: datetime) -> bool:
        self.sent_again.append(mail_id)
        return True

    def save_contact(self, site_id: str, contact: SiteContact) -> None:
        self.contacts[site_id] = contact

    def save_draft(self, user_id: str, kind: str, content: bytes, now: datetime,
                   kept_for: timedelta = DRAFTS_KEPT_FOR) -> str:
        draft_id = new_op()
        self.drafts[draft_id] = (user_id, content)
        return draft_id

    def draft(self, draft_id: str, user_id: str, now: datetime) -> bytes | None:
        owner, content = self.drafts.get(draft_id, ("", b""))
        return content if owner == user_id else None

    def take_draft(self, draft_id: str, user_id: str, now: datetime) -> bytes | None:
        content = self.draft(draft_id, user_id, now)
        if content is not None:
            del self.drafts[draft_id]
        return content

    def _recent(self, login: str, now: datetime) -> list[datetime]:
        return [at for at in self.failures.get(login, []) if now - at < PAUSE]


class MemorySubmissions:
    """Keeps what pages submit and answers with `state`; checks that each command has the contract's shape."""

    def __init__(self) -> None:
        self.by_op: dict[str, Submission] = {}
        self.commands: list[tuple[Any, Actor]] = []
        self.held: dict[str, tuple[Any, Actor]] = {}
        self.state = "recorded"
        self.refusal: tuple[str, Mapping[str, Any]] = ("", {})

    def submit(self, command: Any, actor: Actor, *, user_id: str, op: str, page: str = "",
               form: Mapping[str, str] | None = None) -> Submission:
        earlier = self.by_op.get(op)
        if earlier is not None and earlier.form_sha256 != form_sha256(form or {}):
            refused = dataclasses.replace(earlier, op=new_op(), state="refused", refusal="id_reused", form=form or {})
            return self.by_op.setdefault(refused.op, refused)
        if earlier is None:
            schema.decode(type(command), schema.to_json(command))
            self.commands.append((command, actor))
            at, done = now(), self.state == "recorded"
            self.by_op[op] = Submission(
                op, command.transaction, schema.to_json(command), actor.account, user_id, self.state, at, page,
                form or {}, form_sha256(form or {}), tx_id="ab" * 32 if done else "", recorded_at=at if done else None,
                refusal=self.refusal[0], params=self.refusal[1])
        return self.by_op[op]

    def hold(self, command: Any, actor: Actor, *, until: str, user_id: str, op: str, page: str = "",
             form: Mapping[str, str] | None = None) -> Submission:
        schema.decode(type(command), schema.to_json(command))
        self.held[op] = (command, actor)
        self.by_op[op] = Submission(
            op, command.transaction, schema.to_json(command), actor.account, user_id, until, now(), page, form or {},
            form_sha256(form or {}), role=actor.role, office=actor.office)
        return self.by_op[op]

    def release(self, op: str, proof: Sequence[Mapping[str, Any]] = ()) -> Submission | None:
        if op in self.held:
            self.commands.append(self.held.pop(op))
            self.by_op[op] = dataclasses.replace(self.by_op[op], state=self.state, proof=tuple(proof),
                                                 recorded_at=now())
        return self.by_op.get(op)

    def submission(self, op: str) -> Submission | None:
        return self.by_op.get(op)
