"""履歴と証明: the list of what happened, and one record's whole story."""
from __future__ import annotations

from datetime import date

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from moyai_contracts.api.identifiers import parse_label
from moyai_webui.access import SIGNED_IN, roles
from moyai_webui.accounts import SignedIn, person
from moyai_webui.forms.fields import half_width
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import PAGE_SIZE, as_file, found, not_found, page_number, proofs, reading, settings, show
from moyai_webui.presentation.proven import Proven, told
from moyai_webui.presentation.template_context import as_of
from moyai_webui.presentation.timeline import TRANSACTION_NAMES, steps
from moyai_webui.proof_sheet.proof_sheet import MOST_PROOFS, proof_sheet_pdf
from moyai_webui.proofs import CheckedFile, Unreachable
from moyai_webui.reading import RecordFilter
from moyai_webui.rows import Entry


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
    """`?check=1` asks the municipalities' peers: a page that is only looked at costs them nothing."""
    timeline = found(reading().timeline(record_id))
    result, proven = _checked(timeline.entries[0]) if request.args.get("check") else ("", None)
    return show("record.html", timeline=timeline, steps=steps(timeline.entries), result=result, proven=proven,
                as_of=as_of())


@portal.get("/records/<record_id>/proofs/<transaction_id>")
@roles(*SIGNED_IN)
def proof_file(record_id: str, transaction_id: str) -> ResponseReturnValue:
    """One transaction's proof, for `moyai verify` and the page /verify."""
    _told(record_id, transaction_id)
    return as_file(_proven(transaction_id).file, "application/json", f"moyai-{transaction_id[:8]}.json")


@portal.get("/records/<record_id>/certificate.pdf")
@roles(*SIGNED_IN)
def certificate_pdf(record_id: str) -> ResponseReturnValue:
    """The record's story on paper, with the proofs of its transactions inside the file."""
    timeline = found(reading().timeline(record_id))
    transactions = list(dict.fromkeys(entry.tx_id for entry in timeline.entries))[:MOST_PROOFS]
    checked = tuple(_proven(transaction_id) for transaction_id in transactions)
    return as_file(proof_sheet_pdf(timeline, checked, settings().municipality_name, settings().public_url),
                   "application/pdf", f"moyai-{record_id}.pdf")


def _told(record_id: str, transaction_id: str) -> None:
    """The transaction is part of the record's story, or there is no such page."""
    if transaction_id not in {entry.tx_id for entry in found(reading().timeline(record_id)).entries}:
        not_found()


def _checked(entry: Entry) -> tuple[str, Proven | None]:
    """The newest transaction as the municipalities' peers have it: right, wrong, or unreachable."""
    try:
        checked = proofs().prove(entry.tx_id)
    except Unreachable:
        return "unreachable", None
    towns = {town.msp_id: town.name for town in reading().municipalities()}
    return "right", told(checked, (entry,), towns)


def _proven(transaction_id: str) -> CheckedFile:
    try:
        return proofs().prove(transaction_id)
    except Unreachable:
        abort(503)


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
