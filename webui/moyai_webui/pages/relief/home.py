"""A shelter's home: the night's work."""
from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.site_status import ConfirmNeedsForm
from moyai_webui.pages.serving import found, reading, settings, show
from moyai_webui.presentation.formats import today
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import NeedFilter, OfferFilter, PackageFilter
from moyai_webui.rows import Need, Offer, Site

SHOWN = 5


@relief.get("/")
@roles(*RECEIVERS)
def home() -> ResponseReturnValue:
    """The clerk's own site; an official names one (`?site=`) or goes to the office's page."""
    site_id = person().site_id or request.args.get("site", "")
    if not site_id:
        return redirect(url_for("relief.office"))
    site = found(reading().site(settings().municipality, site_id))
    own, here = site.place.code, site.place.site_id
    read = reading()
    coming = read.packages(PackageFilter(municipality=own, site_id=here, stage="coming", size=SHOWN))
    return show(
        "home.html", site=site, as_of=as_of(), coming=coming,
        offers=_offers(site),
        stale=read.needs(NeedFilter(municipality=own, site_id=here, status="stale", size=SHOWN)),
        differences=read.discrepancies(municipality=own, site_id=here, size=SHOWN),
        needs=read.needs(NeedFilter(municipality=own, site_id=here, size=1)),
        counts=read.arrival_counts(PackageFilter(municipality=own, site_id=here, day=today())),
        confirm=ConfirmNeedsForm(), office_phone=settings().office_phone)


def _offers(site: Site) -> list[tuple[Offer, Need]]:
    """Offers aimed at this site that wait for an answer, each with its need."""
    page = reading().offers(OfferFilter(aimed_municipality=site.place.code, aimed_site=site.place.site_id,
                                        status="open", size=SHOWN))
    pairs = ((offer, reading().need(offer.aimed_at or "")) for offer in page.rows)
    return [(offer, need) for offer, need in pairs if need is not None and need.missing > 0]
