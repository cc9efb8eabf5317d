"""七尾市 on a January evening: real shelters and head-counts, invented needs, offers and boxes (as in the mocks)."""
from __future__ import annotations

import dataclasses
from datetime import timedelta
from functools import lru_cache
from importlib import resources
from pathlib import Path

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from moyai_contracts.api.identifiers import check_symbol
from moyai_webui import accounts
from moyai_webui.account_rows import Account, ActorKey
from moyai_webui.application import create_application
from moyai_webui.forms.fields import end_of
from moyai_webui.forms.identifiers import new_op
from moyai_webui.home import Services, User
from moyai_webui.ledger_proofs import LedgerProofs
from moyai_webui.operation_rows import Drill
from moyai_webui.presentation.formats import now, today
from moyai_webui.rows import (
    Discrepancy, Dispatch, Entry, Item, Line, Mail, Municipality, Need, Offer, Package, Party, Place, Site, SiteStatus,
)
from moyai_webui.settings import Settings
from moyai_webui.sites.head_counts import read_head_counts
from moyai_webui.sites.site_list import read_site_list
from tests.unit.webui.pages.invented_ledger import TRANSACTION_ID, InventedLedger
from tests.unit.webui.pages.identity_database import empty_identity
from tests.unit.webui.pages.memory_metering import MemoryMetering
from tests.unit.webui.pages.memory_services import MemoryHome, MemoryReading, MemorySubmissions

NANAO, HACHIOJI, OSHIMA = "172022", "132012", "133612"
MSP_IDS = {HACHIOJI: "HachiojiMSP", OSHIMA: "OshimaMSP", NANAO: "NanaoMSP"}
TOWNS = {HACHIOJI: "八王子市", OSHIMA: "大島町", NANAO: "七尾市"}
DRILL = "01JH00000000000000000000DR"
SANNO = "CC0000000518"
PASSWORD = "箱を開けずに受け取る夜"
DATA = resources.files("moyai_webui") / "demonstration" / "data"

ITEMS = (
    Item("000000-0101", "アルファ化米", "食", "food", (("箱", 50),), (("allergy", ("特定原材料不使用",)),), True, (3, 1)),
    Item("000000-0201", "毛布", "枚", "blanket", (("箱", 10),), (("size", ("大人用", "子ども用")),), False, (1, 1)),
    Item("000000-0301", "液体ミルク", "缶", "infant_milk", (("箱", 24),), (), True, (1, 20)),
    Item("000000-0401", "乳児用おむつ", "枚", "infant_diaper", (("袋", 60),), (("size", ("S", "M", "L")),), False, (1, 5)),
    Item("000000-0501", "大人用おむつ", "枚", "adult_diaper", (("袋", 20),), (("size", ("M", "L")),), False, (1, 10)),
    Item("000000-0601", "携帯トイレ", "回分", "portable_toilet", (("箱", 100),), (), False, (5, 1)),
    Item("000000-0701", "トイレットペーパー", "個", "toilet_paper", (("袋", 12),), (), False, (1, 4)),
    Item("000000-0801", "生理用品", "枚", "sanitary_product", (("パック", 20),), (), False, (1, 2)),
)
HACHIOJI_OFFICE = Party("0" * 25 + "A", HACHIOJI, "八王子市", "institution", "八王子市 防災課", True)
OSHIMA_OFFICE = Party("0" * 25 + "B", OSHIMA, "大島町", "institution", "大島町 総務課", True)


class CompiledTemplates(BytecodeCache):
    """Templates are compiled once for all applications of a test run."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


@lru_cache(maxsize=1)
def password_hash() -> str:
    return accounts.hasher.hash(PASSWORD)


def package_id(number: int) -> str:
    body = f"K7Q49M2X{number:02}"
    return f"P{body}{check_symbol(body)}"


def user(name: str, roles: tuple[str, ...], office: str, title: str) -> User:
    account = HACHIOJI_OFFICE.account if name == "sender" else f"{ord(name[0]):026}"
    return User(name, f"{name}@example.jp", password_hash(), title, account, roles, office)


USERS = {
    "office": (user("office", ("A",), NANAO, "七尾市 防災の担当"), user("clerk", ("C",), NANAO, "七尾市 担当者"),
               user("shelter", ("S",), f"{NANAO}/{SANNO}", "山王小学校 避難所担当"),
               user("supporter", ("P",), NANAO, "支援者"), user("member", ("M",), NANAO, "住民")),
    "hachioji": (user("sender", ("A",), HACHIOJI, "八王子市 防災課"),),
}


def accounts_and_keys(read: MemoryReading) -> None:
    """The people of `USERS` with their accounts, and a second administrator's phone that waits to be confirmed."""
    for person in USERS["office"]:
        place = next((site.place for site in read.all_sites if person.office.endswith(site.place.site_id)), None)
        read.all_accounts.append(Account(
            person.account, 1, person.roles, person.office, "institution", "", "active", place, person.user_id,
            person.name, person.login, person.mail, True))
    second = dataclasses.replace(read.all_accounts[0], account_id="2" * 26, name="もう1人の管理者", user_id="second",
                                 login="second@example.jp")
    read.all_accounts.append(second)
    own = read.all_accounts[0]
    read.all_keys = [
        ActorKey(second.account_id, second.name, ("A",), "00112233445566aa", "self", "active", now(), "予備の電話"),
        ActorKey(own.account_id, own.name, ("A",), "00112233445566bb", "confirmed", "active", now(), "防災課の電話",
                 "コンソール", now())]


def reading() -> MemoryReading:
    read = MemoryReading()
    read.towns = [Municipality(code, name, "active", msp_id=MSP_IDS[code]) for code, name in TOWNS.items()]
    read.catalogue = list(ITEMS)
    read.all_sites = list(sites())
    accounts_and_keys(read)
    places = {site.place.name: site.place for site in read.all_sites}
    needs(read, places)
    offers_and_boxes(read)
    read.entries = entries(read)
    read.all_drills = [Drill(NANAO, DRILL, "冬の訓練", "open", now(), today(), today())]
    read.all_mails = [
        Mail("M1", "dispatch_requested", "八王子市", "【もやい】送付依頼：液体ミルク 48缶", now(), "accepted", now(), True,
             package_id(1)),
        Mail("M2", "package_received", "八王子市", "【もやい】物資受領：液体ミルク 24缶", now(), "waiting"),
        Mail("M3", "offer_registered", "山王小学校", "【もやい】提供物資登録：毛布 60枚", now(), "bounced", now(), True,
             site=SANNO, answer="550 5.1.1 no such user"),
        Mail("M4", "offer_registered", "山王小学校", "【もやい】提供物資登録：水 24本", now(), "unknown", answer="interrupted")]
    return read


@lru_cache(maxsize=1)
def sites() -> tuple[Site, ...]:
    counted = read_head_counts((DATA / "open_2024-01-09-1800.csv").read_bytes())
    counts = {entry.site_id: entry.people for entry in counted.sites}
    found = []
    for entry in read_site_list((DATA / "shelters.csv").read_bytes(), NANAO).sites:
        line = entry.site
        people = counts.get(line.site_id)
        status = SiteStatus(True, people, now() - timedelta(hours=1), None, now()) if people else None
        place = Place(NANAO, TOWNS[NANAO], line.site_id, line.name, line.kind, line.district or "", line.address)
        found.append(Site(place, 1, line.kana or "", line.town_id or "", line.lat, line.lon, line.capacity_indoor,
                          line.capacity_outdoor, line.capacity_text or "", line.phone or "", line.hazards or (), False,
                          status))
    return tuple(found)


def needs(read: MemoryReading, places: dict[str, Place]) -> None:
    sizes = {site.place.name: site.status.headcount for site in read.all_sites if site.status}
    rows = (
        ("山王小学校", 2, 144, 48, 48, 0, "urgent", 1, {}),
        ("山王小学校", 1, 180, 100, 0, 100, "high", 2, {"size": "大人用"}),
        ("中島小学校", 4, 20, 8, 4, 4, "urgent", 1, {"size": "L"}),
        ("石崎小学校", 5, 1500, 0, 0, 0, "urgent", 1, {}),
        ("和倉小学校", 0, 200, 80, 50, 0, "high", 2, {"allergy": "特定原材料不使用"}),
        ("矢田郷地区コミュニティセンター", 7, 30, 0, 0, 0, "high", 2, {}),
        ("小丸山小学校", 6, 600, 360, 48, 312, "normal", 3, {}),
        ("能登島生涯学習総合センター", 5, 900, 400, 0, 0, "normal", 4, {}))
    for number, (name, item, quantity, committed, transit, received, priority, days, attributes) in enumerate(rows):
        place = places[name]
        at = now() - timedelta(hours=6)
        read.all_needs.append(Need(
            f"01JH00000000000000000000{number:02}", 1, place, ITEMS[item], quantity, committed, transit, received, 0,
            "open", priority, at, at, "", attributes, end_of(today() + timedelta(days=days)), sizes.get(place.name),
            "0か月から飲める物。" if number == 0 else ""))
    stale = dataclasses.replace(read.all_needs[2], need_id=new_op(), place=places["山王小学校"], committed=0, in_transit=0,
                                received=0, priority="normal", fresh_at=now() - timedelta(hours=50))
    read.all_needs.append(stale)


def offers_and_boxes(read: MemoryReading) -> None:
    milk, blanket = read.all_needs[0], read.all_needs[1]
    at = now() - timedelta(hours=3)
    read.all_offers = [
        Offer(new_op(), 1, HACHIOJI_OFFICE, milk.item, "", "infant_milk", 48, 0, 48, "open", at, "八王子市", {},
              milk.need_id, milk.place, today(), None, "2027-09-30", "own", 1),
        Offer(new_op(), 1, HACHIOJI_OFFICE, blanket.item, "", "blanket", 60, 0, 0, "open", at, "八王子市", {"size": "大人用"},
              blanket.need_id, blanket.place, today(), today() + timedelta(days=9)),
        Offer(new_op(), 1, OSHIMA_OFFICE, ITEMS[5], "", "portable_toilet", 2000, 0, 0, "open", at, "大島町"),
        Offer(new_op(), 1, OSHIMA_OFFICE, None, "離乳食（びん）", "other", 120, 0, 0, "open", at, "大島町",
              expires_on="2027-03")]
    box = Package(package_id(1), (Line(milk.need_id, "", milk.item, 24, "2027-09-30"),), milk.place, HACHIOJI_OFFICE, 1,
                  "shipped", at, NANAO, 1, 2, "yamato", at, today())
    waiting = dataclasses.replace(box, package_id=package_id(2), state="labelled", number=2, shipped_at=None,
                                  carrier="", expected_on=None)
    counted = dataclasses.replace(box.lines[0], good=21, short=2, damaged=1, refused=0)
    got = dataclasses.replace(box, package_id=package_id(3), state="received", received_at=now(), discrepancy="open",
                              lines=(counted,))
    fine = dataclasses.replace(got, package_id=package_id(4), discrepancy="", sender=OSHIMA_OFFICE, lines=(
        Line(blanket.need_id, "", blanket.item, 100, "", 100, 0, 0, 0),))
    dispatch = Dispatch(new_op(), milk.need_id, read.all_offers[0].offer_id, milk.item, 24, 0, 0, "requested",
                        milk.place, HACHIOJI_OFFICE, at, NANAO, "2027-09-30", end_of(today()), (waiting,))
    line = dataclasses.replace(waiting.lines[0], dispatch_id=dispatch.dispatch_id)
    waiting = dataclasses.replace(waiting, lines=(line,))
    shipped = dataclasses.replace(box, lines=(dataclasses.replace(box.lines[0], dispatch_id=new_op()),))
    read.all_packages = [shipped, waiting, got, fine]
    read.all_dispatches = [dataclasses.replace(dispatch, packages=(waiting,))]
    read.all_discrepancies = [Discrepancy(got.package_id, new_op(), "count", "open", now(), got)]


def entries(read: MemoryReading) -> list[Entry]:
    milk = ITEMS[2]
    sanno = read.all_needs[0].place
    steps = (
        ("relief.package_received", "relief.receive_package", NANAO, "S", sanno, {
            "lines": [{"good": 21, "short": 2, "damaged": 1, "refused": 0}], "surplus": [], "discrepancy_id": "x"}),
        ("relief.consignment_shipped", "relief.ship_consignment", HACHIOJI, "A", None, {
            "carrier": "yamato", "lines": [{"quantity": 24}]}),
        ("relief.dispatch_requested", "relief.request_dispatch", NANAO, "C", None, {"quantity": 24}),
        ("relief.offer_registered", "relief.register_offer", HACHIOJI, "A", None, {"quantity": 48}),
        ("relief.need_registered", "relief.register_need", NANAO, "S", sanno, {"quantity": 144}))
    return [Entry(event, transaction, package_id(3), now() - timedelta(minutes=20 * number), TOWNS[town], "X" * 26,
                  role, town, place, f"{number:02}ab" * 16 if number else TRANSACTION_ID, 18_204 - number, 1, data,
                  milk)
            for number, (event, transaction, town, role, place, data) in enumerate(steps)]


def application(folder: Path, town: str = NANAO) -> tuple[Flask, Services]:
    """The web UI of a town with this world behind it, and its services."""
    (folder / "secret").write_bytes(b"a secret of this test alone, long enough")
    settings = Settings(municipality=town, municipality_name=TOWNS[town], profile=folder / "webui.json",
                        state=folder,
                        secret_file=folder / "secret", public_url="http://127.0.0.1:18080",
                        tracking_urls={NANAO: "http://127.0.0.1:18083"}, office_phone="0767-53-1111",
                        office_mail="bosai@example.jp")
    services = Services(reading(), MemoryHome(USERS["office" if town == NANAO else "hachioji"]), MemorySubmissions(),
                        LedgerProofs(InventedLedger()), MemoryMetering(), empty_identity(folder))
    app = create_application(settings, services)
    app.testing = True
    app.jinja_env.bytecode_cache = COMPILED
    return app, services
