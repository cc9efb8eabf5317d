"""S1: what a site needs has changed."""
from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from moyai_contracts.api.relief import ChangeNeed
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.amounts import Kinds
from moyai_webui.forms.due import DUE_CHOICES, due_of
from moyai_webui.forms.fields import LARGEST, Choice, Clock, Day, Number
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver
from moyai_webui.pages.relief.choices import one_line
from moyai_webui.pages.serving import found, opened, reading, send, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import jst
from moyai_webui.rows import Need


class ChangeNeedForm(PageForm):
    quantity = Number("数量")
    attributes = Kinds("種類・サイズ")
    due = Choice("いつまでに必要ですか", choices=[("same", "変えない"), *DUE_CHOICES], message="いつまでに必要かを選んでください")
    due_day = Day("日")
    due_time = Clock("時刻")
    priority = Choice("優先度", choices=list(vocabulary.PRIORITIES.items()))
    note = TextAreaField("理由・補足")


@relief.route("/change_need", methods=["GET", "POST"])
@roles(*RECEIVERS)
def change_need() -> ResponseReturnValue:
    """`?add=` proposes that many more than stand there."""
    need = found(reading().need(request.args.get("need", "")))
    if not is_receiver(person(), need.place):
        abort(403)
    at = jst(need.needed_by) if need.needed_by else None
    more = min(max(request.args.get("add", 0, type=int), 0), LARGEST)
    form = opened(ChangeNeedForm, quantity=need.quantity + more, due="same", priority=need.priority, note=need.note,
                  attributes=need.attributes, due_day=at.date() if at else None, due_time=at.time() if at else None)
    form.attributes.of(need.item)
    if form.validate_on_submit() and (command := _command(form, need)):
        return send(form, command, *RECEIVERS)
    return show("change_need.html", form, need=need)


def _command(form: ChangeNeedForm, need: Need) -> ChangeNeed | None:
    """Only what differs; None with the reason beside the field."""
    if form.quantity.data < need.committed:
        unit = need.item.unit
        form.complain("quantity", f"すでに{need.committed:,}{unit}が確保されています。{need.committed:,}{unit}より少なくできません")
        return None
    due = None
    if form.due.data != "same" and (due := due_of(form)) is None:
        return None
    note = one_line(form.note.data)
    command = ChangeNeed(
        need_id=need.need_id, rev=need.rev,
        quantity=form.quantity.data if form.quantity.data != need.quantity else None,
        attributes=form.attributes.data if form.attributes.data != dict(need.attributes) else None,
        needed_by=int(due.timestamp()) if due else None,
        priority=form.priority.data if form.priority.data != need.priority else None,
        note=note if note != need.note else None)
    if command == ChangeNeed(need_id=need.need_id, rev=need.rev):
        form.complain("quantity", "変わったところがありません")
        return None
    return command if form.fits(command) else None
