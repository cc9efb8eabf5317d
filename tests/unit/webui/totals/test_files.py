"""S13: the totals as CSV, workbook and PDF, opened by other programs than those that wrote them."""
from __future__ import annotations

import csv
import io

import pandas
from pypdf import PdfReader

from moyai_webui.rows import Municipality
from moyai_webui.totals.figures import Totals
from moyai_webui.totals.files import to_csv, to_pdf, to_workbook
from moyai_webui.totals.tables import Table, tables
from tests.unit.webui.totals.test_figures import BLANKET, NANAO, OSHIMA, WATER, line

TOWNS = (Municipality("133612", "大島町", "active"), Municipality("172022", "七尾市", "active"))
TOTALS = Totals((line(NANAO, WATER, needed=1200, committed=1000, shipped=900, received=850, missing=50),
                 line(OSHIMA, BLANKET, needed=3, committed=3)), (), ())
ABOUT = (("受け取る自治体", "すべて"), ("データの時刻", "1月9日 18時42分"))


def test_s13_a_table_has_as_many_cells_as_its_header() -> None:
    for table in tables(TOTALS, TOWNS).values():
        assert all(len(row) == len(table.header) for row in table.rows)


def test_s13_csv_opens_in_a_spreadsheet_with_its_letters() -> None:
    content = to_csv(tables(TOTALS, TOWNS)["item"])
    assert content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert dict(zip(header, rows[0]))["品目"] == "水" and dict(zip(header, rows[0]))["あと必要"] == "200"


def test_s13_a_name_that_begins_like_a_formula_stays_a_text() -> None:
    table = Table("品目ごと", ("品目", "必要"), (("=1+1", 3), ("-毛布", -2)))
    _, *rows = csv.reader(io.StringIO(to_csv(table).decode("utf-8-sig")))
    assert rows == [["'=1+1", "3"], ["'-毛布", "-2"]]
    sheet = pandas.read_excel(io.BytesIO(to_workbook(ABOUT, [table])), sheet_name="品目ごと", engine="openpyxl")
    assert list(sheet["品目"]) == ["=1+1", "-毛布"] and list(sheet["必要"]) == [3, -2]


def test_s13_the_workbook_says_first_what_it_shows() -> None:
    book = pandas.read_excel(io.BytesIO(to_workbook(ABOUT, tables(TOTALS, TOWNS).values())), sheet_name=None,
                             engine="openpyxl")
    assert list(book) == ["この表について", "品目ごと", "避難所ごと", "送り主ごと", "日ごと", "過不足"]
    assert dict(book["この表について"].itertuples(index=False)) == dict(ABOUT)
    assert set(book["避難所ごと"]["場所"]) == {"山王小学校", "体育館"}


def test_s13_the_pdf_holds_every_table() -> None:
    pages = PdfReader(io.BytesIO(to_pdf("取りまとめ", ABOUT, tables(TOTALS, TOWNS).values()))).pages
    text = "".join(page.extract_text() for page in pages)
    assert all(words in text for words in ("取りまとめ", "品目ごと", "過不足", "1,200", "山王小学校"))
