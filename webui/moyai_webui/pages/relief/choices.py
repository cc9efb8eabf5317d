"""The sites and items that forms offer."""
from __future__ import annotations

from moyai_webui.accounts import SignedIn
from moyai_webui.pages.serving import reading, settings
from moyai_webui.rows import Item, Site

MOST_SITES = 500


def open_sites(me: SignedIn) -> tuple[Site, ...]:
    """The sites a person may act for: the shelter's own one, or every open one of the municipality."""
    own = settings().municipality
    if me.site_id:
        site = reading().site(own, me.site_id)
        return (site,) if site else ()
    return reading().sites(own, opened=True, size=MOST_SITES).rows


def hubs() -> tuple[Site, ...]:
    """集積所 of the municipality, through which boxes may go."""
    return reading().sites(settings().municipality, kind="hub", size=MOST_SITES).rows


def site_choices(sites: tuple[Site, ...]) -> list[tuple[str, str]]:
    """Values and words of a select; with a first line that asks, unless there is only one."""
    return [("", "選んでください")] * (len(sites) > 1) + [(site.place.site_id, site.place.name) for site in sites]


def find_item(items: tuple[Item, ...], typed: str) -> Item | None:
    """The catalogue's item of this name or code."""
    return next((item for item in items if typed in (item.name, item.code)), None)


def guide(item: Item | None, site: Site | None) -> int | None:
    """目安: pieces for everybody there for one day, rounded up."""
    if item is None or item.per_person is None or site is None or site.status is None or not site.status.headcount:
        return None
    pieces, people = item.per_person
    return -(-site.status.headcount * pieces // people) or None


def one_line(text: str | None) -> str:
    """A note as the ledger keeps it."""
    return " ".join((text or "").split())
