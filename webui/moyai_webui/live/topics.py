"""Which kinds of documents an open page shows: when a block writes one of them, the page has something to fetch."""
from __future__ import annotations

from collections.abc import Mapping

_SUPPLIES = ("need", "site_status", "offer", "dispatch", "package", "discrepancy")

TOPICS: Mapping[str, tuple[str, ...]] = {
    "portal.record": _SUPPLIES,
    "portal.track": ("package", "discrepancy"),
    "relief.arrivals": ("package", "dispatch", "discrepancy"),
    "relief.dispatch": ("dispatch", "package", "discrepancy"),
    "relief.dispatches": ("dispatch", "package"),
    "relief.home": _SUPPLIES,
    "relief.need": ("need", "site_status", "offer", "dispatch", "package"),
    "relief.needs": ("need", "site_status", "offer", "dispatch", "package"),
    "relief.offer": ("offer", "dispatch", "package"),
    "relief.offers": ("offer", "dispatch"),
    "relief.office": _SUPPLIES,
    "relief.open_shelters": ("site", "site_status"),
    "relief.totals": _SUPPLIES,
}
"""Endpoint → tables of the projection. Forms are not here: what somebody types is never touched."""
