"""E2: monthly totals: which months are on the ledger, what they lack, what was corrected."""
from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue

from moyai_webui.access import OFFICE, roles
from moyai_webui.metering import Unavailable
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.serving import found, metering, show
from moyai_webui.presentation.template_context import as_of_words

MOST_MONTHS, MOST_LACKING = 24, 100


@eco.get("/totals")
@roles(*OFFICE)
def totals() -> ResponseReturnValue:
    try:
        months = metering().totals.months(MOST_MONTHS)
    except Unavailable:
        abort(503)
    return show("meter_totals.html", months=months, as_of=as_of_words(metering().as_of()))


@eco.get("/totals/<month>")
@roles(*OFFICE)
def month_totals(month: str) -> ResponseReturnValue:
    try:
        shown = found(metering().totals.month(month))
    except Unavailable:
        abort(503)
    return show("month_totals.html", month=shown, lacking=metering().totals.lacking(month, MOST_LACKING),
                most=MOST_LACKING, as_of=as_of_words(metering().as_of()))
