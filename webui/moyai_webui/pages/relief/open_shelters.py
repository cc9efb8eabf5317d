"""開いている避難所: for anyone, as list, map and file; nothing of it is about a single person."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from moyai_webui.access import public
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.serving import as_file, reading, settings, show
from moyai_webui.presentation.formats import full_moment, jst, number
from moyai_webui.presentation.site_map import Spot, site_map
from moyai_webui.presentation.template_context import as_of
from moyai_webui.rows import Site
from moyai_webui.totals.files import to_csv
from moyai_webui.totals.tables import Cell, Table

MOST_SITES = 10_000
COLUMNS = ("市区町村コード", "市区町村", "ID", "名称", "住所", "地区", "緯度", "経度", "避難者数", "避難者数の時点", "電話番号")
CREDIT = "位置は、施設の登録によります。地図の線や建物は描いていません。"


@relief.get("/open_shelters")
@public
def open_shelters() -> ResponseReturnValue:
    sites, text = _sites(), _text()
    shown = [site for site in sites if all(word in _words(site) for word in text.split())]
    spots = [_spot(site) for site in shown if site.latitude is not None]
    return show("open_shelters.html", sites=shown, total=len(sites), text=text, city=_city(),
                towns=[town for town in reading().municipalities() if town.status == "active"],
                people=sum(_people(site) for site in shown),
                maps=(site_map(spots), site_map(spots, width=358, height=320)), credit=CREDIT, as_of=as_of())


@relief.get("/open_shelters.csv")
@public
def open_shelters_csv() -> ResponseReturnValue:
    """UTF-8 with a byte order mark; times in Japan, ISO 8601."""
    return as_file(to_csv(Table("開いている避難所", COLUMNS, tuple(map(_row, _sites())))), "text/csv", "open-shelters.csv")


def _row(site: Site) -> tuple[Cell, ...]:
    place, status = site.place, site.status
    return (place.code, place.municipality, place.site_id, place.name, place.address, place.district,
            _degrees(site.latitude), _degrees(site.longitude),
            "" if status is None or status.headcount is None else status.headcount,
            jst(status.counted_at).isoformat() if status and status.counted_at else "", site.phone)


def _city() -> str:
    wanted = request.args.get("city", settings().municipality)
    return wanted if reading().municipality(wanted) else settings().municipality


def _text() -> str:
    return request.args.get("q", "").strip()[:60]


def _sites() -> list[Site]:
    """The most crowded first."""
    found = reading().sites(_city(), opened=True, size=MOST_SITES).rows
    return sorted(found, key=lambda site: (-_people(site), site.place.name, site.place.site_id))


def _people(site: Site) -> int:
    return site.status.headcount or 0 if site.status else 0


def _words(site: Site) -> str:
    return f"{site.place.name} {site.kana} {site.place.address} {site.place.district}"


def _spot(site: Site) -> Spot:
    status = site.status
    counted = f"（{full_moment(status.counted_at)}）" if status and status.counted_at else ""
    told = f"{number(_people(site))}人{counted}" if status and status.headcount is not None else "人数はまだ分かりません"
    return Spot(site.place.name, told, site.latitude or 0, site.longitude or 0, _people(site), "s-open")


def _degrees(micro: int | None) -> str:
    return "" if micro is None else f"{micro / 1_000_000:.6f}"
