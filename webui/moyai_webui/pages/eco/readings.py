"""E1, E2: what is to be seen about readings: marked ones, and messages that could not be read."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from moyai_webui.access import OFFICE, roles
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.serving import PAGE_SIZE, metering, page_number, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.template_context import as_of_words


@eco.get("/readings")
@roles(*OFFICE)
def readings() -> ResponseReturnValue:
    if request.args.get("show") == "letters":
        return show("dead_letters.html", page=metering().dead_letters(page=page_number(), size=PAGE_SIZE),
                    as_of=as_of_words(metering().as_of()))
    mark = request.args.get("mark", "")
    page = metering().marked_readings(mark=mark if mark in vocabulary.MARKS else "", page=page_number(),
                                      size=PAGE_SIZE)
    return show("readings.html", page=page, as_of=as_of_words(metering().as_of()))
