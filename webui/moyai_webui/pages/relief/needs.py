"""S2: find what one can send."""
from __future__ import annotations

from datetime import timedelta

from flask import request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from moyai_webui.access import public
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.serving import page_number, page_size, reading, settings, show
from moyai_webui.presentation import formats
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import NeedFilter, Reading
from moyai_webui.rows import Need, Page

SORTS = {"urgent": "急ぐ順", "near": "近い順", "newest": "新しい順"}
DUE = {"1": "明日まで", "3": "3日以内", "7": "7日以内"}


@relief.get("/needs")
@public
def needs() -> ResponseReturnValue:
    wanted = wanted_needs()
    page = reading().needs(wanted)
    return show("needs.html", page=page, wanted=wanted, municipalities=reading().municipalities(), sorts=_sorts(wanted),
                due=DUE, as_of=as_of(), intakes=reading().intakes(wanted.municipality), may_offer=_may_offer(page))


@relief.get("/needs/filter")
@public
def needs_filter() -> ResponseReturnValue:
    """「すべての条件」: an ordinary page whose form leads back to the list."""
    return show("needs_filter.html", municipalities=reading().municipalities(), due=DUE, sorts=SORTS, plain=True)


def wanted_needs() -> NeedFilter:
    """What the address asks for."""
    origin = _origin(reading())
    days = request.args.get("due", type=int)
    sort = request.args.get("sort", "urgent")
    return NeedFilter(
        text=request.args.get("q", "").strip()[:60],
        municipality=request.args.get("city", "")[:6],
        site_id=request.args.get("site", "")[:20],
        place_kind=request.args.get("place", ""),
        category=request.args.get("category", ""),
        priority=request.args.get("priority", ""),
        status=request.args.get("status", ""),
        due_before=formats.start_of_day(formats.today() + timedelta(days=days + 1)) if days and days < 366 else None,
        near=origin,
        sort=sort if sort in SORTS and (sort != "near" or origin) else "urgent",
        page=page_number(),
        size=page_size(),
    )


def _origin(read: Reading) -> tuple[int, int] | None:
    """Where this municipality is: its first office with coordinates."""
    for site in read.sites(settings().municipality, kind="office", size=20).rows:
        if site.latitude is not None and site.longitude is not None:
            return site.latitude, site.longitude
    return None


def _sorts(wanted: NeedFilter) -> dict[str, str]:
    return {key: words for key, words in SORTS.items() if key != "near" or wanted.near}


def _may_offer(page: Page[Need]) -> bool:
    """Shelter clerks receive; everybody else may offer, after signing in."""
    return not current_user.is_authenticated or bool({"A", "C", "P"} & set(current_user.roles))
