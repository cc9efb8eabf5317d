"""S6: a request ends: the sender declines it, the receiver takes it back, or calls back what has left."""
from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from moyai_contracts.api.relief import CancelDispatch, DeclineDispatch, RecallDispatch
from moyai_webui.access import OFFICE, RECEIVERS, SENDERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver, is_sender
from moyai_webui.pages.relief.choices import one_line
from moyai_webui.pages.serving import found, opened, reading, send, show
from moyai_webui.rows import Dispatch


class EndDispatchForm(PageForm):
    reason = TextAreaField("理由")


@relief.route("/decline_dispatch", methods=["GET", "POST"])
@roles(*SENDERS)
def decline_dispatch() -> ResponseReturnValue:
    dispatch = _dispatch()
    if not is_sender(person(), dispatch.sender):
        abort(403)
    return _end(dispatch, DeclineDispatch, SENDERS, "decline_dispatch.html")


@relief.route("/cancel_dispatch", methods=["GET", "POST"])
@roles(*RECEIVERS)
def cancel_dispatch() -> ResponseReturnValue:
    dispatch = _dispatch()
    if not is_receiver(person(), dispatch.place):
        abort(403)
    return _end(dispatch, CancelDispatch, RECEIVERS, "cancel_dispatch.html")


@relief.route("/recall_dispatch", methods=["GET", "POST"])
@roles(*OFFICE)
def recall_dispatch() -> ResponseReturnValue:
    dispatch = _dispatch()
    if not is_receiver(person(), dispatch.place):
        abort(403)
    return _end(dispatch, RecallDispatch, OFFICE, "recall_dispatch.html")


def _end(dispatch: Dispatch, command_class: type[CancelDispatch] | type[DeclineDispatch] | type[RecallDispatch],
         allowed: tuple[str, ...], template: str) -> ResponseReturnValue:
    form = opened(EndDispatchForm)
    form.reason.flags.required = True
    if form.validate_on_submit():
        reason = one_line(form.reason.data)
        command = command_class(need_id=dispatch.need_id, dispatch_id=dispatch.dispatch_id, reason=reason)
        if not reason:
            form.complain("reason", "理由を書いてください")
        elif form.fits(command):
            return send(form, command, *allowed)
    return show(template, form, dispatch=dispatch)


def _dispatch() -> Dispatch:
    return found(reading().dispatch(request.args.get("need", ""), request.args.get("dispatch", "")))
