"""S3 and S4: offer a quantity, for a need that stands or because one could give it."""
from __future__ import annotations

from datetime import timedelta

from flask import request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.directory import CATEGORIES
from moyai_contracts.api.relief import RegisterOffer
from moyai_webui.access import SENDERS, roles
from moyai_webui.forms.amounts import Kinds
from moyai_webui.forms.fields import BestBefore, Choice, Day, Line, Number, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.choices import find_item
from moyai_webui.pages.serving import found, opened, reading, send, settings, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import day, today
from moyai_webui.rows import Item, Need


class OfferForNeedForm(PageForm):
    quantity = Number("提供できる数量")
    expires = BestBefore("賞味期限", required=False)
    ship_day = Choice("発送できる日", choices=[("today", "今日"), ("tomorrow", "明日"), ("other", "日を選ぶ")])
    ship_from = Day("発送できる日")


class FreeOfferForm(PageForm):
    item = Line("品目")
    category = Select("分類", choices=[("", "品目一覧にある物")] + [
        (key, words) for key, words in vocabulary.CATEGORIES.items() if key in CATEGORIES])
    attributes = Kinds("種類・サイズ")
    quantity = Number("提供できる数量")
    expires = BestBefore("賞味期限", required=False)
    available_from = Day("いつから送れますか")
    available_until = Day("いつまで送れますか")
    transport = Choice("運び方", choices=list(vocabulary.TRANSPORTS.items()))


@relief.route("/register_offer", methods=["GET", "POST"])
@roles(*SENDERS)
def register_offer() -> ResponseReturnValue:
    if need_id := request.args.get("need"):
        return _for_need(found(reading().need(need_id)))
    return _free()


def _for_need(need: Need) -> ResponseReturnValue:
    form = opened(OfferForNeedForm, quantity=need.open or None, ship_day="tomorrow")
    form.expires.needed = form.expires.flags.required = need.item.category in ("food", "infant_milk")
    if form.validate_on_submit():
        ships = _ship_from(form)
        command = RegisterOffer(
            offer_id=form.new_id("offer"), quantity=form.quantity.data, transport="own",
            ships_from=settings().municipality, item=need.item.code, attributes=dict(need.attributes) or None,
            aimed_at=need.need_id, available_from=ships, expires_on=form.expires.text or None)
        if not form.problems and form.fits(command):
            return send(form, command, *SENDERS)
    tomorrow = today() + timedelta(days=1)
    return show("register_offer.html", form, need=need, days={"today": day(today()), "tomorrow": day(tomorrow)})


def _ship_from(form: OfferForNeedForm) -> str | None:
    near = {"today": today(), "tomorrow": today() + timedelta(days=1)}
    chosen = near.get(form.ship_day.data) or form.ship_from.data
    if chosen is None or chosen < today():
        form.complain("ship_from", "発送できる日を、今日より後で選んでください")
        return None
    return chosen.isoformat()


def _free() -> ResponseReturnValue:
    items = reading().items(settings().municipality)
    known = find_item(items, request.args.get("item", ""))
    form = opened(FreeOfferForm, item=known.name if known else None, transport="own", available_from=today())
    form.item.flags.required = True
    item = find_item(items, form.item.data or "")
    form.attributes.of(item)
    if form.validate_on_submit() and (command := _free_command(form, item)):
        return send(form, command, *SENDERS)
    return show("register_free_offer.html", form, items=items, item=item)


def _free_command(form: FreeOfferForm, item: Item | None) -> RegisterOffer | None:
    """The command, or None with the reasons beside the fields."""
    start, end = form.available_from.data, form.available_until.data
    if not form.item.data:
        form.complain("item", "品目を入れてください")
    elif item is None and form.category.data not in CATEGORIES:
        form.complain("category", "品目一覧にない物です。分類を選んでください")
    if end is not None and (end < today() or (start is not None and end < start)):
        form.complain("available_until", "終わりの日を、始まりの日より後で選んでください")
    if form.problems:
        return None
    command = RegisterOffer(
        offer_id=form.new_id("offer"), quantity=form.quantity.data, transport=form.transport.data,
        ships_from=settings().municipality,
        item=item.code if item else None,
        item_name=None if item else form.item.data,
        category=None if item else form.category.data,
        attributes=form.attributes.data or None,
        available_from=start.isoformat() if start else None,
        available_until=end.isoformat() if end else None,
        expires_on=form.expires.text or None)
    return command if form.fits(command) else None
