"""S3, S9: boxes on their way: packed, shipped, handed over at a hub, split, redirected, called back, given up."""
from __future__ import annotations

import dataclasses
from datetime import timedelta

from moyai_contracts.api.relief import HandOverPackage, RecallDispatch, RedirectPackage, RepackDispatch, ReportLost
from moyai_webui.home import Services
from moyai_webui.presentation.formats import now
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

BOX = world.package_id(1)


def test_s09_a_hub_takes_a_box_over_and_splits_it(office: Browser, services: Services) -> None:
    read = services.reading
    hub = dataclasses.replace(read.all_sites[0], place=dataclasses.replace(
        read.all_sites[0].place, site_id="HUB-1", name="七尾市集積所", kind="hub"))
    read.all_sites.append(hub)
    read.all_packages[0] = dataclasses.replace(read.all_packages[0], route=((world.NANAO, "HUB-1"),))
    page = office.get("/relief/hand_over_package")
    assert "七尾市集積所" in page.text and "着いた" in page.text
    assert office.send("/relief/hand_over_package", {"code": BOX, "site": "HUB-1"}, page=page).status_code == 303
    command = services.submissions.commands[0][0]
    assert isinstance(command, HandOverPackage) and (command.code6, command.site) == (world.NANAO, "HUB-1")
    read.all_packages[0] = dataclasses.replace(read.all_packages[0], state="handed_over", leg=1)
    assert "分ける" in office.get("/relief/hand_over_package").text
    form = office.get(f"/relief/repack_dispatch?package={BOX}&boxes=3")
    assert form.text.count('value="8"') == 3
    address = f"/relief/repack_dispatch?package={BOX}&boxes=3"
    short = office.send(address, {"in0-0": "10", "in1-0": "10", "in2-0": "3"})
    assert short.status_code == 422 and "合計を24缶にしてください（いまは23）" in short.text
    assert office.send(address, {"in0-0": "10", "in1-0": "14", "in2-0": "0", "weight0": "5"}).status_code == 303
    command = services.submissions.commands[1][0]
    assert isinstance(command, RepackDispatch) and command.void == (BOX,)
    assert [line.quantity for box in command.new for line in box.lines] == [10, 14]
    assert [box.weight_g for box in command.new] == [5000, None]


def test_s09_a_hub_of_another_place_does_not_split_it(shelter: Browser, services: Services) -> None:
    read = services.reading
    read.all_packages[0] = dataclasses.replace(read.all_packages[0], state="handed_over", leg=1,
                                               route=((world.NANAO, "HUB-1"),))
    assert shelter.get(f"/relief/repack_dispatch?package={BOX}").status_code == 403


def test_s03_a_sender_ships_the_boxes_that_are_ready(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    read = services.reading
    dispatch = read.all_dispatches[0]
    one = dispatch.packages[0]
    two = dataclasses.replace(one, package_id=world.package_id(30), number=2)
    read.all_dispatches[0] = dataclasses.replace(dispatch, packages=(one, two))
    address = f"/relief/ship_consignment?need={dispatch.need_id}&dispatch={dispatch.dispatch_id}"
    data = {"quantity": "24", "quantity1": "24", "carrier": "yamato", "arrival": "tomorrow"}
    assert "送る箱を選んでください" in browser.send(address, data).text
    assert browser.send(address, data | {"leaves1": "y", "quantity1": "20"}).status_code == 303
    (shipped,) = services.submissions.commands[0][0].packages
    assert shipped.package_id == two.package_id and shipped.lines[0].quantity == 20


def test_s09_boxes_are_redirected_recalled_or_given_up(office: Browser, services: Services) -> None:
    read = services.reading
    to = next(site for site in read.all_sites if site.status and site.place.name == "和倉小学校")
    address = f"/relief/redirect_package?package={BOX}"
    assert "理由を書いてください" in office.send(address, {"site": to.place.site_id}).text
    assert office.send(address, {"site": to.place.site_id, "reason": "閉じました"}).status_code == 303
    assert services.submissions.commands[0][0] == RedirectPackage((BOX,), to.place.site_id, "閉じました")
    assert "72時間たつと記録できます" in office.get(f"/relief/report_lost?package={BOX}").text
    read.all_packages[0] = dataclasses.replace(read.all_packages[0], shipped_at=now() - timedelta(hours=73))
    assert office.send(f"/relief/report_lost?package={BOX}", {"note": "配送会社も不明"}).status_code == 303
    assert services.submissions.commands[1][0] == ReportLost(BOX, "配送会社も不明")
    read.all_dispatches[0] = dispatch = dataclasses.replace(read.all_dispatches[0], state="shipped")
    pair = f"need={dispatch.need_id}&dispatch={dispatch.dispatch_id}"
    assert office.send(f"/relief/recall_dispatch?{pair}", {"reason": "足りました"}).status_code == 303
    assert services.submissions.commands[2][0] == RecallDispatch(dispatch.need_id, dispatch.dispatch_id, "足りました")
