"""S13 取りまとめ: the operation in figures, as table, chart, map and file."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from moyai_webui.access import OFFICE, roles
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.serving import as_file, reading, settings, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.charts import Series, columns
from moyai_webui.presentation.site_map import Spot, site_map
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import NeedFilter, PackageFilter
from moyai_webui.totals import files
from moyai_webui.totals.figures import Totals, balance, by_item
from moyai_webui.totals.tables import Table, tables

TABS = {"item": "品目ごと", "balance": "過不足", "site": "避難所ごと", "sender": "送り主ごと", "day": "日ごと"}
EVERYWHERE = "all"
DAYS_DRAWN = 31
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@relief.get("/totals")
@roles(*OFFICE)
def totals() -> ResponseReturnValue:
    tab, found = _tab(), _totals()
    towns = [town for town in reading().municipalities() if town.status == "active"]
    return show("totals.html", tab=tab, tabs=TABS, towns=towns, figures=_figures(), totals=found,
                items=by_item(found.at_places), balance=balance(found.at_places), chart=_boxes_chart(found),
                maps=_maps(found) if tab == "site" else ("", ""), city=_city(), everywhere=EVERYWHERE, as_of=as_of())


@relief.get("/totals.csv")
@roles(*OFFICE)
def totals_csv() -> ResponseReturnValue:
    """The table of the open tab."""
    return as_file(files.to_csv(_tables()[_tab()]), "text/csv", f"totals-{_tab()}.csv")


@relief.get("/totals.xlsx")
@roles(*OFFICE)
def totals_workbook() -> ResponseReturnValue:
    return as_file(files.to_workbook(_about(), _tables().values()), SHEET, "totals.xlsx")


@relief.get("/totals.pdf")
@roles(*OFFICE)
def totals_pdf() -> ResponseReturnValue:
    title = f"{settings().municipality_name} 支援物資の取りまとめ"
    return as_file(files.to_pdf(title, _about(), _tables().values()), "application/pdf", "totals.pdf")


def _tab() -> str:
    tab = request.args.get("by", "item")
    return tab if tab in TABS else "item"


def _city() -> str:
    """The receiving municipality's code, or all of them; the balance is between all."""
    wanted = request.args.get("city", EVERYWHERE if _tab() == "balance" else settings().municipality)
    return wanted if wanted == EVERYWHERE or reading().municipality(wanted) else settings().municipality


def _totals() -> Totals:
    city = _city()
    return reading().totals("" if city == EVERYWHERE else city).of(request.args.get("category", ""))


def _tables() -> dict[str, Table]:
    return tables(_totals(), [town for town in reading().municipalities() if town.status == "active"])


def _about() -> list[tuple[str, str]]:
    """What a file shows: on its first sheet or page."""
    city, category = _city(), request.args.get("category", "")
    town = reading().municipality(city)
    return [("受け取る自治体", town.name if town else "すべて"),
            ("分類", vocabulary.CATEGORIES.get(category, "すべて")), ("データの時刻", as_of().words)]


def _figures() -> dict[str, int]:
    """Of the receiving municipality, as on its first page."""
    own = settings().municipality
    opened = reading().sites(own, opened=True, size=10_000)
    urgent = reading().needs(NeedFilter(municipality=own, priority="urgent", status="open", size=1))
    return {"open": opened.total,
            "people": sum(site.status.headcount or 0 for site in opened.rows if site.status),
            "boxes": reading().packages(PackageFilter(municipality=own, size=1)).total,
            "urgent": urgent.total}


def _maps(found: Totals) -> tuple[object, object]:
    """The open shelters of the municipality, those that lack something in another colour; for a desk and a phone."""
    lacking = {line.place.site_id for line in found.at_places if line.place and line.figures.lack}
    opened = reading().sites(_city(), opened=True, size=10_000).rows
    spots = [Spot(site.place.name, "足りない物資があります" if site.place.site_id in lacking else "足りています",
                  site.latitude, site.longitude or 0, (site.status.headcount or 0) if site.status else 0,
                  "s-lack" if site.place.site_id in lacking else "s-open")
             for site in opened if site.latitude is not None]
    return site_map(spots), site_map(spots, width=358, height=320)


def _boxes_chart(found: Totals) -> tuple[object, object]:
    """Boxes received a day, drawn for a desk and for a phone."""
    days = found.boxes_on_days[:DAYS_DRAWN][::-1]
    series = (Series("受け取った箱", "v1", tuple(float(boxes) for _, boxes in days)),)
    labels = [f"{day.month}/{day.day}" for day, _ in days]
    every = max(1, len(days) // 8)
    return (columns(labels, series, "箱", every=every),
            columns(labels, series, "箱", width=358, height=240, every=max(1, len(days) // 4)))
