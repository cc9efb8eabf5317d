"""S9: a difference between what was sent and what was found: the sender sees it, the receiver's office closes it."""
from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.relief import AcknowledgeDiscrepancy, ResolveDiscrepancy
from moyai_webui.access import OFFICE, SENDERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Choice
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver, is_sender
from moyai_webui.pages.serving import found, opened, reading, send, show
from moyai_webui.presentation import vocabulary
from moyai_webui.rows import Discrepancy


class AcknowledgeDiscrepancyForm(PageForm):
    """Nothing to fill in."""


class ResolveDiscrepancyForm(PageForm):
    resolution = Choice("確認の結果", choices=list(vocabulary.RESOLUTIONS.items()))


@relief.route("/acknowledge_discrepancy", methods=["GET", "POST"])
@roles(*SENDERS)
def acknowledge_discrepancy() -> ResponseReturnValue:
    difference = _discrepancy()
    if not is_sender(person(), difference.package.sender):
        abort(403)
    form = opened(AcknowledgeDiscrepancyForm)
    if form.validate_on_submit():
        return send(form, AcknowledgeDiscrepancy(package_id=difference.package_id,
                                                 discrepancy_id=difference.discrepancy_id), *SENDERS)
    return show("acknowledge_discrepancy.html", form, difference=difference, box=difference.package)


@relief.route("/resolve_discrepancy", methods=["GET", "POST"])
@roles(*OFFICE)
def resolve_discrepancy() -> ResponseReturnValue:
    difference = _discrepancy()
    if not is_receiver(person(), difference.package.place):
        abort(403)
    form = opened(ResolveDiscrepancyForm)
    if form.validate_on_submit():
        return send(form, ResolveDiscrepancy(package_id=difference.package_id, resolution=form.resolution.data,
                                             discrepancy_id=difference.discrepancy_id), *OFFICE)
    return show("resolve_discrepancy.html", form, difference=difference, box=difference.package)


def _discrepancy() -> Discrepancy:
    return found(reading().discrepancy(request.args.get("package", ""), request.args.get("discrepancy", "")))
