"""S3: the boxes of a request leave."""
from __future__ import annotations

from datetime import timedelta

from flask import abort, request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.relief import CARRIERS, ShipConsignment, ShippedLine, ShippedPackage
from moyai_webui.access import SENDERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Choice, Day, Number, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_sender
from moyai_webui.pages.serving import found, opened, reading, send, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import day, today
from moyai_webui.rows import Dispatch


class ShipConsignmentForm(PageForm):
    quantity = Number("送った数量")
    carrier = Select("送り方", choices=list(vocabulary.CARRIERS.items()))
    arrival = Choice("着く見込み", choices=[
        ("today", "今日"), ("tomorrow", "明日"), ("after", "あさって"), ("other", "日を選ぶ"), ("unknown", "わからない")])
    expected_on = Day("着く日")


@relief.route("/ship_consignment", methods=["GET", "POST"])
@roles(*SENDERS)
def ship_consignment() -> ResponseReturnValue:
    dispatch = found(reading().dispatch(request.args.get("need", ""), request.args.get("dispatch", "")))
    if not is_sender(person(), dispatch.sender):
        abort(403)
    form = opened(ShipConsignmentForm, quantity=dispatch.quantity, carrier="yamato", arrival="tomorrow")
    form.carrier.flags.required = True
    if form.validate_on_submit() and (command := _command(form, dispatch)):
        return send(form, command, *SENDERS)
    days = {"today": 0, "tomorrow": 1, "after": 2}
    return show("ship_consignment.html", form, dispatch=dispatch,
                days={name: day(today() + timedelta(days=after)) for name, after in days.items()})


def _command(form: ShipConsignmentForm, dispatch: Dispatch) -> ShipConsignment | None:
    """All waiting boxes of the request, or None with the reasons beside the fields."""
    waiting = [package for package in dispatch.packages if package.state == "labelled"]
    if not waiting:
        abort(404)
    if form.carrier.data not in CARRIERS:
        form.complain("carrier", "送り方を選んでください")
    if form.quantity.data > dispatch.quantity:
        form.complain("quantity", f"依頼数（{dispatch.quantity:,}{dispatch.item.unit}）を超えています")
    near = {"today": today(), "tomorrow": today() + timedelta(days=1), "after": today() + timedelta(days=2)}
    expected = near.get(form.arrival.data) or (form.expected_on.data if form.arrival.data == "other" else None)
    if form.arrival.data == "other" and (expected is None or expected < today()):
        form.complain("expected_on", "着く日を、今日より後で選んでください")
    if form.problems:
        return None
    less = form.quantity.data < dispatch.quantity
    lines = (ShippedLine(dispatch.dispatch_id, form.quantity.data),) if less else None
    command = ShipConsignment(
        consignment_id=form.new_id("consignment"), carrier=form.carrier.data,
        packages=tuple(ShippedPackage(package.package_id, lines) for package in waiting),
        expected_on=expected.isoformat() if expected else None)
    return command if form.fits(command) else None
