"""S1: nothing more is wanted, or it is wanted after all."""
from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.relief import CloseNeed, ReopenNeed
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Choice
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver
from moyai_webui.pages.serving import found, opened, reading, send, show
from moyai_webui.presentation import vocabulary
from moyai_webui.reading import DispatchFilter
from moyai_webui.rows import Need


class CloseNeedForm(PageForm):
    reason = Choice("理由", choices=list(vocabulary.CLOSE_REASONS.items()))


class ReopenNeedForm(PageForm):
    """Nothing to fill in."""


@relief.route("/close_need", methods=["GET", "POST"])
@roles(*RECEIVERS)
def close_need() -> ResponseReturnValue:
    need = _own_need()
    form = opened(CloseNeedForm, reason=request.args.get("reason", "enough"))
    if form.validate_on_submit():
        return send(form, CloseNeed(need_id=need.need_id, reason=form.reason.data, rev=need.rev), *RECEIVERS)
    under_way = reading().dispatches(DispatchFilter(need_id=need.need_id, state="shipped", size=50)).rows
    boxes = [box for dispatch in under_way for box in dispatch.packages if box.state in ("shipped", "handed_over")]
    return show("close_need.html", form, need=need, boxes=boxes)


@relief.route("/reopen_need", methods=["GET", "POST"])
@roles(*RECEIVERS)
def reopen_need() -> ResponseReturnValue:
    need = _own_need()
    form = opened(ReopenNeedForm)
    if form.validate_on_submit():
        return send(form, ReopenNeed(need_id=need.need_id, rev=need.rev), *RECEIVERS)
    return show("reopen_need.html", form, need=need)


def _own_need() -> Need:
    need = found(reading().need(request.args.get("need", "")))
    if not is_receiver(person(), need.place):
        abort(403)
    return need
