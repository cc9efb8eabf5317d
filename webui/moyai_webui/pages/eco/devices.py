"""E1: the municipality's meters: what each last told, and how often it did not."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from moyai_webui.access import OFFICE, roles
from moyai_webui.metering import DeviceFilter
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.serving import PAGE_SIZE, metering, page_number, show
from moyai_webui.presentation.template_context import as_of_words

STATES = {"silent": "受信なし", "ended": "失効・廃止"}


@eco.get("/devices")
@roles(*OFFICE)
def devices() -> ResponseReturnValue:
    text, state = request.args.get("q", "").strip()[:60], request.args.get("state", "")
    page = metering().devices(DeviceFilter(text=text, state=state if state in STATES else "current",
                                           page=page_number(), size=PAGE_SIZE))
    return show("devices.html", page=page, text=text, states=STATES, as_of=as_of_words(metering().as_of()))
