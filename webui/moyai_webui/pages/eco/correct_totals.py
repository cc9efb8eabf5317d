"""E2: a page of monthly totals that readings overtook is recorded anew, under the clerk's own key."""
from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue

from moyai_webui.access import roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Line
from moyai_webui.forms.form import PageForm
from moyai_webui.metering import Unavailable
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.serving import found, metering, opened, send, show

CLERK = "C"
CURRENT = "いまの値と同じになりました。訂正するところはありません"


class CorrectTotalsForm(PageForm):
    reason = Line("理由")


@eco.route("/correct_totals", methods=["GET", "POST"])
@roles(CLERK)
def correct_totals() -> ResponseReturnValue:
    form = opened(CorrectTotalsForm)
    form.reason.flags.required = True
    try:
        month = found(metering().totals.month(request.args.get("month", "")))
        page = found(next((page for page in month.pages if page.number == request.args.get("page", type=int)), None))
        if form.validate_on_submit():
            command = metering().totals.correction(month.name, page.number, form.reason.data or "")
            if not form.reason.data:
                form.complain("reason", "理由を入れてください")
            elif command is None:
                form.complain("op", CURRENT)
            elif form.fits(command):
                return send(form, command, CLERK, signed=True)
    except Unavailable:
        abort(503)
    return show("correct_totals.html", form, month=month, page=page, account=person().account)
