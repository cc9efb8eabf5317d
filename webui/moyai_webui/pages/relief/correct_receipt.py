"""S9: the office counted anew what a shelter had received. The earlier counts stay."""
from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from moyai_contracts.api.relief import CorrectReceipt, ReceivedLine
from moyai_webui.access import OFFICE, roles
from moyai_webui.accounts import person
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver
from moyai_webui.pages.relief.choices import one_line
from moyai_webui.pages.relief.receive_package import MOST_LINES, count_fields, name_of
from moyai_webui.pages.serving import found, opened, reading, send, show
from moyai_webui.rows import Package


class CorrectReceiptForm(PageForm):
    """`good`, `damaged` and `refused` of every line as they should have been, and why."""

    reason = TextAreaField("理由")


@lru_cache(maxsize=MOST_LINES)
def form_of(lines: int) -> type[CorrectReceiptForm]:
    return type("CorrectReceiptForm", (CorrectReceiptForm,), count_fields(lines))


@relief.route("/correct_receipt", methods=["GET", "POST"])
@roles(*OFFICE)
def correct_receipt() -> ResponseReturnValue:
    box = found(reading().package(request.args.get("package", "")))
    if not is_receiver(person(), box.place):
        abort(403)
    form = opened(form_of(len(box.lines)), **_defaults(box))
    form.reason.flags.required = True
    if box.state == "received" and form.validate_on_submit() and (command := _command(form, box)):
        return send(form, command, *OFFICE)
    return show("correct_receipt.html", form, box=box, name_of=name_of)


def _defaults(box: Package) -> dict[str, Any]:
    return {name_of(count, index): getattr(line, count) or 0 for index, line in enumerate(box.lines)
            for count in ("good", "damaged", "refused")}


def _command(form: CorrectReceiptForm, box: Package) -> CorrectReceipt | None:
    """The correction, or None with the reasons beside the fields."""
    reason = one_line(form.reason.data)
    if not reason:
        form.complain("reason", "理由を書いてください")
    lines = []
    for index, line in enumerate(box.lines):
        good, damaged, refused = (form[name_of(count, index)].data or 0 for count in ("good", "damaged", "refused"))
        if good + damaged + refused > line.quantity:
            form.complain(name_of("good", index), f"合計が送り側の{line.quantity:,}{line.item.unit}より多くなっています")
        lines.append(ReceivedLine(line.dispatch_id, good, max(line.quantity - good - damaged - refused, 0), damaged,
                                  refused))
    if form.problems:
        return None
    command = CorrectReceipt(package_id=box.package_id, correction_id=form.new_id("correction"), lines=tuple(lines),
                             reason=reason)
    return command if form.fits(command) else None
