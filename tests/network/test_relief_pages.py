"""S1 to S6 whole, as FUNCTIONS.md says them: people at the pages of two municipalities, the ledger under them."""
from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from moyai_contracts.api.directory import Attribute, OpenDrill, Pack, SaveItem, SaveSite, SetPolicy, SiteLine
from moyai_contracts.api.relief import SetSiteStatus

from moyai_webui.mailbox.folder import Folder
from moyai_webui.reading import NeedFilter, OfferFilter
from moyai_webui.rows import Need
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene, item_line, ulid
from tests.network.consortium import RunningConsortium
from tests.network.webui_site import Visitor, WebSite, eventually, form_of

SANNO = "CC0000000518"
MILK = "試験の液体ミルク"
DETAILS = {"due": "tomorrow", "priority": "urgent", "separate": "y"}


class Towns:
    """七尾市 in need, 八王子市 with something to give: their web UIs and a clerk at each."""

    def __init__(self, consortium: RunningConsortium) -> None:
        self.scene = Scene(FabricChannel(consortium.state.root).bootstrap())
        for command in (("webui", "prepare"), ("network", "start", "webui")):
            done = consortium.moyai(*command)
            assert done.returncode == 0, done.stdout + done.stderr
        self.consortium = consortium
        self._shelter_of_the_demonstration()
        self.place = self.scene.site(NANAO)
        self.own_item = self.scene.free_item(NANAO)
        self.scene.administer(NANAO, SaveItem((item_line(
            self.own_item, name=MILK, category="blanket", base_unit="缶", packs=(Pack("箱", 24),),
            attributes=(Attribute("size", ("大", "小")),)),)))
        self.nanao, self.hachioji = WebSite(consortium, NANAO), WebSite(consortium, HACHIOJI)
        self.settle()
        self.clerk = self.nanao.person("bousai@nanao.example")
        self.sender = self.hachioji.person("bousai@hachioji.example")

    def settle(self) -> None:
        """Both read models have the whole chain."""
        for site in (self.nanao, self.hachioji):
            eventually(site.caught_up, 120)

    def register(self, quantity: str = "100", **more: str) -> Need:
        """A need, registered on the page; as 八王子市 sees it."""
        path = self.clerk.send("/relief/register_need", DETAILS | {
            "site": self.place, "item": MILK, "quantity": quantity} | more)
        self.recorded(self.clerk, path)
        found = self.hachioji.reading.needs(NeedFilter(municipality=NANAO, site_id=self.place, sort="newest", size=1))
        return found.rows[0]

    def offer(self, need: Need, quantity: int) -> str:
        """An offer for a need, made on 八王子市's page; its id."""
        path = self.sender.send(f"/relief/register_offer?need={need.need_id}", {
            "quantity": str(quantity), "ship_day": "today", "transport": "own"})
        self.recorded(self.sender, path)
        return self.hachioji.reading.offers(OfferFilter(aimed_at=need.need_id, status="any")).rows[0].offer_id

    def recorded(self, visitor: Visitor, path: str) -> str:
        """The green receipt; both read models have it then."""
        assert path.startswith("/recorded/"), path
        page = eventually(lambda: text if "記録しています" not in (text := visitor.get(path)) else "", 60)
        assert 'class="receipt"' in page, re.sub(r"<[^>]+>", " ", page)
        self.settle()
        return page

    def need(self, need_id: str) -> dict[str, object]:
        """The need as it stands on the ledger."""
        found: dict[str, object] = self.scene.evaluate(NANAO, "relief.get_need", scope="live", need_id=need_id)
        return found

    def mails(self, kind: str, code: str) -> list[str]:
        """Subjects of the mails about something that the mail server took, once they were sent."""
        site = self.nanao if code == NANAO else self.hachioji
        eventually(lambda: any(kind in mail.subject and mail.outcome == "accepted"
                               for mail in site.reading.mails(size=50).rows), 90)
        caught = Folder(self.consortium.state.root / "webui" / "mailbox").mails()
        return [str(mail.message["Subject"]) for mail in caught if kind in str(mail.message["Subject"])]

    def close(self) -> None:
        self.nanao.close()
        self.hachioji.close()
        self.consortium.stop("webui")
        self.scene.channel.close()  # type: ignore[attr-defined]

    def _shelter_of_the_demonstration(self) -> None:
        actor, _ = self.scene.channel.administrator(NANAO)
        if not self.scene.exists("directory.get_site", code6=NANAO, site_id=SANNO):
            line = SiteLine(SANNO, 0, "shelter", "山王小学校", "七尾市")
            self.scene.submit(NANAO, "webui", SaveSite((line,)), actor=actor)
        self.scene.submit(NANAO, "webui", SetSiteStatus(NANAO, SANNO, True, 180), actor=actor)


@pytest.fixture(scope="module")
def towns(consortium: RunningConsortium) -> Iterator[Towns]:
    towns = Towns(consortium)
    yield towns
    towns.close()


def test_s01_a_need_is_registered_changed_confirmed_closed_and_asked_for_again(towns: Towns) -> None:
    need = towns.register("2", pack="箱", **{"attributes-size": "大"}, note="乳児が3人います")
    on_ledger = towns.need(need.need_id)
    assert (on_ledger["quantity"], on_ledger["attributes"], on_ledger["priority"], on_ledger["note"]) == (
        48, {"size": "大"}, "urgent", "乳児が3人います")
    again = towns.clerk.get("/relief/register_need")
    assert "品目" in again
    change = {"quantity": "60", "due": "same", "priority": "high", "note": "", "attributes-size": "小"}
    towns.recorded(towns.clerk, towns.clerk.send(f"/relief/change_need?need={need.need_id}", change))
    on_ledger = towns.need(need.need_id)
    assert (on_ledger["quantity"], on_ledger["attributes"], on_ledger["priority"]) == (60, {"size": "小"}, "high")
    towns.recorded(towns.clerk, towns.clerk.send(f"/relief/confirm_needs?site={towns.place}", {}))
    fresh = towns.nanao.reading.need(need.need_id)
    site = towns.nanao.reading.site(NANAO, towns.place)
    assert fresh is not None and fresh.fresh_at >= fresh.at
    assert site is not None and site.status is not None and site.status.confirmed_at == fresh.fresh_at
    towns.recorded(towns.clerk, towns.clerk.send(f"/relief/close_need?need={need.need_id}", {"reason": "enough"}))
    assert towns.need(need.need_id)["state"] == "closed"
    copy = towns.clerk.get(f"/relief/register_need?copy={need.need_id}")
    assert "もう一度頼む" in copy and 'value="60"' in copy
    towns.recorded(towns.clerk, towns.clerk.send(f"/relief/reopen_need?need={need.need_id}", {}))
    assert towns.need(need.need_id)["state"] == "open"


def test_s01_the_same_need_twice_is_asked_about(towns: Towns) -> None:
    towns.register("10")
    fields = {**DETAILS, "site": towns.place, "item": MILK, "quantity": "5"}
    del fields["separate"]
    form = form_of(towns.clerk, "/relief/register_need", fields)
    page = towns.clerk.refused("/relief/register_need", form)
    assert "数を足しますか" in page and "&amp;add=5" in page


def test_s02_the_sender_finds_what_it_can_send_by_office_and_shelter(towns: Towns) -> None:
    need = towns.register("33")
    for query in ("sort=newest", f"city={NANAO}&sort=newest", f"q={quote('試験の液体')}&sort=newest",
                  f"city={NANAO}&site={towns.place}"):
        assert f"/relief/register_offer?need={need.need_id}" in towns.sender.get(f"/relief/needs?{query}"), query
    assert need.need_id not in towns.sender.get("/relief/needs?place=office")
    assert need.need_id not in towns.sender.get(f"/relief/needs?city={HACHIOJI}")
    held = towns.sender.get(f"/relief/needs.csv?city={NANAO}&site={towns.place}").lstrip("\ufeff")
    row = next(row for row in csv.DictReader(io.StringIO(held)) if row["番号"] == need.need_id)
    assert (row["あと必要"], row["状態"]) == ("33", "募集中")


def test_s03_an_offer_lowers_what_is_open_and_shipping_settles_the_need(towns: Towns) -> None:
    need = towns.register("40")
    offer_id = towns.offer(need, 15)
    for site in (towns.nanao, towns.hachioji):
        seen = site.reading.need(need.need_id)
        assert seen is not None and (seen.open, seen.missing) == (25, 40)
    assert towns.mails("提供物資登録", NANAO)
    second = towns.offer(need, 25)
    for one, quantity in ((offer_id, "15"), (second, "25")):
        towns.recorded(towns.clerk, towns.clerk.send(
            f"/relief/request_dispatch?offer={one}&need={need.need_id}", {"to": need.need_id, "quantity": quantity}))
    assert towns.need(need.need_id)["committed"] == 40
    assert towns.mails("送付依頼", HACHIOJI)
    for one in (offer_id, second):
        page = towns.sender.get(f"/relief/offers/{one}")
        dispatch = re.search(rf"/relief/dispatches/{need.need_id}/([0-9A-Z]+)", page)
        assert dispatch is not None
        towns.recorded(towns.sender, towns.sender.send(
            f"/relief/ship_consignment?need={need.need_id}&dispatch={dispatch[1]}",
            {"quantity": "15" if one == offer_id else "25", "carrier": "yamato", "arrival": "tomorrow"}))
    settled = towns.hachioji.reading.need(need.need_id)
    assert settled is not None and settled.settled and settled.axes == {
        "committed": "all", "in_transit": "all", "received": "none"}
    assert need.need_id not in towns.sender.get(f"/relief/needs?city={NANAO}&site={towns.place}")
    assert towns.mails("提供物資発送", NANAO)


def test_s04_what_nobody_asked_for_is_offered_and_what_is_not_taken_is_said_before(towns: Towns) -> None:
    path = towns.sender.send("/relief/register_offer", {
        "item": "試験の離乳食", "category": "food", "quantity": "12", "expires-year": "2099", "expires-month": "3",
        "transport": "needed"})
    towns.recorded(towns.sender, path)
    mine = towns.nanao.reading.offers(OfferFilter(text="試験の離乳食")).rows[0]
    assert (mine.item, mine.free, mine.expires_on, mine.transport) == (None, 12, "2099-03", "needed")
    need = towns.register("7")
    stop = {"item": towns.own_item, "until": "2099-12-31", "note": "置き場所がありません", "confirmed": "y"}
    towns.recorded(towns.clerk, towns.clerk.send("/relief/set_intake", stop))
    try:
        assert "今は送らないでほしい物" in towns.sender.get(f"/relief/needs?city={NANAO}")
        page = towns.sender.get(f"/relief/register_offer?need={need.need_id}")
        assert "2099年12月31日" in page and "提供を申し出る" not in page
    finally:
        towns.recorded(towns.clerk, towns.clerk.send("/relief/set_intake", {"item": towns.own_item, "resume": "y"}))
    assert "提供を申し出る" in towns.sender.get(f"/relief/register_offer?need={need.need_id}")


def test_s05_both_sides_find_an_offer_and_what_was_asked_of_it(towns: Towns) -> None:
    need = towns.register("20")
    offer_id = towns.offer(need, 20)
    assert offer_id in towns.clerk.get("/relief/offers?whose=for_us")
    assert offer_id in towns.sender.get("/relief/offers?whose=own")
    towns.recorded(towns.clerk, towns.clerk.send(f"/relief/request_dispatch?offer={offer_id}&need={need.need_id}",
                                                 {"to": need.need_id, "quantity": "8"}))
    assert offer_id in towns.sender.get("/relief/offers?whose=own&status=asked")
    left = towns.nanao.reading.offer(offer_id)
    assert left is not None and (left.free, left.requested) == (12, 8)
    change = {"quantity": "18", "transport": "needed", "available_from": str(left.available_from)}
    towns.recorded(towns.sender, towns.sender.send(f"/relief/change_offer?offer={offer_id}", change))
    towns.recorded(towns.sender, towns.sender.send(f"/relief/withdraw_offer?offer={offer_id}", {}))
    left = towns.nanao.reading.offer(offer_id)
    assert left is not None and (left.quantity, left.withdrawn, left.free) == (18, 10, 0)


def test_s06_many_offers_are_answered_at_once(towns: Towns) -> None:
    needs = [towns.register(quantity) for quantity in ("11", "12")]
    keys = [f"{towns.offer(need, need.quantity)}-{need.need_id}" for need in needs]
    page = towns.clerk.get("/relief/request_dispatch")
    assert all(f'name="quantity-{key}"' in page for key in keys)
    fields = {f"take-{key}": "y" for key in keys} | {f"quantity-{key}": "9" for key in keys}
    told = towns.recorded(towns.clerk, towns.clerk.send("/relief/request_dispatch", fields))
    assert "2件" in told and [towns.need(need.need_id)["committed"] for need in needs] == [9, 9]


def test_s06_who_loses_a_race_sees_what_is_left_and_gets_it_by_one_tap(towns: Towns) -> None:
    needs = [towns.register("30"), towns.register("30")]
    offer_id = towns.offer(needs[0], 40)
    forms = [(path := f"/relief/request_dispatch?offer={offer_id}&need={need.need_id}",
              form_of(towns.clerk, path, {"to": need.need_id, "quantity": "30"})) for need in needs]
    with ThreadPoolExecutor(2) as people:
        receipts = list(people.map(lambda form: towns.clerk.post(*form), forms))
    pages = [eventually(lambda path=path: text if "記録しています" not in (text := towns.clerk.get(path)) else "")
             for path in receipts]
    lost = [page for page in pages if 'class="receipt stop"' in page]
    assert len(lost) == 1 and "残りは10缶です" in lost[0] and "衝突" not in lost[0]
    fix = re.search(r'href="(/relief/request_dispatch[^"]+)">10で依頼し直す', lost[0])
    assert fix is not None
    address = fix[1].replace("&amp;", "&")
    towns.settle()
    loser = next(need for need in needs if need.need_id in address)
    towns.recorded(towns.clerk, towns.clerk.send(address, {"to": loser.need_id, "quantity": "10"}))
    assert sorted(int(str(towns.need(need.need_id)["committed"])) for need in needs) == [10, 30]


def test_s06_a_proposal_of_the_solver_is_taken(towns: Towns) -> None:
    need = towns.register("21")
    offer_id = towns.offer(need, 21)
    key = f"{offer_id}-{need.need_id}"
    page = eventually(lambda: text if key in (text := towns.clerk.get("/relief/suggestions")) else "", 90)
    assert "距離は、自治体の中心どうしを結ぶ直線です" in page
    towns.recorded(towns.clerk, towns.clerk.send("/relief/suggestions", {"only": key, f"quantity-{key}": "21"}))
    assert towns.need(need.need_id)["committed"] == 21


def test_s06_where_the_office_decides_a_shelter_proposes(towns: Towns) -> None:
    shelter = towns.nanao.person("sanno@nanao.example")
    path = shelter.send("/relief/register_need", DETAILS | {"item": MILK, "quantity": "14"})
    towns.recorded(shelter, path)
    need = towns.nanao.reading.needs(NeedFilter(municipality=NANAO, site_id=SANNO, sort="newest", size=1)).rows[0]
    offer_id = towns.offer(need, 14)
    _policy(towns, "office")
    try:
        towns.settle()
        proposal = f"/relief/propose_dispatch?offer={offer_id}&need={need.need_id}"
        towns.recorded(shelter, shelter.send(proposal, {"to": need.need_id, "quantity": "14"}))
        assert towns.need(need.need_id)["committed"] == 0
        page = towns.clerk.get("/relief/approve_dispatch")
        found = re.search(rf"quantity-({need.need_id}-[0-9A-Z]+)", page)
        assert found is not None
        towns.recorded(towns.clerk, towns.clerk.send("/relief/approve_dispatch", {
            "only": found[1], f"quantity-{found[1]}": "10"}))
        assert towns.need(need.need_id)["committed"] == 10
    finally:
        _policy(towns, "none")


def test_s12_a_drill_is_played_beside_the_real_thing(towns: Towns) -> None:
    drill = ulid()
    actor, _ = towns.scene.channel.administrator(NANAO)
    towns.scene.submit(NANAO, "webui", OpenDrill(drill, "秋の訓練"), actor=actor)
    towns.settle()
    before = towns.nanao.reading.needs(NeedFilter(municipality=NANAO)).total
    trainee = towns.nanao.person("bousai@nanao.example")
    trainee.send("/scope", {"chosen": drill}, page="/relief/needs")
    assert 'class="is-drill"' in trainee.get("/relief/needs")
    opened = {"open": "yes", "headcount": "3"}
    towns.recorded(trainee, trainee.send(f"/relief/set_site_status?site={towns.place}", opened))
    towns.recorded(trainee, trainee.send("/relief/register_need", DETAILS | {
        "site": towns.place, "item": MILK, "quantity": "2"}))
    assert towns.nanao.reading.needs(NeedFilter(municipality=NANAO)).total == before
    assert "<b>1</b> 件" in trainee.get("/relief/needs") and "is-drill" not in towns.clerk.get("/relief/needs")
    (need,) = towns.nanao.reading.in_scope(drill).needs(NeedFilter(municipality=NANAO)).rows
    assert towns.scene.evaluate(NANAO, "relief.get_need", scope=drill, need_id=need.need_id)["quantity"] == 2


def _policy(towns: Towns, approval: str) -> None:
    rev = towns.scene.evaluate(NANAO, "directory.get_municipality", code6=NANAO)["rev"]
    towns.scene.administer(NANAO, SetPolicy(approval, rev))
