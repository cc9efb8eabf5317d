"""S7, S8, S9: boxes are tracked, received, counted; differences are cleared; mails are seen."""
from __future__ import annotations

import dataclasses

import pytest

from moyai_contracts.api.relief import (
    AcknowledgeDiscrepancy, CorrectReceipt, IssueLabel, ReceivedLine, ReceivePackage, RecordArrival, ResolveDiscrepancy,
    SurplusLine,
)
from moyai_webui.forms.identifiers import new_op
from moyai_webui.home import Services
from moyai_webui.operation_rows import Arrival, ArrivedLine
from moyai_webui.presentation.formats import now
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

BOX = world.package_id(1)


@pytest.mark.parametrize("typed", [
    BOX, BOX.lower(), f"{BOX[:4]} {BOX[4:8]}-{BOX[8:]}", f"HTTP://127.0.0.1:18083/T/{BOX}",
    "".join(chr(ord(symbol) + 0xFEE0) for symbol in BOX)])
def test_s09_a_typed_code_leads_to_the_receipt(shelter: Browser, typed: str) -> None:
    answer = shelter.client.get("/relief/scan", query_string={"code": typed})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/relief/receive_package?code={BOX}")


def test_s09_the_label_s_serial_stays_with_the_code(shelter: Browser) -> None:
    answer = shelter.client.get("/relief/scan", query_string={"code": f"{BOX}-01"})
    assert answer.headers["Location"] == f"/relief/receive_package?code={BOX}-01"


@pytest.mark.parametrize(("changes", "words"), [
    ({"place": "和倉小学校"}, "この箱は和倉小学校あてです"), ({"state": "voided"}, "取り消された箱です"),
    ({"state": "recalled"}, "ここに届いたことを記録する"), ({"state": "lost"}, "届かなかったと記録された箱です"),
    ({"state": "received"}, "受取済みです")])
def test_s09_a_box_that_cannot_be_received_says_why(shelter: Browser, services: Services, changes: dict[str, str],
                                                    words: str) -> None:
    read = services.reading
    place = next(site.place for site in read.all_sites if site.place.name == changes.get("place", "山王小学校"))
    received = read.all_packages[2].received_at if changes.get("state") == "received" else None
    read.all_packages[0] = dataclasses.replace(read.all_packages[0], place=place, received_at=received,
                                               state=changes.get("state", "shipped"))
    page = shelter.get(f"/relief/scan?code={BOX}")
    assert page.status_code == 422 and words in page.text
    assert shelter.get(f"/relief/receive_package?code={BOX}").status_code == 303


def test_s09_a_misread_code_is_told_and_kept(shelter: Browser) -> None:
    page = shelter.get("/relief/scan?code=PK7Q49M2X099")
    assert page.status_code == 422 and "もう一度確かめてください" in page.text and 'value="PK7Q49M2X099"' in page.text


def scan_form(browser: Browser, codes: list[str]) -> dict[str, object]:
    return {"box": codes, **{f"at-{code[:12]}": str(1_700_000_000 + number) for number, code in enumerate(codes)}}


def test_s09_many_boxes_are_received_with_one_confirmation(shelter: Browser, services: Services) -> None:
    boxes = [dataclasses.replace(services.reading.all_packages[0], package_id=world.package_id(number))
             for number in range(20, 40)]
    services.reading.all_packages += boxes
    page = shelter.get("/relief/scan")
    data = scan_form(shelter, [f"{box.package_id}-01" for box in boxes])
    answers = [shelter.send("/relief/scan", data, page=page) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    commands = [command for command, *_ in services.submissions.commands]
    assert [command.package_id for command in commands] == [box.package_id for box in boxes]
    assert [command.scanned_at for command in commands] == [1_700_000_000 + number for number in range(20)]
    assert all(command.lines == (ReceivedLine(box.lines[0].dispatch_id, 24),)
               for command, box in zip(commands, boxes, strict=True))
    assert "20箱" in shelter.get(answers[0].headers["Location"]).text


def test_s09_a_row_with_a_box_that_cannot_be_received_says_why_and_takes_none(shelter: Browser,
                                                                              services: Services) -> None:
    services.reading.all_packages[1] = dataclasses.replace(services.reading.all_packages[1], state="voided")
    page = shelter.send("/relief/scan", scan_form(shelter, [BOX, world.package_id(2)]))
    assert page.status_code == 422 and "取り消された箱です" in page.text and services.submissions.commands == []


def test_s09_the_camera_s_list_is_told_what_a_code_means(shelter: Browser, services: Services) -> None:
    told = shelter.get(f"/relief/scan/{BOX}-01").get_json()
    assert (told["text"], told["from"], told["place"], told["problem"]) == ("液体ミルク 24缶", "八王子市", "山王小学校", "")
    services.reading.all_packages[0] = dataclasses.replace(services.reading.all_packages[0], label_serial=2)
    old = shelter.get(f"/relief/scan/{BOX}-01").get_json()
    assert "古いラベル" in old["problem"] and old["href"] == f"/relief/receive_package?code={BOX}-01"
    unknown = shelter.get(f"/relief/scan/{world.package_id(77)}").get_json()
    assert unknown["href"].startswith("/relief/record_arrival?label=") and "ありません" in unknown["problem"]
    assert "読み取れません" in shelter.get("/relief/scan/HELLO").get_json()["problem"]


def test_s09_the_common_case_is_one_tap(shelter: Browser, services: Services) -> None:
    page = shelter.get(f"/relief/receive_package?code={BOX}-01")
    assert 'name="good" value="24"' in page.text and 'name="damaged" value="0"' in page.text
    answer = shelter.send(f"/relief/receive_package?code={BOX}-01", {"good": "24", "damaged": "0"}, page=page)
    assert answer.status_code == 303
    command = services.submissions.commands[0][0]
    line = services.reading.all_packages[0].lines[0]
    assert isinstance(command, ReceivePackage) and command.lines == (ReceivedLine(line.dispatch_id, 24),)
    assert (command.label_serial, command.site, command.surplus) == (1, world.SANNO, None)
    assert "次の箱を読み取る" in shelter.get(answer.headers["Location"]).text


def test_s09_short_and_damaged_add_up_to_what_was_sent(shelter: Browser, services: Services) -> None:
    shelter.send(f"/relief/receive_package?code={BOX}", {"good": "２１", "damaged": "1", "refused": ""})
    assert services.submissions.commands[0][0].lines[0] == ReceivedLine(
        services.reading.all_packages[0].lines[0].dispatch_id, good=21, short=2, damaged=1)


def test_s09_too_many_are_counted_again_and_then_surplus(shelter: Browser, services: Services) -> None:
    address = f"/relief/receive_package?code={BOX}"
    page = shelter.send(address, {"good": "30", "damaged": "1"})
    assert page.status_code == 422 and "数え直してください" in page.text and services.submissions.commands == []
    assert shelter.send(address, {"good": "30", "damaged": "1", "more": "y"}, page=page).status_code == 303
    command = services.submissions.commands[0][0]
    assert (command.lines[0].good, command.lines[0].damaged) == (23, 1)
    assert command.surplus == (SurplusLine(quantity=7, item="000000-0301"),)


def test_s09_every_line_of_a_box_is_counted(shelter: Browser, services: Services) -> None:
    box = services.reading.all_packages[0]
    other = dataclasses.replace(box.lines[0], item=world.ITEMS[1], quantity=10, dispatch_id=new_op())
    services.reading.all_packages[0] = dataclasses.replace(box, lines=(box.lines[0], other))
    address = f"/relief/receive_package?code={BOX}"
    assert 'name="good1" value="10"' in shelter.get(address).text
    assert shelter.send(address, {"good": "24", "damaged": "0", "good1": "7", "damaged1": "1",
                                  "refused1": "2"}).status_code == 303
    assert services.submissions.commands[0][0].lines == (
        ReceivedLine(box.lines[0].dispatch_id, 24), ReceivedLine(other.dispatch_id, 7, damaged=1, refused=2))


def test_s07_a_box_without_a_label_is_recorded_all_the_same(shelter: Browser, services: Services) -> None:
    answer = shelter.send("/relief/record_arrival", {
        "site": world.SANNO, "reason": "no_label", "item": "毛布", "quantity": "１２"})
    assert answer.status_code == 303
    command = services.submissions.commands[0][0]
    assert isinstance(command, RecordArrival) and command.lines == (SurplusLine(12, item="000000-0201"),)
    assert (command.site, command.reason, command.label_seen) == (world.SANNO, "no_label", None)


@pytest.mark.parametrize(("changes", "reason"), [
    ({"state": "recalled"}, "recalled"), ({"place": "和倉小学校"}, "wrong_site"), ({"state": "lost"}, "lost")])
def test_s09_a_box_that_should_not_be_here_is_recorded_with_the_reason(
        shelter: Browser, services: Services, changes: dict[str, str], reason: str) -> None:
    read = services.reading
    place = next(site.place for site in read.all_sites if site.place.name == changes.get("place", "山王小学校"))
    read.all_packages[0] = dataclasses.replace(read.all_packages[0], place=place, state=changes.get("state", "shipped"))
    page = shelter.get(f"/relief/record_arrival?label={BOX}-01")
    assert 'value="液体ミルク"' in page.text and 'name="quantity" value="24"' in page.text
    data = {"site": world.SANNO, "label": f"{BOX}-01", "item": "液体ミルク", "quantity": "24"}
    assert shelter.send(f"/relief/record_arrival?label={BOX}-01", data, page=page).status_code == 303
    command = services.submissions.commands[0][0]
    assert (command.reason, command.label_seen) == (reason, f"{BOX}-01")
    assert command.lines == (SurplusLine(24, item="000000-0301"),)


def test_s07_goods_need_a_number_and_unknown_contents_need_nothing(shelter: Browser, services: Services) -> None:
    page = shelter.send("/relief/record_arrival", {"site": world.SANNO, "reason": "unreadable", "item": "毛布"})
    assert page.status_code == 422 and "数量を1以上の数字で" in page.text
    assert shelter.send("/relief/record_arrival", {"site": world.SANNO, "reason": "unreadable"}).status_code == 303
    assert services.submissions.commands[0][0].lines == ()


def test_s09_a_form_sent_twice_is_one_receipt(shelter: Browser, services: Services) -> None:
    address = f"/relief/receive_package?code={BOX}"
    page = shelter.get(address)
    for _ in range(2):
        assert shelter.send(address, {"good": "24", "damaged": "0"}, page=page).status_code == 303
    assert len(services.submissions.commands) == 1


def test_s09_an_old_label_has_to_be_confirmed(shelter: Browser, services: Services) -> None:
    services.reading.all_packages[0] = dataclasses.replace(services.reading.all_packages[0], label_serial=2)
    address = f"/relief/receive_package?code={BOX}-01"
    page = shelter.send(address, {"good": "24", "damaged": "0"})
    assert page.status_code == 422 and "古いラベルです" in page.text
    assert shelter.send(address, {"good": "24", "damaged": "0", "accept_superseded": "y"}).status_code == 303
    command = services.submissions.commands[0][0]
    assert (command.label_serial, command.accept_superseded) == (1, True)


def test_s09_printing_anew_asks_and_is_a_transaction(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    address = f"/relief/issue_label?package={world.package_id(2)}"
    assert "第2版を作る" in browser.get(address).text and services.submissions.commands == []
    assert browser.send(address).status_code == 303
    assert services.submissions.commands[0][0] == IssueLabel(package_id=world.package_id(2))


def test_s09_the_public_page_shows_the_way_of_a_box_and_no_person(visitor: Browser, shelter: Browser) -> None:
    page = visitor.get(f"/T/{BOX}-01").text
    assert "箱の行方" in page and "輸送中" in page and "八王子市から、七尾市 山王小学校へ" in page
    assert "0767" not in page and "支援者" not in page and "この箱を受け取る" not in page
    assert "この箱を受け取る" in shelter.get(f"/T/{BOX}-01").text
    assert visitor.get(f"/t?code={BOX.lower()}").headers["Location"] == f"/t/{BOX}"
    nothing = visitor.get("/t/PK7Q49M2X099")
    assert nothing.status_code == 404 and "ラベルの文字をもう一度確かめてください" in nothing.text


def test_s07_what_came_and_what_comes(office: Browser, shelter: Browser) -> None:
    page = office.get("/relief/arrivals").text
    assert "差異あり" in page and '<td role="cell" class="r c-n hot" data-label="不足">2</td>' in page
    assert "<b>1</b> 件" in office.get("/relief/arrivals?diff=1").text
    coming = shelter.get("/relief/arrivals?tab=coming").text
    assert "発送待ち" in coming and "輸送中" in coming and "<b>2</b> 件" in coming
    assert "届いていません" in office.get("/relief/arrivals?date=2024-01-08").text
    assert office.get("/relief/arrivals?date=yesterday").status_code == 200


def test_s07_what_came_is_saved_as_it_is_filtered(office: Browser) -> None:
    text = office.get("/relief/arrivals.csv?diff=1").data.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("箱のコード,受取") and "液体ミルク" in text and ",24,21,1,0,2,缶,差異あり" in text
    assert "毛布" not in text and "毛布" in office.get("/relief/arrivals.csv").data.decode("utf-8-sig")
    assert world.package_id(1) in office.get("/relief/arrivals.csv?tab=coming").data.decode("utf-8-sig")
    assert office.get("/relief/arrivals.xlsx").data.startswith(b"PK")


def test_s07_items_add_up_over_boxes(office: Browser, services: Services) -> None:
    page = office.get("/relief/arrivals?tab=sum").text
    row = page[page.index("液体ミルク"):]
    assert ">21</b>" in row and 'data-label="破損">1</td>' in row and 'data-label="不足">2</td>' in row
    assert 'data-label="これから">48</td>' in row
    services.reading.all_packages = []
    assert "まだありません" in office.get("/relief/arrivals?tab=sum").text


def test_s07_boxes_that_no_receipt_fits_are_listed(office: Browser, shelter: Browser, services: Services) -> None:
    place = services.reading.all_needs[0].place
    line = ArrivedLine(world.ITEMS[1], "", 12)
    services.reading.all_arrivals = [Arrival(new_op(), place, "no_label", (line,), "", "裏口に置かれていました", now(), False,
                                             "", False, "", now())]
    for browser in (office, shelter):
        page = browser.get("/relief/arrivals").text
        assert "毛布 12枚" in page and "ラベルがない" in page and "裏口に置かれていました" in page and "予定にない箱" in page


def test_s07_only_the_office_corrects_a_receipt(office: Browser, shelter: Browser, services: Services) -> None:
    box = services.reading.all_packages[2]
    box = dataclasses.replace(box, lines=(dataclasses.replace(box.lines[0], dispatch_id=new_op()),))
    services.reading.all_packages[2] = box
    address = f"/relief/correct_receipt?package={box.package_id}"
    assert "数を直す" in office.get("/relief/arrivals").text and "数を直す" not in shelter.get("/relief/arrivals").text
    assert "理由を書いてください" in office.send(address, {"good": "23", "damaged": "1"}).text
    assert "多くなっています" in office.send(address, {"good": "30", "damaged": "1", "reason": "数え直し"}).text
    assert office.send(address, {"good": "23", "damaged": "1", "reason": "数え直し"}).status_code == 303
    command = services.submissions.commands[0][0]
    assert isinstance(command, CorrectReceipt) and command.reason == "数え直し"
    assert command.lines == (ReceivedLine(box.lines[0].dispatch_id, 23, 0, 1, 0),)


def test_s09_a_difference_goes_from_open_to_resolved(office: Browser, services: Services,
                                                     hachioji: tuple[Browser, Services]) -> None:
    difference = hachioji[1].reading.all_discrepancies[0]
    pair = f"package={difference.package_id}&discrepancy={difference.discrepancy_id}"
    assert hachioji[0].send(f"/relief/acknowledge_discrepancy?{pair}").status_code == 303
    assert hachioji[1].submissions.commands[0][0] == AcknowledgeDiscrepancy(
        package_id=difference.package_id, discrepancy_id=difference.discrepancy_id)
    ours = services.reading.all_discrepancies[0]
    address = f"/relief/resolve_discrepancy?package={ours.package_id}&discrepancy={ours.discrepancy_id}"
    assert "送り側の確認を待っています" in office.get(address).text
    services.reading.all_discrepancies[0] = dataclasses.replace(ours, state="acknowledged")
    assert "確認の結果を選んでください" in office.send(address).text
    assert office.send(address, {"resolution": "resent"}).status_code == 303
    assert services.submissions.commands[0][0] == ResolveDiscrepancy(
        package_id=ours.package_id, discrepancy_id=ours.discrepancy_id, resolution="resent")


def test_s08_the_office_sees_its_mails_and_what_became_of_them(office: Browser) -> None:
    page = office.get("/mails").text
    assert "送信済み" in page and "送信待ち" in page and "届きませんでした" in page and "提供物資登録" in page


def test_s09_the_whole_story_of_a_box(shelter: Browser) -> None:
    page = shelter.get(f"/records/{world.package_id(3)}").text
    titles = ["差を記録しました", "受け取りました", "発送しました", "QRコードを作りました", "送付を依頼しました", "提供の申し出", "必要物資の登録"]
    places = [page.index(f"<h3>{title}</h3>") for title in titles]
    assert places == sorted(places)
    assert "不足2缶・破損1缶。送り側の24缶に対し、使える物は21缶です。" in page
    assert "コード" in page and "PK7Q 49M2" in page


@pytest.mark.parametrize(("kind", "words"), [
    ("conflicting_scan", "2台の端末の数が合いません"), ("lost", "届いていません"), ("wrong_site", "ほかの場所に届きました"),
    ("recalled_arrived", "取り消した箱が届きました"), ("count", "液体ミルク：送り側 24缶、使える物 21缶")])
def test_s09_every_kind_of_difference_is_told_on_every_page(office: Browser, shelter: Browser, services: Services,
                                                            kind: str, words: str) -> None:
    difference = services.reading.all_discrepancies[0]
    received = {"lines": [{"dispatch_id": difference.package.lines[0].dispatch_id, "good": 20, "short": 4,
                           "damaged": 0, "refused": 0}]}
    box = difference.package
    if kind in ("lost", "wrong_site", "recalled_arrived"):  # of such a box nothing was counted
        line = dataclasses.replace(box.lines[0], good=None, short=None, damaged=None, refused=None)
        box = dataclasses.replace(box, lines=(line,), state="shipped", received_at=None)
    services.reading.all_discrepancies[0] = dataclasses.replace(difference, kind=kind, received=received, package=box)
    pair = f"package={difference.package_id}&discrepancy={difference.discrepancy_id}"
    for page in (office.get("/relief/office"), shelter.get("/relief/"),
                 office.get(f"/relief/resolve_discrepancy?{pair}")):
        assert page.status_code == 200 and words in page.text
    if kind == "conflicting_scan":
        assert "もう1台の端末の記録" in office.get(f"/relief/resolve_discrepancy?{pair}").text
