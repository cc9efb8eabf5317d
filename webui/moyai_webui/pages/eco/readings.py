"""E1, E2: what is to be seen about readings: marked ones, set ones, and messages that could not be read."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from moyai_webui.access import OFFICE, roles
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.eco.record_substitution import settle_values
from moyai_webui.pages.serving import PAGE_SIZE, home, metering, page_number, show, submissions
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.template_context import as_of_words


@eco.get("/readings")
@roles(*OFFICE)
def readings() -> ResponseReturnValue:
    if request.args.get("show") == "letters":
        return show("dead_letters.html", page=metering().dead_letters(page=page_number(), size=PAGE_SIZE),
                    as_of=as_of_words(metering().as_of()))
    if request.args.get("show") == "substitutions":
        return _substitutions()
    mark = request.args.get("mark", "")
    page = metering().marked_readings(mark=mark if mark in vocabulary.MARKS else "", page=page_number(),
                                      size=PAGE_SIZE)
    return show("readings.html", page=page, as_of=as_of_words(metering().as_of()))


def _substitutions() -> ResponseReturnValue:
    settle_values()
    page = metering().recorded_values(page=page_number(), size=PAGE_SIZE)
    return show("substitutions.html", page=page, people=_people({row.substitution_id for row in page.rows}),
                as_of=as_of_words(metering().as_of()))


def _people(substitution_ids: set[str]) -> dict[str, str]:
    """Who recorded which substitution, as far as it was done here."""
    sent = {one: submissions().submission(one) for one in substitution_ids}
    people = {one: home().user(submission.user_id) for one, submission in sent.items() if submission is not None}
    return {one: person.name for one, person in people.items() if person is not None}
