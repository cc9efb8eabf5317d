"""S7, S9: a box is here that no receipt fits: without a label, for another site, or called off before. It is real."""
from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, TextAreaField

from moyai_contracts.api.identifiers import label_code, parse_label
from moyai_contracts.api.relief import RecordArrival, SurplusLine
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Choice, Line, Number, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.choices import find_item, one_line, open_sites, site_choices
from moyai_webui.pages.relief.receive_package import name_of, scanned_at
from moyai_webui.pages.serving import opened, reading, send, settings, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import now
from moyai_webui.rows import Package

WITHOUT_LABEL = ("no_label", "unreadable", "other")
STATES = ("voided", "recalled", "lost")
MOST_LINES = 20


class RecordArrivalForm(PageForm):
    """Every line has `item` and `quantity`, from the second on with its number."""

    site = Select("届いた場所")
    label = HiddenField()
    note = TextAreaField("気づいたこと")
    scanned_at = HiddenField()


@lru_cache(maxsize=2 * MOST_LINES)
def form_of(lines: int, labelled: bool) -> type[RecordArrivalForm]:
    """The form of a box with so many kinds of goods; without a label it asks why."""
    fields: dict[str, Any] = {}
    for index in range(lines):
        fields[name_of("item", index)] = Line("品目")
        fields[name_of("quantity", index)] = Number("数量", required=False)
    if not labelled:
        fields["reason"] = Choice("ラベル", choices=[(key, vocabulary.ARRIVAL_REASONS[key]) for key in WITHOUT_LABEL])
    return type("RecordArrivalForm", (RecordArrivalForm,), fields)


@relief.route("/record_arrival", methods=["GET", "POST"])
@roles(*RECEIVERS)
def record_arrival() -> ResponseReturnValue:
    typed = (request.form.get("label") or request.args.get("label", ""))[:40]
    box = _box(typed)
    sites = open_sites(person())
    lines = min(len(box.lines), MOST_LINES) if box else 1
    form = opened(form_of(lines, bool(typed)), label=typed, **_defaults(box))
    form.site.choices = site_choices(sites)
    if len(sites) == 1:
        form.site.data = sites[0].place.site_id
    items = reading().items(settings().municipality)
    if form.validate_on_submit() and (command := _command(form, lines, box, items)):
        return send(form, command, *RECEIVERS)
    return show("record_arrival.html", form, box=box, label=typed, sites=sites, items=items, lines=lines,
                name_of=name_of)


def _box(typed: str) -> Package | None:
    label = parse_label(typed) if typed else None
    return reading().package(label[0]) if label else None


def _defaults(box: Package | None) -> dict[str, Any]:
    """What the form says at first: the sender's own record of the box, where there is one."""
    found: dict[str, Any] = {"scanned_at": request.args.get("scanned_at") or str(int(now().timestamp())),
                             "reason": "no_label"}
    for index, line in enumerate(box.lines[:MOST_LINES] if box else ()):
        found |= {name_of("item", index): line.item.name, name_of("quantity", index): line.quantity}
    return found


def _command(form: RecordArrivalForm, lines: int, box: Package | None, items: tuple[Any, ...]) -> RecordArrival | None:
    """The arrival, or None with the reasons beside the fields. What is in the box may be left open."""
    counted = []
    for index in range(lines):
        name, quantity = form[name_of("item", index)].data, form[name_of("quantity", index)].data
        if name and not quantity:
            form.complain(name_of("quantity", index), "数量を1以上の数字で入れてください")
        elif name:
            item = find_item(items, name)
            counted.append(SurplusLine(quantity=quantity, item=item.code) if item
                           else SurplusLine(quantity=quantity, item_name=name[:40]))
    if not form.site.data:
        form.complain("site", "届いた場所を選んでください")
    if form.problems:
        return None
    command = RecordArrival(
        arrival_id=form.new_id("arrival"), site=form.site.data, lines=tuple(counted), reason=_reason(form, box),
        scanned_at=scanned_at(form), label_seen=_seen(form.label.data) or None, note=one_line(form.note.data) or None)
    return command if form.fits(command) else None


def _reason(form: RecordArrivalForm, box: Package | None) -> str:
    if "reason" in form:
        return str(form["reason"].data)
    if box is None:
        return "unknown"
    if (box.place.code, box.place.site_id) != (settings().municipality, form.site.data):
        return "wrong_site"
    return box.state if box.state in STATES else "other"


def _seen(typed: str | None) -> str:
    """What could be read of the label, as the ledger keeps it."""
    label = parse_label(typed or "")
    if label:
        return label_code(label[0], label[1]) if label[1] else label[0]
    return re.sub(r"[^0-9A-Za-z-]", "", typed or "")[:20]
