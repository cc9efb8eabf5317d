"""What is offered, asked for, sent and received in the demonstration; invented, unlike the shelters."""
from __future__ import annotations

from dataclasses import dataclass

from moyai_webui.demonstration.catalogue import (
    BLANKET, FOOD, INFANT_DIAPER, INFANT_MILK, PORTABLE_TOILET, SANITARY_PRODUCT, TOILET_PAPER)

HACHIOJI, OSHIMA = "132012", "133612"
SANNO, MISOGI, KOMARUYAMA, WAKURA, NAKAJIMA = (
    "CC0000000518", "CC0000000504", "CC0000000552", "CC0000000565", "CC0000000598")

REQUESTED, SHIPPED, RECEIVED = "requested", "shipped", "received"


@dataclass(frozen=True)
class Offered:
    """An offer of a municipality: free, or aimed at what a shelter needs. Quantities in the item's base unit."""

    name: str
    home: str
    item: str
    quantity: int
    aimed_at: str = ""  # site id
    expires_on: str | None = None


@dataclass(frozen=True)
class Asked:
    """A part of an offer that a shelter asks for in one box, and how far the box has come; `short` were missing."""

    offer: str
    site: str
    quantity: int
    stage: str
    short: int = 0

    @property
    def label(self) -> str:
        """What the ids of dispatch, box and consignment follow from."""
        return f"{self.offer} {self.site}"


OFFERS = (
    Offered("food", HACHIOJI, FOOD, 500, aimed_at=SANNO, expires_on="2028-03"),
    Offered("blankets", HACHIOJI, BLANKET, 600),
    Offered("toilets", HACHIOJI, PORTABLE_TOILET, 2000),
    Offered("milk", HACHIOJI, INFANT_MILK, 48, expires_on="2027-06-30"),
    Offered("diapers", OSHIMA, INFANT_DIAPER, 29, aimed_at=SANNO),
    Offered("paper", OSHIMA, TOILET_PAPER, 96),
    Offered("sanitary", OSHIMA, SANITARY_PRODUCT, 120, aimed_at=NAKAJIMA),
)

# What is received is received at 山王小学校, whose staff has a demonstration account.
ASKED = (
    Asked("food", SANNO, 400, RECEIVED),
    Asked("blankets", SANNO, 200, RECEIVED, short=6),
    Asked("diapers", SANNO, 29, RECEIVED),
    Asked("blankets", WAKURA, 150, SHIPPED),
    Asked("toilets", MISOGI, 600, SHIPPED),
    Asked("paper", KOMARUYAMA, 20, SHIPPED),
    Asked("toilets", NAKAJIMA, 1000, REQUESTED),
    Asked("milk", WAKURA, 5, REQUESTED),
)
