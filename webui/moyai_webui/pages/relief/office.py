"""The disaster office's page: the whole operation, the oldest unhandled first."""
from __future__ import annotations

from flask.typing import ResponseReturnValue

from moyai_webui.access import OFFICE, roles
from moyai_webui.accounts import person
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.serving import reading, settings, show
from moyai_webui.presentation.formats import today
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import DispatchFilter, NeedFilter, OfferFilter, PackageFilter

SHOWN = 5


@relief.get("/office")
@roles(*OFFICE)
def office() -> ResponseReturnValue:
    own = settings().municipality
    read = reading()
    return show(
        "office.html", as_of=as_of(), person=person(),
        offers=read.offers(OfferFilter(aimed_municipality=own, status="open", size=SHOWN)),
        urgent=read.needs(NeedFilter(municipality=own, priority="urgent", status="open", size=SHOWN)),
        differences=read.discrepancies(municipality=own, size=SHOWN),
        asked=read.dispatches(DispatchFilter(sender_home=own, state="requested", size=SHOWN)),
        sent_differences=read.discrepancies(sender_home=own, size=SHOWN),
        counts=read.arrival_counts(PackageFilter(municipality=own, day=today())),
        balances=read.site_balances(own, today()))
