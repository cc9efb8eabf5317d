"""S3 and S4: offer a quantity, for a need that stands or because one could give it."""
from __future__ import annotations

from datetime import timedelta

from flask import request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.directory import CATEGORIES
from moyai_contracts.api.relief import RegisterOffer
from moyai_webui.access import SENDERS, roles
from moyai_webui.forms.amounts import Kinds
from moyai_webui.forms.fields import BestBefore, Choice, Day, Line, Number, Select, best_before_parts
from moyai_webui.forms.form import PageForm
from moyai_webui.forms.newcomer import NewcomerFields
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.choices import find_item
from moyai_webui.pages.relief.first_offer import send_offer
from moyai_webui.pages.serving import found, opened, reading, settings, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import day, today
from moyai_webui.rows import Item, Need

UNTIL_BEFORE_FROM = "終わりの日を、始まりの日より後で選んでください"


class OfferForNeedForm(NewcomerFields, PageForm):
    quantity = Number("提供できる数量")
    expires = BestBefore("賞味期限", required=False)
    ship_day = Choice("発送できる日", choices=[("today", "今日"), ("tomorrow", "明日"), ("other", "日を選ぶ")])
    ship_from = Day("発送できる日")
    available_until = Day("いつまで送れますか")
    transport = Choice("運び方", choices=list(vocabulary.TRANSPORTS.items()))


class FreeOfferForm(NewcomerFields, PageForm):
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
@roles(*SENDERS, visitors=True)
def register_offer() -> ResponseReturnValue:
    if need_id := request.args.get("need"):
        return _for_need(found(reading().need(need_id)))
    return _free()


def _for_need(need: Need) -> ResponseReturnValue:
    stops = [intake for intake in reading().intakes(need.place.code)
             if intake.stops(need.place.code, need.item.code)]
    form = opened(OfferForNeedForm, quantity=need.open or None, ship_day="tomorrow", transport="own")
    form.expires.needed = form.expires.flags.required = need.item.category in ("food", "infant_milk")
    if form.validate_on_submit():
        if not stops and (command := _aimed_command(form, need)):
            if (answer := send_offer(form, command)) is not None:
                return answer
    tomorrow = today() + timedelta(days=1)
    return show("register_offer.html", form, need=need, stops=stops,
                days={"today": day(today()), "tomorrow": day(tomorrow)})


def _aimed_command(form: OfferForNeedForm, need: Need) -> RegisterOffer | None:
    """The command, or None with the reasons beside the fields."""
    ships, until = _ship_from(form), form.available_until.data
    if until is not None and until.isoformat() < (ships or today().isoformat()):
        form.complain("available_until", UNTIL_BEFORE_FROM)
    command = RegisterOffer(
        offer_id=form.new_id("offer"), quantity=form.quantity.data, transport=form.transport.data,
        ships_from=settings().municipality, item=need.item.code, attributes=dict(need.attributes) or None,
        aimed_at=need.need_id, available_from=ships, available_until=until.isoformat() if until else None,
        expires_on=form.expires.text or None)
    return command if not form.problems and form.fits(command) else None


def _ship_from(form: OfferForNeedForm) -> str | None:
    near = {"today": today(), "tomorrow": today() + timedelta(days=1)}
    chosen = near.get(form.ship_day.data) or form.ship_from.data
    if chosen is None or chosen < today():
        form.complain("ship_from", "発送できる日を、今日より後で選んでください")
        return None
    return chosen.isoformat()


def _free() -> ResponseReturnValue:
    """`?item=`, `?quantity=` and `?expires=` fill the form: a site's surplus is offered on in one touch."""
    items = reading().items(settings().municipality)
    known = find_item(items, request.args.get("item", ""))
    form = opened(FreeOfferForm, item=known.name if known else None, transport="own", available_from=today(),
                  quantity=request.args.get("quantity", type=int),
                  expires=best_before_parts(request.args.get("expires")))
    form.item.flags.required = True
    item = find_item(items, form.item.data or "")
    form.attributes.of(item)
    chosen_only = bool(request.form.get("choose"))
    if not chosen_only and form.validate_on_submit() and (command := _free_command(form, item)):
        if (answer := send_offer(form, command)) is not None:
            return answer
    stops = [intake for intake in reading().intakes()
             if item is not None and intake.stops(intake.municipality.code, item.code)]
    return show("register_free_offer.html", form, items=items, item=item, stops=stops)


def _free_command(form: FreeOfferForm, item: Item | None) -> RegisterOffer | None:
    """The command, or None with the reasons beside the fields."""
    start, end = form.available_from.data, form.available_until.data
    if not form.item.data:
        form.complain("item", "品目を入れてください")
    elif item is None and form.category.data not in CATEGORIES:
        form.complain("category", "品目一覧にない物です。分類を選んでください")
    if end is not None and (end < today() or (start is not None and end < start)):
        form.complain("available_until", UNTIL_BEFORE_FROM)
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
