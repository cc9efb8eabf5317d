"""All open needs and offers with what counts for suggestions, and where the municipalities are."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from moyai_webui.store.projection_tables import Need, Offer, Site
from moyai_webui.store.queries.needs import unexpired
from moyai_webui.store.queries.paging import today
from moyai_webui.suggestions.problem import Demand, Material, Point, Supply


def material(session: Session, now: datetime) -> Material:
    return Material(_demands(session), _supplies(session, now), _centroids(session))


def _demands(session: Session) -> tuple[Demand, ...]:
    found = session.execute(
        select(Need.need_id, Need.item, Need.code6, Need.committed, Need.quantity, Need.priority, Need.attributes,
               Need.needed_by, Need.headcount)
        .where(Need.state == "open", Need.settled.is_(False), Need.committed < Need.quantity).order_by(Need.need_id))
    return tuple(Demand(need_id, item, code6, committed, quantity - committed, priority, attributes,
                        None if needed_by is None else today(needed_by), headcount)
                 for need_id, item, code6, committed, quantity, priority, attributes, needed_by, headcount in found)


def _supplies(session: Session, now: datetime) -> tuple[Supply, ...]:
    """Offers of the catalogue's items: what a free name means is for a person to say."""
    free = Offer.quantity - Offer.withdrawn - Offer.requested
    found = session.execute(
        select(Offer.offer_id, Offer.item, Offer.ships_from, free, Offer.attributes, Offer.available_from,
               Offer.aimed_at)
        .where(Offer.state == "open", Offer.item != "", free > 0, unexpired(today(now))).order_by(Offer.offer_id))
    return tuple(Supply(offer_id, item, ships_from, quantity, attributes, available_from, aimed_at or None)
                 for offer_id, item, ships_from, quantity, attributes, available_from, aimed_at in found)


def _centroids(session: Session) -> dict[str, Point]:
    """The middle of each municipality's sites, in degrees."""
    found = session.execute(select(Site.code6, func.avg(Site.lat), func.avg(Site.lon))
                            .where(Site.lat.is_not(None), Site.lon.is_not(None), Site.retired.is_(False))
                            .group_by(Site.code6))
    return {code6: (float(latitude) / 1e6, float(longitude) / 1e6) for code6, latitude, longitude in found}
