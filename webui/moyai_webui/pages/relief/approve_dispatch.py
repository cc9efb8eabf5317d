"""S6: where the office decides: what its shelters propose is asked for, or not."""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flask import abort, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, TextAreaField

from moyai_contracts.api.relief import ApprovedLine, ApproveDispatch, RejectDispatch
from moyai_webui.access import OFFICE, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Choice, Number
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver
from moyai_webui.pages.relief.asking import MOST
from moyai_webui.pages.relief.choices import one_line
from moyai_webui.pages.serving import found, opened, reading, send, settings, show
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import DispatchFilter
from moyai_webui.rows import Dispatch

REASONS = ("足りた", "ほかで調達する", "ほかの避難所を先にする")
OTHER = "other"


class ApproveDispatchForm(PageForm):
    """For each proposal a mark `take-…` and a quantity `quantity-…`; the button `only` takes one alone."""


class RejectDispatchForm(PageForm):
    reason = Choice("理由", choices=[*((reason, reason) for reason in REASONS), (OTHER, "そのほか")])
    words = TextAreaField("そのほかの理由")


@relief.route("/approve_dispatch", methods=["GET", "POST"])
@roles(*OFFICE)
def approve_dispatch() -> ResponseReturnValue:
    """All proposals that wait, the oldest first."""
    waiting = reading().dispatches(DispatchFilter(municipality=settings().municipality, state="proposed", size=200))
    proposals = tuple(reversed(waiting.rows))[:MOST]
    form = opened(_form_of(proposals))
    if form.validate_on_submit() and (command := _command(form, proposals)):
        return send(form, command, *OFFICE)
    offers = {proposal.offer_id: reading().offer(proposal.offer_id) for proposal in proposals}
    needs = {proposal.need_id: reading().need(proposal.need_id) for proposal in proposals}
    return show("approve_dispatch.html", form, proposals=proposals, key=_key, offers=offers, needs=needs, as_of=as_of())


@relief.route("/reject_dispatch", methods=["GET", "POST"])
@roles(*OFFICE)
def reject_dispatch() -> ResponseReturnValue:
    proposal = found(reading().dispatch(request.args.get("need", ""), request.args.get("dispatch", "")))
    if not is_receiver(person(), proposal.place):
        abort(403)
    form = opened(RejectDispatchForm)
    if form.validate_on_submit():
        reason = one_line(form.words.data) if form.reason.data == OTHER else form.reason.data
        command = RejectDispatch(need_id=proposal.need_id, dispatch_id=proposal.dispatch_id, reason=reason)
        if not reason:
            form.complain("words", "理由を書いてください")
        elif form.fits(command):
            return send(form, command, *OFFICE)
    return show("reject_dispatch.html", form, dispatch=proposal)


def _key(proposal: Dispatch) -> str:
    return f"{proposal.need_id}-{proposal.dispatch_id}"


def _form_of(proposals: Sequence[Dispatch]) -> type[ApproveDispatchForm]:
    fields = {}
    for proposal in proposals:
        fields[f"take-{_key(proposal)}"] = BooleanField(default=True)
        fields[f"quantity-{_key(proposal)}"] = Number("数量", required=False, default=proposal.quantity)
    return type("ProposalsForm", (ApproveDispatchForm,), fields)


def _command(form: ApproveDispatchForm, proposals: Sequence[Dispatch]) -> ApproveDispatch | None:
    """What is marked, or None with the reasons beside the fields."""
    only = request.form.get("only", "")
    taken = [one for one in proposals if (_key(one) == only if only else form[f"take-{_key(one)}"].data)]
    if not taken:
        form.complain("op", "認める物に印をつけてください")
        return None
    asked: Counter[str] = Counter()
    for one in taken:
        name = f"quantity-{_key(one)}"
        quantity, need = form[name].data, reading().need(one.need_id)
        if quantity is None or quantity > one.quantity:
            form.complain(name, f"1から{one.quantity:,}までの数を入れてください")
            continue
        asked[one.need_id] += quantity
        if need is not None and asked[one.need_id] > need.missing:
            form.complain(name, f"{one.place.name}で足りないのは{need.missing:,}{one.item.unit}です")
    if form.problems:
        return None
    command = ApproveDispatch(dispatches=tuple(ApprovedLine(
        need_id=one.need_id, dispatch_id=one.dispatch_id, package_id=form.new_package_id(_key(one)),
        quantity=quantity if (quantity := form[f"quantity-{_key(one)}"].data) != one.quantity else None)
        for one in taken))
    return command if form.fits(command) else None
