"""E1: a device ends: it is not to be believed any more, or its service is over. A reason in one tap."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.devices import RetireDevice, RevokeDevice
from moyai_webui.access import OFFICE, roles
from moyai_webui.forms.fields import Choice
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.serving import found, metering, opened, send, show, submissions
from moyai_webui.presentation import vocabulary


class RevokeDeviceForm(PageForm):
    reason = Choice("理由", choices=[(words, words) for words in vocabulary.REVOKE_REASONS])


class RetireDeviceForm(PageForm):
    reason = Choice("理由", choices=[(words, words) for words in vocabulary.RETIRE_REASONS])


@eco.route("/revoke_device", methods=["GET", "POST"])
@roles(*OFFICE)
def revoke_device() -> ResponseReturnValue:
    return _end(RevokeDeviceForm, RevokeDevice, "revoked", "revoke_device.html")


@eco.route("/retire_device", methods=["GET", "POST"])
@roles(*OFFICE)
def retire_device() -> ResponseReturnValue:
    return _end(RetireDeviceForm, RetireDevice, "retired", "retire_device.html")


def _end(form_class: type[RevokeDeviceForm] | type[RetireDeviceForm],
         command_class: type[RevokeDevice] | type[RetireDevice], state: str, template: str) -> ResponseReturnValue:
    device = found(metering().device(request.args.get("device", "")))
    form = opened(form_class)
    if form.validate_on_submit():
        answer = send(form, command_class(device_id=device.device_id, reason=form.reason.data), *OFFICE)
        submission = submissions().submission(str(form.op.data))
        if submission is not None and submission.state == "recorded":
            metering().end(device.device_id, state)
        return answer
    return show(template, form, device=device)
