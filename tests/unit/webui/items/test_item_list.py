"""S10: the catalogue as CSV: out and in again changes nothing, and every bad row says why."""
from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moyai_contracts.api.directory import CATEGORIES, Attribute, Pack, Ratio
from moyai_webui.items import cells
from moyai_webui.items.item_list import COLUMNS, next_code, read, to_csv
from moyai_webui.presentation.vocabulary import ATTRIBUTES
from moyai_webui.rows import Item
from moyai_webui.sites.cells import Unreadable
from moyai_webui.sites.site_list import UnreadableList

OWN = "172022"
DIAPER = Item(f"{OWN}-0001", "大人用おむつ", "枚", "adult_diaper", (("袋", 20), ("箱", 80)),
              (("size", ("S", "M", "L")),), True, (5, 1), rev=3)

words = st.text(st.sampled_from("あいう漢字ABC123-ー"), min_size=1, max_size=8)
some_items = st.builds(
    Item, st.integers(1, 9999).map(lambda number: f"{OWN}-{number:04}"), words, words, st.sampled_from(CATEGORIES),
    st.lists(st.tuples(words, st.integers(1, 1_000_000)), max_size=3).map(tuple),
    st.lists(st.tuples(st.sampled_from(sorted(ATTRIBUTES)), st.lists(words, min_size=1, max_size=3).map(tuple)),
             max_size=2).map(tuple),
    st.booleans(), st.none() | st.tuples(st.integers(0, 99), st.integers(1, 9)), st.booleans(), st.integers(0, 9))


def statuses(content: bytes, registered: Iterable[Item] = ()) -> list[str]:
    return [row.status for row in read(content, OWN, registered).rows]


def listed(*rows: str) -> bytes:
    return "\r\n".join([",".join(COLUMNS), *rows]).encode()


@given(st.lists(some_items, min_size=1, max_size=8, unique_by=lambda item: item.code))
def test_s10_what_was_written_out_is_the_same_when_it_comes_in(items: list[Item]) -> None:
    preview = read(to_csv(items), OWN, items)
    assert not preview.errors and {row.status for row in preview.rows} == {"same"} and not preview.commands()


def test_s10_a_changed_cell_is_a_change_with_its_revision() -> None:
    (row,) = read(to_csv([DIAPER]).replace("袋=20".encode(), "袋=30".encode()), OWN, [DIAPER]).rows
    assert (row.status, row.changed, row.item.rev) == ("changed", ("入り数",), 3)
    assert row.item.packs == (Pack("袋", 30), Pack("箱", 80))


def test_s10_a_row_without_code_gets_the_next_one() -> None:
    preview = read(listed(",紙コップ,その他,個,,,,,", ",紙皿,その他,枚,,,,,"), OWN, [DIAPER])
    assert [(row.status, row.item.item_code) for row in preview.rows] == [
        ("new", f"{OWN}-0002"), ("new", f"{OWN}-0003")]
    (command,) = preview.commands()
    assert [item.name for item in command.items] == ["紙コップ", "紙皿"]


@pytest.mark.parametrize("row, reason", [
    ("132012-0001,紙コップ,その他,個,,,,,", "ほかの自治体"),
    ("000000-0101,水,食料,本,,,,,", "共通の品目"),
    (",紙コップ,食器,個,,,,,", "分類は"),
    (",,その他,個,,,,,", "名称と単位"),
    (",紙コップ,その他,個,箱,,,,", "入り数"),
    (",紙コップ,その他,個,箱=たくさん,,,,", "箱=24"),
    (",紙コップ,その他,個,箱=0,,,,", "箱=24"),
    (",紙コップ,その他,個,,色=赤,,,", "「色」は使えません"),
    (",紙コップ,その他,個,,サイズ=,,,", "サイズ=S/M/L"),
    (",紙コップ,その他,個,,,たぶん,,", "傷みやすい"),
    (",紙コップ,その他,個,,,,1/0,", "1人1日あたり"),
    (f"{OWN}-0001,大人用おむつ,大人用おむつ,袋,,,,,", "単位は変えられません"),
    (f",{'長' * 41},その他,個,,,,,", "台帳に入れられない"),
])
def test_s10_a_bad_row_says_why_and_the_others_stay(row: str, reason: str) -> None:
    preview = read(listed(row, ",紙皿,その他,枚,,,,,"), OWN, [DIAPER])
    (error,) = preview.errors
    assert error.row == 2 and reason in error.reason and [good.item.name for good in preview.rows] == ["紙皿"]


@pytest.mark.parametrize("content, reason", [
    (b"", "見出し"), ("名前,分類,単位\r\n紙,その他,枚".encode(), "「名称」がありません"),
    (listed(), "品目の行がありません"), (b"\0\1", "CSVではない"),
])
def test_s10_what_is_no_such_list_is_refused_as_a_whole(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableList, match=reason):
        read(content, OWN, [])


def test_s10_a_list_saved_by_an_old_spreadsheet_is_read_too() -> None:
    assert statuses(to_csv([DIAPER]).decode("utf-8-sig").encode("cp932"), [DIAPER]) == ["same"]


def test_s10_cells_are_read_as_people_write_them() -> None:
    assert cells.packs("箱＝２４、ケース：48") == (Pack("箱", 24), Pack("ケース", 48))
    assert cells.attributes("サイズ＝Ｓ／M|L") == (Attribute("size", ("Ｓ", "M", "L")),)
    assert cells.per_person(" １/３ ") == Ratio(1, 3) and cells.per_person("") is None
    with pytest.raises(Unreadable):
        cells.per_person("三個")


def test_s10_codes_go_on_from_the_highest() -> None:
    assert next_code(OWN, []) == f"{OWN}-0001" and next_code(OWN, [f"{OWN}-0041", "000000-0900"]) == f"{OWN}-0042"
