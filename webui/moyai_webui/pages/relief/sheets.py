"""S1, S9: paper for when phones die, and typing it in later with the time it was written."""
from __future__ import annotations

from datetime import date, datetime, time

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from moyai_contracts.api.command import LIVE
from moyai_contracts.api.identifiers import parse_label
from moyai_webui import scope
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Clock, Code, Day, half_width
from moyai_webui.forms.form import PageForm
from moyai_webui.labels.sheets import KINDS, sheet_pdf
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.paper import OLDEST
from moyai_webui.pages.serving import not_found, opened, reading, settings, show
from moyai_webui.presentation.formats import JST, now, today
from moyai_webui.reading import PackageFilter

MOST_BOXES = 60


class SheetsForm(PageForm):
    """When a line of the sheet was written; of a receipt also the code of the box."""

    day = Day("書いた日")
    at = Clock("書いた時刻")
    code = Code("箱のコード")


@relief.route("/sheets", methods=["GET", "POST"])
@roles(*RECEIVERS)
def sheets() -> ResponseReturnValue:
    form = opened(SheetsForm, day=today())
    form.day.flags.required = form.at.flags.required = True
    if form.validate_on_submit() and (written := _written(form)) is not None:
        if request.form.get("kind") == "needs":
            return redirect(url_for("relief.register_need", written=written), 303)
        if label := parse_label(half_width(form.code.data or "")):
            return redirect(url_for("relief.receive_package", code=label[0], written=written), 303)
        form.complain("code", "コードを読み取れません。用紙の12文字をもう一度確かめてください")
    me = person()
    site = reading().site(settings().municipality, me.site_id) if me.site_id else None
    return show("sheets.html", form, kinds=KINDS, site=site)


@relief.get("/sheets/<kind>.pdf")
@roles(*RECEIVERS)
def sheet(kind: str) -> ResponseReturnValue:
    if kind not in KINDS:
        not_found()
    own, site_id = settings().municipality, person().site_id or request.args.get("site", "")[:20]
    site = reading().site(own, site_id) if site_id else None
    coming = reading().packages(PackageFilter(municipality=own, site_id=site_id, stage="coming", size=MOST_BOXES))
    pdf = sheet_pdf(kind, place=site.place.name if site else "", municipality=settings().municipality_name,
                    items=reading().items(own), expected=coming.rows if kind == "receipts" else (), at=now(),
                    drill=scope.current() != LIVE)
    return Response(pdf, mimetype="application/pdf",
                    headers={"Content-Disposition": f'inline; filename="moyai-{kind}.pdf"'})


def _written(form: SheetsForm) -> int | None:
    """The moment of the day and time typed, in seconds; None with the complaint beside the field."""
    day, at = form.day.data, form.at.data
    if not isinstance(day, date):
        form.complain("day", "書いた日を選んでください")
    if not isinstance(at, time):
        form.complain("at", "書いた時刻を18:30のように入れてください")
    if form.problems:
        return None
    moment = datetime.combine(day, at, JST)
    if not now() - OLDEST <= moment <= now():
        form.complain("day", "30日前から今までの日時を入れてください")
        return None
    return int(moment.timestamp())
