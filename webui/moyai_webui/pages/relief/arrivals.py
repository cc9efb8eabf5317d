"""S7: what has arrived and what is on its way, by office and shelter, without opening the boxes."""
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


@relief.get("/arrivals")
@roles(*RECEIVERS)
def arrivals() -> ResponseReturnValue:
    coming = request.args.get("tab") == "coming"
    day = None if coming else _day()
    own = settings().municipality
    site_id = person().site_id or request.args.get("site", "")[:20]
    wanted = PackageFilter(
        municipality=own, site_id=site_id, place_kind=request.args.get("place", ""),
        stage="coming" if coming else "received", day=day, difference=request.args.get("diff") == "1",
        text=request.args.get("q", "").strip()[:60], page=page_number(), size=PAGE_SIZE)
    counts = reading().arrival_counts(PackageFilter(municipality=own, site_id=site_id, day=today()))
    return show("arrivals.html", page=reading().packages(wanted), coming=coming, day=day, counts=counts, as_of=as_of(),
                site=reading().site(own, site_id) if site_id else None,
                before=day - timedelta(days=1) if day else None,
                after=day + timedelta(days=1) if day and day < today() else None)


def _day() -> date:
    """The day asked for, today when it is none."""
    try:
        return min(date.fromisoformat(request.args.get("date", "")), today())
    except ValueError:
        return today()
