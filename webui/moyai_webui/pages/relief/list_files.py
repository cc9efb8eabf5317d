"""S2, S5, S7: the lists of needs, offers and boxes as files, all pages of exactly what the filters leave."""
from __future__ import annotations

from dataclasses import replace

from flask import Response, request
from flask.typing import ResponseReturnValue

from moyai_webui.access import EVERYBODY, RECEIVERS, public, roles
from moyai_webui.accounts import person
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.arrivals import wanted_boxes
from moyai_webui.pages.relief.needs import wanted_needs
from moyai_webui.pages.relief.offers import wanted_offers
from moyai_webui.pages.relief.totals import SHEET
from moyai_webui.pages.serving import as_file, reading
from moyai_webui.presentation.list_tables import arrival_table, need_table, offer_table
from moyai_webui.presentation.template_context import as_of
from moyai_webui.totals import files
from moyai_webui.totals.tables import Table

MOST = 100_000
FILTERS = {"q": "さがした言葉", "city": "自治体", "place": "届け先の種類", "site": "届け先", "category": "分類", "priority": "優先度",
           "due": "期限まで（日）", "status": "状態", "sort": "並び順", "whose": "だれの", "tab": "表示",
           "date": "日", "diff": "差異あり"}


@relief.get("/needs.<any(csv, xlsx):kind>")
@public
def needs_file(kind: str) -> ResponseReturnValue:
    rows = reading().needs(replace(wanted_needs(), page=1, size=MOST)).rows
    return _file(need_table(rows), kind, "needs")


@relief.get("/offers.<any(csv, xlsx):kind>")
@roles(*EVERYBODY)
def offers_file(kind: str) -> ResponseReturnValue:
    rows = reading().offers(replace(wanted_offers(person()), page=1, size=MOST)).rows
    return _file(offer_table(rows), kind, "offers")


@relief.get("/arrivals.<any(csv, xlsx):kind>")
@roles(*RECEIVERS)
def arrivals_file(kind: str) -> ResponseReturnValue:
    rows = reading().packages(replace(wanted_boxes(), page=1, size=MOST)).rows
    return _file(arrival_table(rows), kind, "arrivals")


def _file(table: Table, kind: str, name: str) -> Response:
    """A workbook where one is asked for, else CSV."""
    if kind == "xlsx":
        about = [("データの時刻", as_of().words), *((words, request.args[key]) for key, words in FILTERS.items()
                                              if request.args.get(key))]
        return as_file(files.to_workbook(about, [table]), SHEET, f"{name}.xlsx")
    return as_file(files.to_csv(table), "text/csv", f"{name}.csv")
