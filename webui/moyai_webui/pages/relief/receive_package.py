"""S9: a box is received: what is usable, what is broken, what is not taken; the rest is short."""
from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField

from moyai_contracts.api.identifiers import parse_label
from moyai_contracts.api.relief import ReceivedLine, ReceivePackage, SurplusLine
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.forms.fields import Number
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.paper import written_at
from moyai_webui.pages.relief.scanned_box import contents, obstacle
from moyai_webui.pages.serving import found, not_found, opened, reading, send, show
from moyai_webui.presentation.formats import now
from moyai_webui.rows import Line, Package

TOO_MANY = "使える物と壊れた物の合計が、送り側より多くなっています。数え直してください"
MOST_LINES = 20


class ReceivePackageForm(PageForm):
    """The fields of a box; every line has `good`, `damaged` and `refused`, from the second on with its number."""

    more = BooleanField("数え直しました。多い分も届いています")
    accept_superseded = BooleanField("箱のラベルが古くても、この箱に間違いありません")
    scanned_at = HiddenField()


def count_fields(lines: int) -> dict[str, Any]:
    """The fields in which so many lines are counted."""
    fields: dict[str, Any] = {}
    for index in range(lines):
        fields[name_of("good", index)] = Number("使える物", least=0, message="使える物の数を0以上の数字で入れてください")
        fields[name_of("damaged", index)] = Number("壊れた物・汚れた物", least=0, message="壊れた物の数を0以上の数字で入れてください")
        fields[name_of("refused", index)] = Number("受け取らない物", least=0, required=False,
                                                   message="受け取らない数を0以上の数字で入れてください")
    return fields


@lru_cache(maxsize=MOST_LINES)
def form_of(lines: int) -> type[ReceivePackageForm]:
    """The form of a box with so many lines."""
    return type("ReceivePackageForm", (ReceivePackageForm,), count_fields(lines))


def name_of(count: str, index: int) -> str:
    """`good`, `good1`, `good2` …: the field of a line."""
    return f"{count}{index or ''}"


@relief.route("/receive_package", methods=["GET", "POST"])
@roles(*RECEIVERS)
def receive_package() -> ResponseReturnValue:
    label = parse_label(request.args.get("code", ""))
    if label is None:
        not_found()
    box = found(reading().package(label[0]))
    sent = {name_of("good", index): line.quantity for index, line in enumerate(box.lines)}
    none = {name_of("damaged", index): 0 for index in range(len(box.lines))}
    form = opened(form_of(len(box.lines)), scanned_at=request.args.get("scanned_at") or str(int(now().timestamp())),
                  **sent, **none)
    if obstacle(box):
        return redirect(url_for("relief.scan", code=label[0]), 303)
    serial = label[1] or box.label_serial
    if form.validate_on_submit() and (command := _command(form, box, serial)):
        return send(form, command, *RECEIVERS)
    return show("receive_package.html", form, box=box, old_label=serial < box.label_serial, name_of=name_of,
                known=json.dumps(contents(box), ensure_ascii=False))


def _command(form: ReceivePackageForm, box: Package, serial: int) -> ReceivePackage | None:
    """The receipt, or None with the reasons beside the fields. What is too much is surplus, after a second look."""
    counted = [_count(form, index, line) for index, line in enumerate(box.lines)]
    if serial < box.label_serial and not form.accept_superseded.data:
        form.complain("accept_superseded", "古いラベルです。箱を確かめて、印をつけてください")
    if form.problems:
        return None
    surplus, paper = tuple(more for _, more in counted if more), written_at()
    command = ReceivePackage(
        package_id=box.package_id, label_serial=serial, lines=tuple(line for line, _ in counted),
        site=box.place.site_id, scanned_at=paper or scanned_at(form), surplus=surplus or None,
        queued=True if paper else None, accept_superseded=True if form.accept_superseded.data else None)
    return command if form.fits(command) else None


def _count(form: ReceivePackageForm, index: int, line: Line) -> tuple[ReceivedLine, SurplusLine | None]:
    """What was found of a line, and what was there beyond it; complains where the numbers cannot be."""
    good, damaged, refused = (form[name_of(count, index)].data or 0 for count in ("good", "damaged", "refused"))
    surplus = good + damaged + refused - line.quantity
    if surplus > 0 and not form.more.data:
        form.complain(name_of("good", index), TOO_MANY)
    elif surplus > good:
        form.complain(name_of("good", index), "壊れた物と受け取らない物が、送り側の数より多くなっています。多い分は使える物に入れてください")
    over = max(surplus, 0)
    found_line = ReceivedLine(dispatch_id=line.dispatch_id, good=max(good - over, 0), short=max(-surplus, 0),
                              damaged=damaged, refused=refused)
    return found_line, SurplusLine(quantity=over, item=line.item.code) if over else None


def scanned_at(form: Any) -> int:
    """When the box was read, in seconds: the same however often the form is sent, and never in the future."""
    drawn, latest = form.scanned_at.data or "", int(now().timestamp())
    return min(int(drawn), latest) if re.fullmatch(r"[0-9]{10}", drawn) else latest
