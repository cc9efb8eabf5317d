"""The operation of one municipality as messages: what it needs, offers, has asked for, and what is on its way."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from moyai_webui.edxl.messages import Message, Resource, Schedule
from moyai_webui.presentation.formats import JST
from moyai_webui.rows import Dispatch, Need, Offer, Package, Place

PIECE = "個"


def messages(sender: str, sent_at: datetime, version: str, needs: Iterable[Need], offers: Iterable[Offer],
             dispatches: Iterable[Dispatch], boxes: Iterable[Package]) -> tuple[Message, ...]:
    """`version` tells messages of different moments apart: the height of the ledger's copy. An empty one is left out
    when it is written."""
    parts = (("RequestResource", tuple(map(_need, needs))),
             ("OfferUnsolicitedResource", tuple(_offer(offer) for offer in offers if offer.free)),
             ("RequisitionResource", tuple(map(_dispatch, dispatches))),
             ("CommitResource", tuple(resource for box in boxes for resource in _box(box))))
    return tuple(Message(kind, f"{version}-{kind}", sent_at, sender, resources) for kind, resources in parts)


def _need(need: Need) -> Resource:
    detail = "・".join(need.attributes.values())
    return Resource(need.need_id, need.item.code, need.item.name, need.item.category, need.missing, need.item.unit,
                    (Schedule("RequestedArrival", need.needed_by, _words(need.place)),), detail)


def _offer(offer: Offer) -> Resource:
    begin = offer.available_from and datetime.combine(offer.available_from, time(), JST)
    end = offer.available_until and datetime.combine(offer.available_until, time(23, 59, 59), JST)
    schedules = tuple(Schedule(kind, at, offer.ships_from) for kind, at in (
        ("BeginAvailable", begin), ("EndAvailable", end)) if at is not None)
    item, code = offer.item, offer.item.code if offer.item else ""
    return Resource(offer.offer_id, code, item.name if item else offer.item_name, offer.category or "other",
                    offer.free, item.unit if item else PIECE, schedules, "・".join(offer.attributes.values()))


def _dispatch(dispatch: Dispatch) -> Resource:
    schedules = (Schedule("RequestedDeparture", dispatch.ship_by, dispatch.sender.municipality),
                 Schedule("RequestedArrival", None, _words(dispatch.place)))
    return Resource(dispatch.dispatch_id, dispatch.item.code, dispatch.item.name, dispatch.item.category,
                    dispatch.quantity - dispatch.released, dispatch.item.unit, schedules, answers=dispatch.offer_id)


def _box(box: Package) -> Iterable[Resource]:
    """One resource a line; the box's number stands before the line's."""
    schedules = (Schedule("ActualDeparture", box.shipped_at, box.sender.municipality),
                 Schedule("EstimatedArrival", box.expected_on and datetime.combine(box.expected_on, time(), JST),
                          _words(box.place)))
    for number, line in enumerate(box.lines, 1):
        yield Resource(f"{box.package_id}-{number}", line.item.code, line.item.name, line.item.category, line.quantity,
                       line.item.unit, schedules, answers=line.dispatch_id)


def _words(place: Place) -> str:
    return f"{place.municipality} {place.name}"
