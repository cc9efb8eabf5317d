"""What every template may use: filters, drawings, the navigation of the person, addresses of the current view."""
from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from moyai_webui.home import Services
from moyai_webui.presentation import formats, icons, vocabulary
from moyai_webui.presentation.navigation import entries, home_endpoint
from moyai_webui.reading import DispatchFilter, OfferFilter, PackageFilter

STALE_AFTER = timedelta(minutes=1)
FILTERS = {
    "n": formats.number, "amount": formats.amount, "kwh": formats.kilowatt_hours,
    "thousands": formats.thousands, "iso_day": formats.iso_day, "day": formats.day, "clock": formats.clock,
    "moment": formats.moment, "due": formats.due,
    "full_moment": formats.full_moment, "official": formats.official, "table_time": formats.table_time,
    "expiry": formats.expiry, "place": formats.place, "package_code": formats.package_code,
    "short_id": formats.short_id,
}


class AsOfWords(NamedTuple):
    words: str
    fresh: bool


def install(app: Flask) -> None:
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        asset=asset, icon=icons.icon, bar=icons.bar, statuses=vocabulary.STATUSES, vocabulary=vocabulary, csrf=csrf,
        view_url=view_url, view_has=view_has, view_without=view_without)
    app.context_processor(_person_context)


def as_of() -> AsOfWords:
    """The time of the data, for the strip under the header."""
    return as_of_words(current_app.extensions["moyai"].reading.as_of().seen_at)


def as_of_words(seen: datetime | None) -> AsOfWords:
    """A time of data in words, and whether it is at most a minute old."""
    if seen is None:
        return AsOfWords("取り込み前", False)
    return AsOfWords(formats.full_moment(seen), formats.now() - seen < STALE_AFTER)


def asset(name: str) -> str:
    """Address of a static file; it changes with the file's content, so it may be kept for ever."""
    return url_for("static", filename=name, v=_digest(Path(current_app.static_folder or "") / name))


def csrf() -> Markup:
    return Markup(f'<input type="hidden" name="csrf_token" value="{generate_csrf()}">')


def view_url(**changes: Any) -> str:
    """This list with other filters: None takes one away."""
    values: dict[str, Any] = request.args.to_dict() | (request.view_args or {})
    values.update(changes)
    return url_for(str(request.endpoint), **{name: value for name, value in values.items() if value not in (None, "")})


def view_has(**values: str) -> bool:
    return all(request.args.get(name) == str(value) for name, value in values.items())


def view_without(values: Mapping[str, Any]) -> dict[str, None]:
    return dict.fromkeys(values)


@lru_cache(maxsize=64)
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _person_context() -> dict[str, Any]:
    settings = current_app.extensions["moyai_settings"]
    today = formats.today()
    known = {"municipality_name": settings.municipality_name, "municipality": settings.municipality,
             "today": today, "now": formats.now(),
             "near_days": {"tomorrow": today + timedelta(days=1), "three": today + timedelta(days=3)}}
    if not current_user.is_authenticated:
        return known | {"navigation": (), "badges": {}, "home_endpoint": "portal.start"}
    return known | {"navigation": entries(current_user), "badges": _badges(),
                    "home_endpoint": home_endpoint(current_user)}


def _badges() -> dict[str, int]:
    """What the person must act on, by entry of the navigation."""
    services: Services = current_app.extensions["moyai"]
    own = current_app.extensions["moyai_settings"].municipality
    if current_user.duty == "shelter":
        coming = services.reading.packages(
            PackageFilter(municipality=own, site_id=current_user.site_id, stage="coming", size=1))
        return {"coming": coming.total}
    if current_user.duty == "member":
        return {}
    if current_user.duty == "office":
        offered = services.reading.offers(OfferFilter(aimed_municipality=own, status="open", size=1))
        return {"offers": offered.total}
    waiting = services.reading.dispatches(DispatchFilter(sender=current_user.account, state="requested", size=1))
    return {"dispatches": waiting.total}
