"""E1: the office's yearly run: devices get the tags of a fiscal year, which tell whether one is registered twice."""
from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from moyai_contracts.api.devices import RenewedTags, RenewTag
from moyai_webui.access import roles
from moyai_webui.forms.form import PageForm
from moyai_webui.metering import Unavailable
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.serving import metering, opened, show, submit
from moyai_webui.presentation.template_context import as_of_words

CLERK = "C"
A_COMMAND, A_FORM = 100, 1000
"""Most devices: of a command, and of one press of the button."""
NO_KEY = "この年度の鍵がまだありません。管理者に、鍵の取り込みを頼んでください"


class RenewTagForm(PageForm):
    """Nothing to fill in."""


@eco.route("/renew_tag", methods=["GET", "POST"])
@roles(CLERK)
def renew_tag() -> ResponseReturnValue:
    years = metering().without_tags()
    asked = request.args.get("year", "")
    epoch = asked if asked in years else next((year for year, devices in years.items() if devices), max(years))
    form = opened(RenewTagForm)
    if form.validate_on_submit():
        try:
            devices = metering().renewals(epoch, A_FORM)
        except Unavailable:
            form.complain("op", NO_KEY)
        else:
            return _renew(form, epoch, devices)
    return show("renew_tag.html", form, years=years, epoch=epoch, most=A_FORM, as_of=as_of_words(metering().as_of()))


def _renew(form: RenewTagForm, epoch: str, devices: tuple[RenewedTags, ...]) -> ResponseReturnValue:
    """In parts, each a command of its own. A part whose outcome is not known yet is asked for again the next time:
    the ledger leaves devices as they are that have their tags."""
    sent = []
    for start in range(0, len(devices), A_COMMAND):
        part = devices[start:start + A_COMMAND]
        op = str(form.op.data) if start == 0 else form.new_id(f"command {start}")
        outcome = submit(RenewTag(epoch=epoch, devices=part), CLERK, op=op)
        if outcome.state == "recorded":
            metering().renewed(epoch, [device.device_id for device in part])
        sent.append(outcome.op)
    if not sent:
        return redirect(url_for("eco.renew_tag", year=epoch), 303)
    return redirect(url_for("portal.recorded", op=sent[0], also=sent[1:]), 303)
