"""A match: a quantity of an offer for a need. Whether it may be, and what it becomes when it is asked for."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Sequence

from moyai_contracts import keys
from moyai_contracts.api import schema
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import Place
from moyai_contracts.business_date import japanese_date
from moyai_contracts.relief.bookkeeping import REQUESTED, free, missing
from moyai_contracts.relief.offer_terms import is_expired
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.relief.postings import Postings
from moyai_contracts.relief.states import require_state
from moyai_contracts.transaction import Document, Transaction


@dataclass(frozen=True)
class Match:
    """What is asked for: the ids and the quantity, and on which terms."""
    dispatch_id: str
    need_id: str
    offer_id: str
    quantity: int
    mapped_item: str | None
    accept_difference: bool | None
    ship_by: str | None
    route: list[Document] | None

    def terms(self, offer: Document) -> Document:
        """Members of the dispatch, whatever state it is in."""
        return {"offer_id": self.offer_id, "supporter": offer["supporter"], "home": offer["home"],
                "mapped_item": self.mapped_item, "accept_difference": self.accept_difference or None,
                "quantity": self.quantity, "ship_by": self.ship_by, "route": self.route or None, "shipped": 0}

    def told(self, offer: Document) -> Document:
        """The match in an event."""
        return {"dispatch_id": self.dispatch_id, "need_id": self.need_id, "offer_id": self.offer_id,
                "quantity": self.quantity, "home": offer["home"]}


def route_keys(routes: Iterable[Sequence[Place] | None]) -> Iterable[str]:
    """Keys of the hubs that are named."""
    for route in routes:
        for hub in route or ():
            yield keys.site(hub.code6, hub.site)


def checked_route(tx: Transaction, route: Sequence[Place] | None, need: Document) -> list[Document] | None:
    """The hubs as documents hold them. Raises Refusal `bad_argument` (a hub twice, or the destination), `not_found`,
    `site_closed` (retired)."""
    if route is None:
        return None
    places = [schema.to_json(hub) for hub in route]
    passed = [(hub.code6, hub.site) for hub in route]
    if len(set(passed)) < len(passed) or (need["code6"], need["site_id"]) in passed:
        raise Refusal("bad_argument", field="route")
    for code6, site in passed:
        if tx.need_document(keys.site(code6, site))["retired"]:
            raise Refusal("site_closed", site=f"{code6}/{site}")
    return places


def require_possible(tx: Transaction, match: Match) -> tuple[Document, Document]:
    """Need and offer of a match that could be asked for now.

    Raises Refusal `not_found`, `foreign_record`, `wrong_state`, `offer_expired`, `item_mismatch`, `offer_short` with
    `available`, `need_covered` with `open`.
    """
    need = tx.need_document(keys.need(tx.scope, match.need_id))
    offer = tx.need_document(keys.offer(tx.scope, match.offer_id))
    require_receiver(tx, need["code6"], need["site_id"])
    require_state(need, "open")
    require_state(offer, "open")
    if is_expired(offer, japanese_date(tx.at)):
        raise Refusal("offer_expired", offer_id=match.offer_id)
    _require_same_item(need, offer, match)
    if match.quantity > free(offer):
        raise Refusal("offer_short", available=free(offer), offer_id=match.offer_id)
    if match.quantity > missing(need):
        raise Refusal("need_covered", open=missing(need), need_id=match.need_id)
    return need, offer


def take(tx: Transaction, postings: Postings, match: Match, package_id: str) -> tuple[Document, Document]:
    """Takes the quantity of need and offer and writes the box; gives the members of the dispatch and the event's line.

    Refuses as `require_possible`.
    """
    need, offer = require_possible(tx, match)
    postings.post(REQUESTED, match.quantity, need_id=match.need_id, offer_id=match.offer_id)
    tx.create(keys.package(tx.scope, package_id), {
        "lines": [_package_line(need, offer, match)], "to": {"code6": need["code6"], "site": need["site_id"]},
        "route": match.route or [], "leg": 0, "label_serial": 1, "state": "labelled"})
    members = match.terms(offer) | {"released": 0, "packages": [package_id], "state": "requested"}
    return members, match.told(offer) | {"package_id": package_id}


def _require_same_item(need: Document, offer: Document, match: Match) -> None:
    """The same item, by the catalogue or by the clerk's mapping of a free name; and what the need asks for in
    size or kind the offer states, unless the clerk accepts the difference."""
    offered = offer.get("item") or match.mapped_item
    if offered != need["item"] or match.mapped_item not in (None, need["item"]):
        raise Refusal("item_mismatch", need_id=match.need_id)
    differs = any(offer["attributes"].get(name) != value for name, value in need["attributes"].items())
    if differs and not match.accept_difference:
        raise Refusal("item_mismatch", need_id=match.need_id)


def _package_line(need: Document, offer: Document, match: Match) -> Document:
    fields = {"need_id": match.need_id, "dispatch_id": match.dispatch_id, "item": need["item"],
              "quantity": match.quantity, "expires_on": offer.get("expires_on")}
    return {name: value for name, value in fields.items() if value is not None}
