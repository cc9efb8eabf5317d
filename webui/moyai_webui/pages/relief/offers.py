"""S5: find an offer."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from moyai_webui.access import EVERYBODY, roles
from moyai_webui.accounts import SignedIn, person
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver, is_sender
from moyai_webui.pages.serving import found, page_number, page_size, reading, settings, show
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import DispatchFilter, OfferFilter

STATUSES = ("open", "asked", "part", "all", "late", "off")


@relief.get("/offers")
@roles(*EVERYBODY)
def offers() -> ResponseReturnValue:
    me = person()
    wanted = wanted_offers(me)
    return show("offers.html", page=reading().offers(wanted), wanted=wanted, as_of=as_of(), statuses_shown=STATUSES,
                intakes=reading().intakes(),
                mine=lambda offer: is_sender(me, offer.sender), receiver=bool({"A", "C", "S"} & set(me.roles)))


@relief.get("/offers/<offer_id>")
@roles(*EVERYBODY)
def offer(offer_id: str) -> ResponseReturnValue:
    record = found(reading().offer(offer_id))
    need = reading().need(record.aimed_at) if record.aimed_at else None
    me = person()
    return show("offer.html", offer=record, need=need, as_of=as_of(),
                dispatches=reading().dispatches(DispatchFilter(offer_id=offer_id, size=50)).rows,
                mine=is_sender(me, record.sender), receiver=bool({"A", "C", "S"} & set(me.roles)),
                for_me=need is not None and is_receiver(me, need.place))


def wanted_offers(me: SignedIn) -> OfferFilter:
    """Everything for receivers; whoever only sends sees the own offers unless the address says otherwise."""
    whose = request.args.get("whose", "all" if {"A", "C", "S"} & set(me.roles) else "own")
    own = settings().municipality
    status = request.args.get("status", "")
    return OfferFilter(
        text=request.args.get("q", "").strip()[:60],
        account=me.account if whose == "own" and me.duty == "sender" else "",
        home=own if whose == "own" and me.duty != "sender" else "",
        aimed_municipality=own if whose == "for_us" else "",
        aimed_site=me.site_id if whose == "for_us" else "",
        category=request.args.get("category", ""),
        status=status if status in STATUSES else "",
        first=me.account if me.duty == "sender" else "",
        page=page_number(),
        size=page_size(),
    )
