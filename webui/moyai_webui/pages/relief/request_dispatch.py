"""S6: the receiver asks for a quantity of an offer; this is the match."""
from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from moyai_contracts.api.relief import DispatchLine, NeedLine, Place, ProposeDispatch, ProposedLine, RequestDispatch
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Day, Number, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver
from moyai_webui.pages.relief.asking import MOST, Pair, asks_office, command_of, form_of, sent_pairs
from moyai_webui.pages.relief.choices import hubs, open_sites
from moyai_webui.pages.serving import found, opened, reading, send, settings, show
from moyai_webui.presentation.formats import today
from moyai_webui.reading import NeedFilter, OfferFilter
from moyai_webui.rows import Item, Need, Offer

NEW_NEED = "new:"  # before a site id: a need that the request brings along


class RequestDispatchForm(PageForm):
    to = Select("届け先")
    mapped = Select("品目一覧では")
    quantity = Number("依頼する数量")
    via = Select("経由する集積所")
    ship_by = Day("いつまでに発送してほしいですか")
    accept_difference = BooleanField("種類・サイズの違いを確かめました。この物でよい")


@relief.route("/request_dispatch", methods=["GET", "POST"])
@roles(*RECEIVERS)
def request_dispatch() -> ResponseReturnValue:
    """Of one offer; without `?offer=` of many that are aimed at the person's needs."""
    if asks_office():
        return redirect(url_for("relief.propose_dispatch", **request.args), 303)
    return _asked()


@relief.route("/propose_dispatch", methods=["GET", "POST"])
@roles("S")
def propose_dispatch() -> ResponseReturnValue:
    """The same, where the office decides."""
    if not asks_office():
        return redirect(url_for("relief.request_dispatch", **request.args), 303)
    return _asked()


def _asked() -> ResponseReturnValue:
    return _of_one(found(reading().offer(request.args["offer"]))) if request.args.get("offer") else _of_many()


def _of_many() -> ResponseReturnValue:
    pairs = sent_pairs() if request.method == "POST" or request.args.get("again") else _aimed_pairs()
    form = opened(form_of(pairs))
    if form.validate_on_submit() and (command := command_of(form, pairs)):
        return send(form, command, *RECEIVERS)
    return show("request_many.html", form, pairs=pairs, to_office=asks_office())


def _aimed_pairs() -> tuple[Pair, ...]:
    """Offers that wait for this person's answer, the oldest first; together no more than is missing."""
    page = reading().offers(OfferFilter(aimed_municipality=settings().municipality, aimed_site=person().site_id,
                                        status="open", size=200))
    left: dict[str, int] = {}
    pairs = []
    for offer in reversed(page.rows):
        need = reading().need(offer.aimed_at or "")
        if need is None or need.state != "open":
            continue
        rest = left.setdefault(need.need_id, need.missing)
        if quantity := min(offer.free, rest):
            left[need.need_id] -= quantity
            pairs.append(Pair(offer, need, quantity))
    return tuple(pairs[:MOST])


def _of_one(offer: Offer) -> ResponseReturnValue:
    items = reading().items(settings().municipality)
    form = opened(RequestDispatchForm, to=request.args.get("need") or offer.aimed_at, quantity=_suggestion(offer))
    form.mapped.choices = [("", "選んでください")] + [(item.code, item.name) for item in items]
    item = offer.item or next((entry for entry in items if entry.code == form.mapped.data), None)
    needs = _needs(item, offer)
    form.to.choices = _destinations(needs)
    form.to.flags.required = form.mapped.flags.required = True
    form.via.choices = [("", "避難所へ直接送る"), *((hub.place.site_id, hub.place.name) for hub in hubs())]
    need = next((entry for entry in needs if entry.need_id == form.to.data), None)
    if form.validate_on_submit() and (command := _command(form, offer, item, need)):
        return send(form, command, *RECEIVERS)
    template = "propose_dispatch.html" if asks_office() else "request_dispatch.html"
    return show(template, form, offer=offer, item=item, need=need,
                most=min(offer.free, need.missing) if need else offer.free,
                differs=need is not None and _differs(need, offer))


def _suggestion(offer: Offer) -> int | None:
    need = reading().need(request.args.get("need") or offer.aimed_at or "")
    return min(offer.free, need.missing if need else offer.free) or None


def _needs(item: Item | None, offer: Offer) -> tuple[Need, ...]:
    """The person's open needs of this item, the one the offer was made for first."""
    me = person()
    if item is None:
        return ()
    found_ones = reading().needs(NeedFilter(municipality=settings().municipality, site_id=me.site_id, size=500)).rows
    matching = [need for need in found_ones if need.item.code == item.code and need.missing > 0]
    return tuple(sorted(matching, key=lambda need: need.need_id != offer.aimed_at))


def _destinations(needs: tuple[Need, ...]) -> list[tuple[str, str]]:
    stands = [(need.need_id, f"{need.place.name}（あと{need.missing:,}{need.item.unit}）") for need in needs]
    new = [(NEW_NEED + site.place.site_id, f"{site.place.name}（必要物資にも登録する）") for site in open_sites(person())]
    return [("", "選んでください"), *stands, *new]


def _differs(need: Need, offer: Offer) -> bool:
    """Whether the offer leaves something open that the need asks for, in size or kind."""
    return any(offer.attributes.get(name) != value for name, value in need.attributes.items())


def _command(form: RequestDispatchForm, offer: Offer, item: Item | None,
             need: Need | None) -> RequestDispatch | ProposeDispatch | None:
    """The command for one box, or None with the reasons beside the fields; where the office decides, a proposal."""
    quantity = form.quantity.data
    new_site = (form.to.data or "").removeprefix(NEW_NEED) if (form.to.data or "").startswith(NEW_NEED) else ""
    if need is None and new_site not in [site.place.site_id for site in open_sites(person())]:
        form.complain("to", "届け先を選んでください")
    if need is not None and not is_receiver(person(), need.place):
        abort(403)
    if item is None:
        form.complain("mapped", "品目一覧のどれにあたるかを選んでください")
    if quantity > offer.free:
        form.complain("quantity", f"提供できる残りは{offer.free:,}です。{offer.free:,}以下にしてください")
    elif need is not None and quantity > need.missing:
        form.complain("quantity", f"足りないのは{need.missing:,}{need.item.unit}です")
    if need is not None and _differs(need, offer) and not form.accept_difference.data:
        form.complain("accept_difference", "種類・サイズが違います。この物でよいかを確かめてください")
    if form.ship_by.data is not None and form.ship_by.data < today():
        form.complain("ship_by", "今日より後の日を選んでください")
    if form.problems or item is None:
        return None
    need_id = need.need_id if need else form.new_id("need")
    new_need = None if need else NeedLine(need_id=need_id, site=new_site, item=item.code, quantity=quantity,
                                          attributes=dict(offer.attributes) or None)
    line = ProposedLine(
        dispatch_id=form.new_id("dispatch"), offer_id=offer.offer_id, need_id=need_id, quantity=quantity,
        new_need=new_need, ship_by=form.ship_by.data.isoformat() if form.ship_by.data else None,
        mapped_item=item.code if offer.item is None else None,
        accept_difference=True if form.accept_difference.data else None, route=_route(form))
    command = ProposeDispatch(dispatches=(line,)) if asks_office() else RequestDispatch(dispatches=(
        DispatchLine(package_id=form.new_package_id("package"), **vars(line)),))
    return command if form.fits(command) else None


def _route(form: RequestDispatchForm) -> tuple[Place, ...] | None:
    """The hub that the box shall pass, if one was chosen."""
    known = {hub.place.site_id for hub in hubs()}
    return (Place(settings().municipality, form.via.data),) if form.via.data in known else None
