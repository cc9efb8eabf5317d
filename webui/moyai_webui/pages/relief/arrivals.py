"""S7: what has arrived, what is on its way and what it adds up to, by office and shelter, without opening the boxes."""
from __future__ import annotations

from datetime import date, timedelta

from flask import request
from flask.typing import ResponseReturnValue

from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.serving import PAGE_SIZE, page_number, reading, settings, show
from moyai_webui.presentation.formats import today
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import PackageFilter

TABS = {"": "届いた物資", "coming": "これから届く物資", "sum": "取りまとめ"}


@relief.get("/arrivals")
@roles(*RECEIVERS)
def arrivals() -> ResponseReturnValue:
    tab, wanted = _tab(), wanted_boxes()
    own, site_id, day = wanted.municipality, wanted.site_id, wanted.day
    return show("arrivals.html", tab=tab, tabs=TABS, day=day, as_of=as_of(),
                page=reading().packages(wanted) if tab != "sum" else None,
                items=reading().arrived_items(wanted) if tab == "sum" else (),
                unplanned=reading().arrivals(municipality=own, site_id=site_id, size=PAGE_SIZE) if not tab else None,
                counts=reading().arrival_counts(PackageFilter(municipality=own, site_id=site_id, day=today())),
                site=reading().site(own, site_id) if site_id else None,
                before=day - timedelta(days=1) if day else None,
                after=day + timedelta(days=1) if day and day < today() else None)


def wanted_boxes() -> PackageFilter:
    """The boxes that the address asks for, of the person's own place or municipality."""
    tab = _tab()
    return PackageFilter(
        municipality=settings().municipality, site_id=person().site_id or request.args.get("site", "")[:20],
        place_kind=request.args.get("place", ""), stage="coming" if tab == "coming" else "received",
        day=None if tab else _day(), difference=request.args.get("diff") == "1",
        text=request.args.get("q", "").strip()[:60], page=page_number(), size=PAGE_SIZE)


def _tab() -> str:
    tab = request.args.get("tab", "")
    return tab if tab in TABS else ""


def _day() -> date:
    """The day asked for, today when it is none."""
    try:
        return min(date.fromisoformat(request.args.get("date", "")), today())
    except ValueError:
        return today()
