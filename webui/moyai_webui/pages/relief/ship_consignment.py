"""S3: the boxes of a request leave: all, or those that are ready."""
from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from moyai_contracts.api.relief import CARRIERS, MAX_BOXES, ShipConsignment, ShippedLine, ShippedPackage
from moyai_webui.access import SENDERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Choice, Day, Number, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_sender
from moyai_webui.pages.relief.receive_package import name_of
from moyai_webui.pages.serving import found, opened, reading, send, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import day, today
from moyai_webui.rows import Dispatch, Package


class ShipConsignmentForm(PageForm):
    """Every box has `quantity` and `leaves`, from the second on with its number."""

    carrier = Select("送り方", choices=list(vocabulary.CARRIERS.items()))
    arrival = Choice("着く見込み", choices=[
        ("today", "今日"), ("tomorrow", "明日"), ("after", "あさって"), ("other", "日を選ぶ"), ("unknown", "わからない")])
    expected_on = Day("着く日")


@lru_cache(maxsize=MAX_BOXES + 1)
def form_of(boxes: int) -> type[ShipConsignmentForm]:
    """The form of a request with so many boxes that have not left."""
    fields: dict[str, Any] = {}
    for index in range(boxes):
        fields[name_of("leaves", index)] = BooleanField("この箱を送る")
        fields[name_of("quantity", index)] = Number("送った数量")
    return type("ShipConsignmentForm", (ShipConsignmentForm,), fields)


@relief.route("/ship_consignment", methods=["GET", "POST"])
@roles(*SENDERS)
def ship_consignment() -> ResponseReturnValue:
    dispatch = found(reading().dispatch(request.args.get("need", ""), request.args.get("dispatch", "")))
    if not is_sender(person(), dispatch.sender):
        abort(403)
    waiting = [box for box in dispatch.packages if box.state == "labelled"]
    amounts = {name_of("quantity", index): amount_of(box, dispatch) for index, box in enumerate(waiting)}
    leaving = {name_of("leaves", index): True for index in range(len(waiting))}
    form = opened(form_of(len(waiting)), carrier="yamato", arrival="tomorrow", **amounts, **leaving)
    form.carrier.flags.required = True
    if form.validate_on_submit() and (command := _command(form, dispatch, waiting)):
        return send(form, command, *SENDERS)
    days = {"today": 0, "tomorrow": 1, "after": 2}
    return show("ship_consignment.html", form, dispatch=dispatch, waiting=waiting, name_of=name_of, amount_of=amount_of,
                days={name: day(today() + timedelta(days=after)) for name, after in days.items()})


def amount_of(box: Package, dispatch: Dispatch) -> int:
    """What of a request is in a box."""
    return sum(line.quantity for line in box.lines if line.dispatch_id == dispatch.dispatch_id)


def _command(form: ShipConsignmentForm, dispatch: Dispatch, waiting: list[Package]) -> ShipConsignment | None:
    """The boxes that leave, or None with the reasons beside the fields."""
    if not waiting:
        abort(404)
    boxes = [_shipped(form, index, box, dispatch) for index, box in enumerate(waiting)
             if len(waiting) == 1 or form[name_of("leaves", index)].data]
    if not boxes:
        form.complain("leaves", "送る箱を選んでください")
    if form.carrier.data not in CARRIERS:
        form.complain("carrier", "送り方を選んでください")
    near = {"today": today(), "tomorrow": today() + timedelta(days=1), "after": today() + timedelta(days=2)}
    expected = near.get(form.arrival.data) or (form.expected_on.data if form.arrival.data == "other" else None)
    if form.arrival.data == "other" and (expected is None or expected < today()):
        form.complain("expected_on", "着く日を、今日より後で選んでください")
    if form.problems:
        return None
    command = ShipConsignment(consignment_id=form.new_id("consignment"), carrier=form.carrier.data,
                              packages=tuple(boxes), expected_on=expected.isoformat() if expected else None)
    return command if form.fits(command) else None


def _shipped(form: ShipConsignmentForm, index: int, box: Package, dispatch: Dispatch) -> ShippedPackage:
    name, asked = name_of("quantity", index), amount_of(box, dispatch)
    quantity = form[name].data
    if quantity > asked:
        form.complain(name, f"依頼数（{asked:,}{dispatch.item.unit}）を超えています")
    less = quantity < asked
    return ShippedPackage(box.package_id, (ShippedLine(dispatch.dispatch_id, quantity),) if less else None)
