"""S3 and S4: the free part of an offer changes or is taken back."""
from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.relief import ChangeOffer, WithdrawOffer
from moyai_webui.access import SENDERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import BestBefore, Choice, Day, Number, best_before_parts
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_sender
from moyai_webui.pages.serving import found, opened, reading, send, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import today
from moyai_webui.rows import Offer


class ChangeOfferForm(PageForm):
    quantity = Number("提供できる数量")
    expires = BestBefore("賞味期限", required=False)
    available_from = Day("いつから送れますか")
    available_until = Day("いつまで送れますか")
    transport = Choice("運び方", choices=list(vocabulary.TRANSPORTS.items()))


class WithdrawOfferForm(PageForm):
    """Nothing to fill in."""


@relief.route("/change_offer", methods=["GET", "POST"])
@roles(*SENDERS)
def change_offer() -> ResponseReturnValue:
    offer = _own_offer()
    form = opened(ChangeOfferForm, quantity=offer.quantity, available_from=offer.available_from,
                  available_until=offer.available_until, transport=offer.transport,
                  expires=best_before_parts(offer.expires_on))
    if form.validate_on_submit() and (command := _command(form, offer)):
        return send(form, command, *SENDERS)
    return show("change_offer.html", form, offer=offer)


@relief.route("/withdraw_offer", methods=["GET", "POST"])
@roles(*SENDERS)
def withdraw_offer() -> ResponseReturnValue:
    offer = _own_offer()
    form = opened(WithdrawOfferForm)
    if form.validate_on_submit():
        return send(form, WithdrawOffer(offer_id=offer.offer_id, rev=offer.rev), *SENDERS)
    return show("withdraw_offer.html", form, offer=offer)


def _command(form: ChangeOfferForm, offer: Offer) -> ChangeOffer | None:
    """Only what differs; None with the reason beside the field."""
    promised = offer.requested + offer.withdrawn
    start, until = form.available_from.data, form.available_until.data
    if form.quantity.data < promised:
        form.complain("quantity", f"依頼済みの数（{promised:,}）より少なくできません")
    if until is not None and until < max(today(), start or today()):
        form.complain("available_until", "今日と始まりの日より後の日を選んでください")
    if form.problems:
        return None
    standing = ChangeOffer(offer_id=offer.offer_id, rev=offer.rev)
    command = ChangeOffer(
        offer_id=offer.offer_id, rev=offer.rev,
        quantity=form.quantity.data if form.quantity.data != offer.quantity else None,
        available_from=start.isoformat() if start and start != offer.available_from else None,
        available_until=until.isoformat() if until and until != offer.available_until else None,
        expires_on=form.expires.text if form.expires.text not in ("", offer.expires_on) else None,
        transport=form.transport.data if form.transport.data != offer.transport else None)
    if command == standing:
        form.complain("quantity", "変わったところがありません")
        return None
    return command if form.fits(command) else None


def _own_offer() -> Offer:
    offer = found(reading().offer(request.args.get("offer", "")))
    if not is_sender(person(), offer.sender):
        abort(403)
    return offer
