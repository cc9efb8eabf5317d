"""The disaster office's page: the whole operation, the oldest unhandled first."""
from __future__ import annotations

from collections import Counter
from typing import Any

from flask.typing import ResponseReturnValue

from moyai_webui.access import OFFICE, roles
from moyai_webui.accounts import person
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.serving import reading, settings, show
from moyai_webui.presentation.formats import today
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import DispatchFilter, NeedFilter, OfferFilter, PackageFilter

SHOWN = 5
WORST = 50
"""Shelters in the table: of thousands nobody reads more."""
LOOKED_AT = 200
"""Boxes on their way, those that are due first."""


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
        proposals=read.dispatches(DispatchFilter(municipality=own, state="proposed", size=1)),
        late=[box for box in read.packages(PackageFilter(municipality=own, stage="coming", size=LOOKED_AT)).rows
              if box.late(today())][:SHOWN],
        balances=read.site_balances(own, today()), worst=WORST, **_lack_and_excess())


def _lack_and_excess() -> dict[str, Any]:
    """Of each site how many items lack and how many are too many; and what could be offered on."""
    lines = [line for line in reading().totals(settings().municipality).at_places if line.place is not None]
    lacking = Counter(line.place.site_id for line in lines if line.figures.lack)
    too_many = [line for line in lines if line.figures.excess]
    spare = sorted(too_many, key=lambda line: -line.figures.excess)[:SHOWN]
    return {"lacking": lacking, "too_many": Counter(line.place.site_id for line in too_many), "spare": spare}
