"""S4: what this municipality does not want to be sent now, or that it takes nothing; said before anyone offers."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, TextAreaField

from moyai_contracts.api.relief import EVERY_ITEM, SetIntake
from moyai_webui.access import OFFICE, roles
from moyai_webui.forms.fields import Day, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.choices import one_line
from moyai_webui.pages.serving import opened, reading, send, settings, show
from moyai_webui.presentation.formats import today
from moyai_webui.presentation.template_context import as_of


class SetIntakeForm(PageForm):
    item = Select("受け取らない物")
    until = Day("いつまで")
    note = TextAreaField("理由")
    resume = HiddenField()
    confirmed = HiddenField()


@relief.route("/set_intake", methods=["GET", "POST"])
@roles(*OFFICE)
def set_intake() -> ResponseReturnValue:
    """A stop is shown once more before it is made public; to take things again needs no second look."""
    items = reading().items(settings().municipality)
    form = opened(SetIntakeForm, item=request.args.get("item"))
    form.item.choices = [("", "選んでください"), (EVERY_ITEM, "すべての物資（受け入れを止める）"),
                         *((item.code, item.name) for item in items)]
    form.item.flags.required = form.until.flags.required = form.note.flags.required = True
    if form.validate_on_submit() and (command := _command(form)):
        if form.confirmed.data or not command.stopped:
            return send(form, command, *OFFICE)
        return show("confirm_intake.html", form, words=dict(form.item.choices)[command.item])
    return show("set_intake.html", form, intakes=reading().intakes(settings().municipality), as_of=as_of())


def _command(form: SetIntakeForm) -> SetIntake | None:
    """The stop or its end, or None with the reasons beside the fields."""
    if form.item.data not in [value for value, _ in form.item.choices[1:]]:
        form.complain("item", "受け取らない物を選んでください")
        return None
    if form.resume.data:
        return SetIntake(item=form.item.data, stopped=False)
    note = one_line(form.note.data)
    if form.until.data is None or form.until.data < today():
        form.complain("until", "いつまでかを、今日より後の日で選んでください")
    if not note:
        form.complain("note", "理由を書いてください")
    if form.problems:
        return None
    command = SetIntake(item=form.item.data, stopped=True, until=form.until.data.isoformat(), note=note)
    return command if form.fits(command) else None
