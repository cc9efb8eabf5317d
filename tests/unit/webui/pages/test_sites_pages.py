"""S10: sites are added, changed and imported from a list, with a preview."""
from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from moyai_contracts.api.directory import SaveSite
from moyai_webui.home import Services, SiteContact
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

LIST = (world.DATA / "shelters.csv").read_bytes()


def uploaded(office: Browser, content: bytes) -> str:
    answer = office.send("/directory/import_sites", {"file": (io.BytesIO(content), "shelters.csv")})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_s10_the_real_list_is_previewed_and_then_imported_in_two_parts(office: Browser, services: Services) -> None:
    services.reading.all_sites = []
    preview = uploaded(office, LIST)
    page = office.get(preview)
    assert "112か所を取り込む" in page.text and "まだ何も変わっていません" in page.text
    assert "全国地方公共団体コードが空のため、172022としました。" in office.get(f"{preview}?page=3").text
    assert services.submissions.commands == []
    answer = office.send(preview, page=page)
    commands = [command for command, _ in services.submissions.commands]
    assert [type(command) for command in commands] == [SaveSite, SaveSite]
    assert [len(command.sites) for command in commands] == [100, 12]
    receipt = office.get(answer.headers["Location"])
    assert "避難所を保存しました" in receipt.text and "112件（2回に分けて記録）" in receipt.text


def test_s10_the_slower_part_decides_the_receipt(office: Browser, services: Services) -> None:
    services.reading.all_sites = []
    address = office.send(uploaded(office, LIST)).headers["Location"]
    second = address.split("also=")[1]
    parts = services.submissions.by_op
    parts[second] = parts[second].__class__(**{**vars(parts[second]), "state": "pending"})
    assert "記録しています" in office.get(address).text
    parts[second] = parts[second].__class__(**{**vars(parts[second]), "state": "refused", "refusal": "stale_revision"})
    assert "ほかの人が先に変更しました" in office.get(address).text


def test_s10_importing_the_same_list_again_changes_nothing(office: Browser, services: Services) -> None:
    preview = uploaded(office, LIST)
    page = office.get(preview)
    assert "変わるところがありません" in page.text
    assert office.send(preview, page=page).headers["Location"] == "/directory/sites"
    assert services.submissions.commands == []


def test_s10_a_changed_cell_and_a_bad_row_are_shown(office: Browser, services: Services) -> None:
    changed = LIST.decode().replace("山王小学校,サンノウ", "山王小学校（新校舎）,サンノウ").replace("37.03803", "北緯37度")
    preview = uploaded(office, changed.encode("cp932"))
    page = office.get(f"{preview}?show=changed")
    assert "名称：山王小学校 → 山王小学校（新校舎）" in page.text
    assert "3行目：緯度は、37.04826のような数字で書いてください（北緯37度）。" in page.text
    office.send(preview, page=page)
    line = services.submissions.commands[0][0].sites[0]
    assert (line.site_id, line.rev, line.name) == (world.SANNO, 1, "山王小学校（新校舎）")


@pytest.mark.parametrize(("content", "words"), [(b"", "CSVファイルを選んでください"), ("名称,住所\nA,B\n".encode(), "見出しに"),
                                                (b"PK\x03\x04\x00", "CSVではないファイルです")])
def test_s10_what_is_no_list_is_told_beside_the_field(office: Browser, content: bytes, words: str) -> None:
    page = office.send("/directory/import_sites", {"file": (io.BytesIO(content), "x.csv")})
    assert page.status_code == 422 and words in page.text and '<a href="#file">' in page.text


def test_s10_an_upload_is_its_owners_alone(office: Browser, signed_in: Callable[[str], Browser]) -> None:
    assert signed_in("clerk").get(uploaded(office, LIST)).status_code == 404


def test_s10_mail_addresses_of_a_list_stay_at_home(office: Browser, services: Services) -> None:
    content = "ID,名称,連絡先メールアドレス\nA1,市役所,yakusho@example.jp\n".encode()
    office.send(uploaded(office, content))
    assert services.home.contact("A1").mail == "yakusho@example.jp"
    assert "yakusho" not in repr(services.submissions.commands)


def test_s10_a_site_is_changed_and_its_contact_stays_at_home(office: Browser, services: Services) -> None:
    typed = {"site_id": world.SANNO, "kind": "shelter", "name": "山王小学校", "kana": "サンノウショウガッコウ",
             "address": "石川県七尾市山王町ツ34", "district": "袖ケ江地区", "phone": "０７６７－５７－５０１８", "capacity_indoor": "",
             "contact_person": "担当", "contact_mail": "sanno@example.jp", "contact_phone": "0767-57-5018"}
    address = f"/directory/save_site?site={world.SANNO}"
    assert office.send(address, typed).status_code == 303
    line = services.submissions.commands[0][0].sites[0]
    assert (line.site_id, line.rev, line.phone, line.lat) == (world.SANNO, 1, "0767-57-5018", 37_041_850)
    assert services.home.contact(world.SANNO) == SiteContact("担当", "sanno@example.jp", "0767-57-5018")
    assert "sanno@example.jp" not in repr(services.submissions.commands)
    page = office.send(address, typed | {"name": "", "contact_mail": "sanno", "phone": "なし"})
    assert page.status_code == 422
    for words in ("名称を入れてください", "name@example.jpのような形で", "電話番号を数字とハイフンで"):
        assert words in page.text


def test_s10_a_site_is_added_once(office: Browser, services: Services) -> None:
    typed = {"site_id": "ＨＵＢ－１", "kind": "hub", "name": "集積所", "address": "七尾市"}
    assert office.send("/directory/save_site", typed).status_code == 303
    line = services.submissions.commands[0][0].sites[0]
    assert (line.site_id, line.rev, line.kind) == ("HUB-1", 0, "hub")
    assert "このIDの施設はすでにあります" in office.send("/directory/save_site", typed | {"site_id": world.SANNO}).text


def test_s10_the_list_is_searched(office: Browser) -> None:
    page = office.get("/directory/sites?q=山王").text
    assert "<b>1</b> か所" in page and world.SANNO in page
    assert "<b>29</b> か所" in office.get("/directory/sites?open=1").text


def test_s10_an_imported_list_goes_out_as_it_came_in(office: Browser, services: Services) -> None:
    registered, services.reading.all_sites = services.reading.all_sites, []
    office.send(uploaded(office, LIST))
    services.reading.all_sites = [site for site in registered if site.place.code == world.NANAO]
    assert office.get("/directory/sites.csv").data == LIST
