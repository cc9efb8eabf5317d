"""E1: a meter or car is registered, and gets the file with its certificate and settings, once."""
from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from fractions import Fraction

from flask import Response, session
from flask.typing import ResponseReturnValue

from moyai_contracts.api.devices import RegisterDevice
from moyai_contracts.api.directory import Ratio
from moyai_contracts.api.identifiers import RANDOM_26_PATTERN
from moyai_webui.access import OFFICE, roles
from moyai_webui.accounts import normal_login, person
from moyai_webui.device_file import device_file as packed
from moyai_webui.forms.fields import Choice, Code, Day, Line, Number
from moyai_webui.forms.form import PageForm
from moyai_webui.forms.identifiers import derived_device_id, is_op
from moyai_webui.home import Submission
from moyai_webui.metering import Unavailable
from moyai_webui.metering_devices import Device, NewDevice
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.eco.measures import MEASURES
from moyai_webui.pages.serving import (
    found, home, metering, not_found, opened, send, show, submissions,
)
from moyai_webui.presentation.formats import now, today

DRAFT = "device_file"
FILE_KEPT_FOR = timedelta(hours=24)
MOST_CAPACITY = 1_000_000
REGISTERS_WORDS = {key: measure.registers_words for key, measure in MEASURES.items()}
AWAY = "いまは、機器の証明書を作れません。少したってから、もう一度送ってください"
_NO_FINGERPRINT = "0" * 64  # to try the command's shape before there is a certificate


class RegisterDeviceForm(PageForm):
    owner = Code("住民のメールアドレスまたはアカウント番号")
    measure = Choice("機器の種類", choices=[(key, measure.words) for key, measure in MEASURES.items()])
    label = Line("呼び名")
    serial = Code("製造番号")
    supply_point = Code("供給地点特定番号")
    capacity = Number("最大の大きさ", most=MOST_CAPACITY)
    coefficient = Code("係数")
    digits = Number("指針の桁数", most=12)
    installed_on = Day("設置日")


class DeviceFileForm(PageForm):
    """Nothing to fill in."""


@eco.route("/register_device", methods=["GET", "POST"])
@roles(*OFFICE)
def register_device() -> ResponseReturnValue:
    form = opened(RegisterDeviceForm, measure="meter", coefficient="1", digits=6, installed_on=today())
    for field in (form.owner, form.serial, form.coefficient, form.installed_on):
        field.flags.required = True
    if form.validate_on_submit():
        new = _new_device(form)
        try:
            if new is not None and form.fits(_command(new, _NO_FINGERPRINT)):
                return _register(form, new)
        except Unavailable:
            form.complain("op", AWAY)
    return show("register_device.html", form, registers_words=REGISTERS_WORDS)


@eco.route("/device_file/<op>", methods=["GET", "POST"])
@roles(*OFFICE)
def device_file(op: str) -> ResponseReturnValue:
    """The way to the file after the receipt; who registered the device gets it, in the same browser, once."""
    submission = _own_registration(op)
    device = settle(submission)
    form = opened(DeviceFileForm)
    if form.validate_on_submit() and device is not None and device.state == "active":
        content = home().take_draft(session.get(op, ""), person().user.user_id, now())
        if content is not None:
            session.pop(op)
            return Response(content, mimetype="application/zip", headers={
                "Content-Disposition": f'attachment; filename="moyai-{device.device_id}.zip"'})
    kept = home().draft(session.get(op, ""), person().user.user_id, now()) is not None
    return show("device_file.html", form, device=device, kept=kept, submission=submission,
                kept_until=submission.accepted_at + FILE_KEPT_FOR)


def settle(submission: Submission) -> Device | None:
    """Brings the registry in step with what the ledger said to a registration; the device, if there is one.

    Where the device CA is away a refused device waits as pending: the next look at its page discards it.
    """
    device_id = submission.fields["device_id"]
    if submission.state == "recorded":
        metering().activate(device_id)
    elif submission.state == "refused":
        with suppress(Unavailable):
            metering().discard(device_id)
    return metering().device(device_id)


def _register(form: RegisterDeviceForm, new: NewDevice) -> ResponseReturnValue:
    """Certificate first, for the ledger names its fingerprint; the same form sent twice makes one."""
    known = metering().device(new.device_id)
    if known is None:
        enrolment = metering().enrol(new)
        session[new.op] = home().save_draft(person().user.user_id, DRAFT, packed(enrolment, new), now(), FILE_KEPT_FOR)
        known = found(metering().device(new.device_id))
    answer = send(form, _command(new, known.certificate), *OFFICE)
    submission = submissions().submission(new.op)
    if submission is not None and submission.transaction == RegisterDevice.transaction:
        settle(submission)
    return answer


def _command(new: NewDevice, certificate: str) -> RegisterDevice:
    return RegisterDevice(
        device_id=new.device_id, account=new.account, kind=new.kind,
        tags=metering().tags(new.serial, new.supply_point, today()), certificate=certificate,
        registers=new.registers, capacity=new.capacity, unit=new.unit, coefficient=Ratio(*new.coefficient),
        digits=new.digits, installed_on=new.installed_on.isoformat())


def _new_device(form: RegisterDeviceForm) -> NewDevice | None:
    """The device as it was typed, or None with the reasons beside the fields."""
    account, coefficient = _account(form.owner.data or ""), _ratio(form.coefficient.data or "")
    serial, supply_point = (re.sub(r"[\s-]", "", text or "").upper() for text in (
        form.serial.data, form.supply_point.data))
    if account is None:
        form.complain("owner", "この住民は登録されていません。メールアドレスかアカウント番号を確かめてください")
    if not re.fullmatch(r"[0-9A-Z./_]{3,40}", serial):
        form.complain("serial", "製造番号を英数字で入れてください")
    if supply_point and not re.fullmatch(r"\d{22}", supply_point):
        form.complain("supply_point", "供給地点特定番号を22桁の数字で入れてください")
    if coefficient is None:
        form.complain("coefficient", "係数を、1や0.1のような0より大きい数字で入れてください")
    if form.installed_on.data is None or form.installed_on.data > today():
        form.complain("installed_on", "設置日を、今日までの日付で入れてください")
    if form.problems:
        return None
    measure = MEASURES[form.measure.data]
    op = str(form.op.data)
    return NewDevice(
        device_id=derived_device_id(op), account=account, kind=measure.kind, label=form.label.data or measure.words,
        serial=serial, supply_point=supply_point, registers=measure.registers, capacity=form.capacity.data,
        unit=measure.unit, coefficient=coefficient, digits=form.digits.data, installed_on=form.installed_on.data, op=op)


def _account(owner: str) -> str | None:
    """The account that somebody's login or account id stands for; the ledger checks whether it may own a device."""
    if re.fullmatch(RANDOM_26_PATTERN, owner.upper()):
        return owner.upper()
    user = home().user_by_login(normal_login(owner))
    return user.account if user is not None and "M" in user.roles else None


def _ratio(typed: str) -> tuple[int, int] | None:
    """n/d of a number such as 0.1, 100 or 1/10."""
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6}|/0*[1-9]\d{0,5})?", typed):
        return None
    value = Fraction(typed)
    return (value.numerator, value.denominator) if value else None


def _own_registration(op: str) -> Submission:
    submission = submissions().submission(op) if is_op(op) else None
    if submission is None or submission.user_id != person().user.user_id \
            or submission.transaction != RegisterDevice.transaction:
        not_found()
    return submission
