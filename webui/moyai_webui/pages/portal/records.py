"""履歴と証明: the list of what happened, and one record's whole story."""
from __future__ import annotations

from datetime import date

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from moyai_contracts.api.identifiers import parse_label
from moyai_webui.access import SIGNED_IN, roles
from moyai_webui.accounts import SignedIn, person
from moyai_webui.forms.fields import half_width
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import PAGE_SIZE, found, page_number, reading, settings, show
from moyai_webui.presentation.template_context import as_of
from moyai_webui.presentation.timeline import TRANSACTION_NAMES, steps
from moyai_webui.reading import RecordFilter


@portal.get("/records")
@roles(*SIGNED_IN)
def records() -> ResponseReturnValue:
    text = half_width(request.args.get("q", ""))[:60]
    label = parse_label(text)
    if label and reading().package(label[0]):
        return redirect(url_for("portal.record", record_id=label[0]), 303)
    page = reading().records(_wanted(person(), text))
    return show("records.html", page=page, steps=steps(page.rows), text=text, names=TRANSACTION_NAMES, as_of=as_of())


@portal.get("/records/<record_id>")
@roles(*SIGNED_IN)
def record(record_id: str) -> ResponseReturnValue:
    timeline = found(reading().timeline(record_id))
    signers = list(dict.fromkeys(entry.municipality for entry in reversed(timeline.entries)))
    return show("record.html", timeline=timeline, steps=steps(timeline.entries), signers=signers, as_of=as_of())


def _wanted(me: SignedIn, text: str) -> RecordFilter:
    """Officials see their municipality's records, a shelter its own, a sender or resident what concerns it."""
    return RecordFilter(
        municipality=settings().municipality if me.duty == "office" else "",
        office=me.office if me.duty == "shelter" else "",
        account=me.account if me.duty in ("sender", "member") else "",
        text=text,
        day_from=_day("from"), day_to=_day("to"),
        transaction=request.args.get("kind", ""),
        page=page_number(), size=PAGE_SIZE)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
