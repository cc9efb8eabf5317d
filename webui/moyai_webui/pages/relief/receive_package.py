"""S9: a box is received: what is usable, what is broken, the rest is short."""
from __future__ import annotations

import re

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField

from moyai_contracts.api.identifiers import parse_label
from moyai_contracts.api.relief import ReceivedLine, ReceivePackage, SurplusLine
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.forms.fields import Number
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.scan import obstacle
from moyai_webui.pages.serving import found, not_found, opened, reading, send, show
from moyai_webui.presentation.formats import now
from moyai_webui.rows import Line, Package

TOO_MANY = "使える物と壊れた物の合計が、送り側より多くなっています。数え直してください"


class ReceivePackageForm(PageForm):
    """For a box with one line, as every box has for now."""

    good = Number("使える物", least=0, message="使える物の数を0以上の数字で入れてください")
    damaged = Number("壊れた物・汚れた物", least=0, message="壊れた物の数を0以上の数字で入れてください")
    refused = Number("受け取らない物", least=0, required=False, message="受け取らない数を0以上の数字で入れてください")
    more = BooleanField("数え直しました。多い分も届いています")
    accept_superseded = BooleanField("箱のラベルが古くても、この箱に間違いありません")
    scanned_at = HiddenField()


@relief.route("/receive_package", methods=["GET", "POST"])
@roles(*RECEIVERS)
def receive_package() -> ResponseReturnValue:
    label = parse_label(request.args.get("code", ""))
    if label is None:
        not_found()
    box = found(reading().package(label[0]))
    if obstacle(box):
        return redirect(url_for("relief.scan", code=label[0]), 303)
    if len(box.lines) != 1:
        abort(404)
    line, serial = box.lines[0], label[1] or box.label_serial
    form = opened(ReceivePackageForm, good=line.quantity, damaged=0, scanned_at=str(int(now().timestamp())))
    if form.validate_on_submit() and (command := _command(form, box, line, serial)):
        return send(form, command, *RECEIVERS)
    return show("receive_package.html", form, box=box, line=line, old_label=serial < box.label_serial)


def _command(form: ReceivePackageForm, box: Package, line: Line, serial: int) -> ReceivePackage | None:
    """The receipt, or None with the reasons beside the fields. What is too much is surplus, after a second look."""
    good, damaged, refused = form.good.data, form.damaged.data, form.refused.data or 0
    surplus = good + damaged + refused - line.quantity
    if surplus > 0 and not form.more.data:
        form.complain("good", TOO_MANY)
        return None
    if surplus > good:
        form.complain("good", "壊れた物と受け取らない物が、送り側の数より多くなっています。多い分は使える物に入れてください")
        return None
    if serial < box.label_serial and not form.accept_superseded.data:
        form.complain("accept_superseded", "古いラベルです。箱を確かめて、印をつけてください")
        return None
    over = max(surplus, 0)
    counted = ReceivedLine(dispatch_id=line.dispatch_id, good=good - over, short=max(-surplus, 0), damaged=damaged,
                           refused=refused)
    command = ReceivePackage(
        package_id=box.package_id, label_serial=serial, lines=(counted,), site=box.place.site_id,
        scanned_at=_scanned_at(form),
        surplus=(SurplusLine(quantity=over, item=line.item.code),) if over else None,
        accept_superseded=True if form.accept_superseded.data else None)
    return command if form.fits(command) else None


def _scanned_at(form: ReceivePackageForm) -> int:
    """When the page was opened, in seconds: the same however often the form is sent."""
    drawn = form.scanned_at.data or ""
    return int(drawn) if re.fullmatch(r"[0-9]{10}", drawn) else int(now().timestamp())
