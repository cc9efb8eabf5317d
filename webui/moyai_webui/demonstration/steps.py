"""The steps of the demonstration as commands, each with the record that tells whether it was done before."""
from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from moyai_contracts.api import Command
from moyai_contracts.api.directory import SaveSite, SiteLine
from moyai_contracts.api.relief import (
    DispatchLine, NeedLine, ReceivedLine, ReceivePackage, RegisterNeed, RegisterOffer, RequestDispatch, SetSiteStatus,
    ShipConsignment, ShippedPackage)

from moyai_webui.demonstration import catalogue, scenario, shelters
from moyai_webui.demonstration.identifiers import package_id, ulid
from moyai_webui.demonstration.scenario import ASKED, OFFERS, Asked, Offered
from moyai_webui.sites.head_counts import HeadCount

ADMINISTRATOR, CLERK, SHELTER_STAFF = "A", "C", "S"
MOST_SITES_A_COMMAND = 100
CARRIER = "own_vehicle"
URGENT_ITEMS = frozenset({catalogue.FOOD, catalogue.BLANKET, catalogue.INFANT_MILK, catalogue.PORTABLE_TOILET})


@dataclass(frozen=True)
class Step:
    """A command of a municipality in one of its roles; `query` finds what it leaves, or is refused as not_found."""

    municipality: str
    role: str
    command: Command
    label: str
    query: str
    arguments: dict[str, Any]
    records: int = 1

    @property
    def op(self) -> str:
        """The operation id, always the same for this step."""
        return ulid(f"{self.command.transaction} {self.label}")

    def done(self, found: dict[str, Any]) -> bool:
        """Whether the record that the query found shows this step; a box stands before it is received."""
        return self.query != "relief.get_package" or "receipt" in found


def need_id(site: str, item: str) -> str:
    """The need of a shelter for an item."""
    return ulid(f"need {site} {item}")


def offer_id(name: str) -> str:
    """An offer of the scenario."""
    return ulid(f"offer {name}")


def save_sites(sites: Sequence[SiteLine]) -> Iterator[Step]:
    """七尾市 registers its shelters."""
    for start in range(0, len(sites), MOST_SITES_A_COMMAND):
        lines = tuple(sites[start:start + MOST_SITES_A_COMMAND])
        yield Step(shelters.MUNICIPALITY, ADMINISTRATOR, SaveSite(lines), f"from {lines[0].site_id}",
                   "directory.get_site", {"code6": shelters.MUNICIPALITY, "site_id": lines[0].site_id}, len(lines))


def open_sites(counts: Sequence[HeadCount], counted_at: int) -> Iterator[Step]:
    """七尾市 opens shelters with their head-counts."""
    for count in counts:
        command = SetSiteStatus(shelters.MUNICIPALITY, count.site_id, True, count.people, counted_at)
        yield Step(shelters.MUNICIPALITY, CLERK, command, count.site_id, "relief.get_site_status",
                   {"code6": shelters.MUNICIPALITY, "site_id": count.site_id})


def register_needs(counts: Sequence[HeadCount]) -> Iterator[Step]:
    """What the people of each open shelter need for a day."""
    items = catalogue.common_items()
    for count in counts:
        lines = tuple(NeedLine(need_id(count.site_id, item.item_code), count.site_id, item.item_code, quantity,
                               priority="urgent" if item.item_code in URGENT_ITEMS else "normal",
                               headcount=count.people)
                      for item in items if (quantity := catalogue.wanted(item, count.people)))
        yield Step(shelters.MUNICIPALITY, CLERK, RegisterNeed(lines), count.site_id, "relief.get_need",
                   {"need_id": lines[0].need_id}, len(lines))


def register_offers() -> Iterator[Step]:
    """八王子市 and 大島町 offer."""
    for offer in OFFERS:
        aimed_at = need_id(offer.aimed_at, offer.item) if offer.aimed_at else None
        command = RegisterOffer(offer_id(offer.name), offer.quantity, "own", offer.home, item=offer.item,
                                aimed_at=aimed_at, expires_on=offer.expires_on)
        yield Step(offer.home, CLERK, command, offer.name, "relief.get_offer", {"offer_id": offer_id(offer.name)})


def request_dispatches() -> Iterator[Step]:
    """七尾市 asks for parts of the offers; each becomes a box with a label."""
    for asked in ASKED:
        need = need_id(asked.site, _offer(asked).item)
        line = DispatchLine(ulid(f"dispatch {asked.label}"), package_id(asked.label), offer_id(asked.offer), need,
                            asked.quantity)
        yield Step(shelters.MUNICIPALITY, CLERK, RequestDispatch((line,)), asked.label, "relief.get_dispatch",
                   {"need_id": need, "dispatch_id": line.dispatch_id})


def ship_consignments() -> Iterator[Step]:
    """The senders let boxes leave."""
    for asked in _at_least(scenario.SHIPPED, scenario.RECEIVED):
        consignment = ulid(f"consignment {asked.label}")
        command = ShipConsignment(consignment, (ShippedPackage(package_id(asked.label)),), CARRIER)
        yield Step(_offer(asked).home, CLERK, command, asked.label, "relief.get_consignment",
                   {"consignment_id": consignment})


def receive_packages() -> Iterator[Step]:
    """The shelter's staff receive boxes, one of them short."""
    for asked in _at_least(scenario.RECEIVED):
        line = ReceivedLine(ulid(f"dispatch {asked.label}"), asked.quantity - asked.short, asked.short)
        command = ReceivePackage(package_id(asked.label), 1, (line,), int(time.time()), asked.site)
        yield Step(shelters.MUNICIPALITY, SHELTER_STAFF, command, asked.label, "relief.get_package",
                   {"package_id": package_id(asked.label)})


def _at_least(*stages: str) -> list[Asked]:
    return [asked for asked in ASKED if asked.stage in stages]


def _offer(asked: Asked) -> Offered:
    return next(offer for offer in OFFERS if offer.name == asked.offer)
