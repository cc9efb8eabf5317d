"""The bar of pages by role: at the bottom on a phone, tabs on a desktop, never more than five entries."""
from __future__ import annotations

from dataclasses import dataclass

from moyai_webui.accounts import SignedIn


@dataclass(frozen=True)
class NavigationEntry:
    endpoint: str
    icon: str
    label: str
    sections: tuple[str, ...]  # endpoints whose pages belong to this entry
    hero: bool = False
    badge: str = ""  # key of the count that this role must act on


HOME = NavigationEntry("relief.home", "home", "ホーム", ("relief.home", "relief.set_site_status"))
NEEDS = NavigationEntry("relief.needs", "list", "必要物資", ("relief.needs", "relief.need"))
RECORDS = NavigationEntry("portal.records", "seal", "記録", ("portal.records", "portal.record"))

SHELTER = (
    HOME,
    NEEDS,
    NavigationEntry("relief.scan", "scan", "読み取り", ("relief.scan",), hero=True),
    NavigationEntry("relief.arrivals", "box", "届く物資", ("relief.arrivals",), badge="coming"),
    RECORDS,
)
SENDER = (
    NEEDS,
    NavigationEntry("relief.offers", "plus", "提供する", ("relief.offers", "relief.offer")),
    NavigationEntry("relief.dispatches", "truck", "発送する", ("relief.dispatches", "relief.dispatch"), badge="dispatches"),
    RECORDS,
)
OFFICE = (
    NavigationEntry("relief.office", "home", "状況", ("relief.office", "relief.home", "relief.totals")),
    NEEDS,
    NavigationEntry("relief.offers", "hands", "提供物資", (
        "relief.offers", "relief.offer", "relief.dispatches", "relief.dispatch"), badge="offers"),
    NavigationEntry("relief.arrivals", "box", "到着物資", ("relief.arrivals", "relief.scan")),
    NavigationEntry("directory.manage", "set", "管理", (
        "directory.manage", "directory.accounts", "directory.keys", "directory.day_codes", "directory.sites",
        "directory.import_sites", "directory.items", "portal.mails", "portal.records",
        "portal.record", "eco.devices", "eco.device_file", "eco.device", "eco.reading", "eco.readings", "eco.renew_tag",
        "eco.totals", "eco.month_totals",
        "consortium.audit")),
)
MEMBER = (NavigationEntry("eco.home", "home", "ホーム", ("eco.home", "eco.device", "eco.reading")), RECORDS)
ENTRIES = {"shelter": SHELTER, "sender": SENDER, "office": OFFICE, "member": MEMBER}


def entries(person: SignedIn) -> tuple[NavigationEntry, ...]:
    return ENTRIES[person.duty]


def home_endpoint(person: SignedIn) -> str:
    """Where a person lands after signing in."""
    return {"shelter": "relief.home", "office": "relief.office", "sender": "relief.needs",
            "member": "eco.home"}[person.duty]
