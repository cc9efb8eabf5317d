"""S10: items are looked up by all of the office, added, changed and imported by administrators."""
from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable

import pytest

from moyai_contracts.api.directory import Pack, RetireSite, SaveItem
from moyai_webui.home import Services
from tests.unit.webui.items.test_item_list import DIAPER, listed
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

NEW = {"name": "紙コップ", "category": "other", "base_unit": "個", "packs": "箱=1000", "attributes": "", "per_person": ""}


@pytest.fixture
def office(signed_in: Callable[[str], Browser], services: Services) -> Browser:
    services.reading.catalogue.append(DIAPER)
    return signed_in("office")


def sent(services: Services) -> list[object]:
    return [command for command, _ in services.submissions.commands]


def test_s10_own_and_common_items_are_told_apart(office: Browser) -> None:
    page = office.get("/directory/items").text
    assert "大人用おむつ" in page and f"{DIAPER.code}・七尾市" in page and "・共通" in page
    assert "この条件の品目はありません" in office.get("/directory/items?q=どこにもない").text


def test_s10_an_item_is_added_under_the_next_code(office: Browser, services: Services) -> None:
    answer = office.send("/directory/save_item", NEW)
    assert answer.status_code == 303, answer.text
    (command,) = sent(services)
    assert isinstance(command, SaveItem)
    (item,) = command.items
    assert (item.item_code, item.rev, item.packs) == (f"{world.NANAO}-0002", 0, (Pack("箱", 1000),))
    assert "品目を保存しました" in office.get(answer.location).text


def test_s10_a_changed_item_keeps_unit_and_revision(office: Browser, services: Services) -> None:
    address = f"/directory/save_item?item={DIAPER.code}"
    assert "袋=20、箱=80" in office.get(address).text
    office.send(address, {"name": "おむつ（大人）", "category": "adult_diaper", "base_unit": "枚", "packs": "袋=20",
                          "attributes": "サイズ=S/M", "per_person": "5", "perishable": "y"})
    (command,) = sent(services)
    (item,) = command.items
    assert (item.name, item.rev, item.base_unit, item.per_person.n) == ("おむつ（大人）", 3, "枚", 5)


@pytest.mark.parametrize("wrong, words", [
    ({"name": ""}, "名称を入れてください"), ({"packs": "箱"}, "入り数"), ({"per_person": "多め"}, "1人1日あたり"),
    ({"category": "nothing"}, "分類を選んでください"), ({"base_unit": ""}, "単位を入れてください")])
def test_s10_a_wrong_field_says_so_and_keeps_the_rest(office: Browser, services: Services, wrong: dict[str, str],
                                                      words: str) -> None:
    page = office.send("/directory/save_item", NEW | wrong)
    assert page.status_code == 422 and words in page.text and not sent(services)
    assert all(f'value="{value}"' in page.text for name, value in NEW.items()
               if value and name not in wrong and name != "category")


def test_s10_items_are_imported_after_a_look(office: Browser, services: Services) -> None:
    file = listed(",紙コップ,その他,個,,,,,", "132012-0001,紙皿,その他,枚,,,,,")
    preview = office.send("/directory/import_items", {"file": (io.BytesIO(file), "items.csv")}).location
    page = office.get(preview)
    assert "1件を取り込む" in page.text and "3行目：ほかの自治体" in page.text and not sent(services)
    office.send(preview, page=page)
    (command,) = sent(services)
    assert [item.name for item in command.items] == ["紙コップ"]


def test_s10_what_was_saved_comes_in_unchanged(office: Browser, services: Services) -> None:
    content = office.get("/directory/items.csv").data
    preview = office.send("/directory/import_items", {"file": (io.BytesIO(content), "items.csv")}).location
    assert "変わるところがありません" in office.get(preview).text


def test_s10_only_administrators_change_the_catalogue(signed_in: Callable[[str], Browser]) -> None:
    clerk = signed_in("clerk")
    assert clerk.get("/directory/items").status_code == 200 and "品目を加える" not in clerk.get("/directory/items").text
    assert clerk.get("/directory/save_item").status_code == 403
    assert clerk.get("/directory/import_items").status_code == 403


def test_s10_a_site_is_retired_with_what_that_means(office: Browser, services: Services) -> None:
    services.reading.all_sites = [dataclasses.replace(site, rev=7) for site in services.reading.all_sites]
    address = f"/directory/retire_site?site={world.SANNO}"
    assert "件の必要物資があります" in office.get(address).text
    office.send(address)
    assert sent(services) == [RetireSite(world.SANNO, 7)]
