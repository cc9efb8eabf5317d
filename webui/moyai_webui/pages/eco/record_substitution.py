"""E2: values of half-hours that nobody measured are set by hand, visibly: the value here, the reason on the ledger."""
from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from fractions import Fraction

from flask import abort, request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.devices import RecordSubstitution, SubstitutedRow
from moyai_webui.access import roles
from moyai_webui.forms.fields import Choice, Code, Line, Number
from moyai_webui.forms.form import PageForm
from moyai_webui.meter_readings import NewValue, ReadHalfHour
from moyai_webui.metering_devices import Device
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.serving import found, metering, opened, send, show, submissions
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import THOUSANDS

CLERK = "C"
HALF_HOUR = timedelta(minutes=30)
MOST = 96
"""Half-hours that one form sets: two days."""


class RecordSubstitutionForm(PageForm):
    register = Choice("計るもの", choices=list(vocabulary.REGISTERS.items()))
    count = Number("続く30分の数", most=MOST)
    amount = Code("30分ごとの量")
    method = Choice("求め方", choices=list(vocabulary.METHODS.items()))
    reason = Line("理由")


@eco.route("/record_substitution", methods=["GET", "POST"])
@roles(CLERK)
def record_substitution() -> ResponseReturnValue:
    """For a device and the first half-hour of a gap (`at`, UTC seconds)."""
    device = found(metering().device(request.args.get("device", "")))
    begin = _begin(request.args.get("at", type=int))
    gap = _gap(metering().half_hours(device.device_id, begin, begin + MOST * HALF_HOUR))
    form = opened(RecordSubstitutionForm, register=device.registers[0], count=len(gap) or 1, method="bill")
    form.register.choices = [(name, vocabulary.REGISTERS[name]) for name in device.registers]
    form.amount.flags.required = form.reason.flags.required = True
    if form.validate_on_submit():
        values = _values(form, device, gap)
        command = RecordSubstitution(substitution_id=str(form.op.data), rows=tuple(_row(value) for value in values))
        if not form.problems and form.fits(command):
            metering().keep_values(command.substitution_id, values)
            answer = send(form, command, CLERK)
            settle_values()
            return answer
    return show("record_substitution.html", form, device=device, begin=begin, gap=gap,
                unit=THOUSANDS[device.unit])


def settle_values() -> None:
    """Brings what is kept in step with what the ledger said, as far as that is known by now."""
    for substitution_id in metering().waiting_values():
        submission = submissions().submission(substitution_id)
        if submission is not None and submission.state in ("recorded", "refused"):
            metering().settle_values(substitution_id, submission.tx_id if submission.state == "recorded" else "")


def _begin(at: int | None) -> datetime:
    if at is None or at % HALF_HOUR.total_seconds():
        abort(404)
    return datetime.fromtimestamp(at, timezone.utc)


def _gap(halves: Sequence[ReadHalfHour]) -> list[ReadHalfHour]:
    """The half-hours without a reading up to the first one with any."""
    gap: list[ReadHalfHour] = []
    for half in halves:
        if half.readings or (gap and half.begin != gap[-1].begin + HALF_HOUR):
            break
        gap.append(half)
    return gap


def _values(form: RecordSubstitutionForm, device: Device, gap: Sequence[ReadHalfHour]) -> list[NewValue]:
    """What was typed, or what is wrong with it beside the fields."""
    amount = _amount(form.amount.data or "")
    count = form.count.data or 0
    if amount is None:
        form.complain("amount", f"30分ごとの量を、0.25のような数字で入れてください（{THOUSANDS[device.unit]}）")
    if not form.reason.data:
        form.complain("reason", "理由を入れてください")
    if not 0 < count <= len(gap):
        form.complain("count", f"続けて届いていない30分は{len(gap)}つです")
    taken = [half for half in gap[:count] if any(given.register == form.register.data for given in half.substituted)]
    if taken:
        form.complain("register", "もう補正した30分が含まれています")
    if form.problems or amount is None:
        return []
    return [NewValue(device.device_id, form.register.data, half.begin, amount, form.method.data, form.reason.data)
            for half in gap[:count]]


def _amount(typed: str) -> int | None:
    """Units of a number of thousands, such as 250 of 0.25."""
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", typed):
        return None
    return int(Fraction(typed) * 1000)


def _row(value: NewValue) -> SubstitutedRow:
    return SubstitutedRow(value.device_id, value.register, f"{value.begin:%Y%m%dT%H%M}", value.method, value.reason)
