"""七尾市's real shelters: the published list, and which were open with how many people on one evening."""
from __future__ import annotations

from importlib import resources

from moyai_contracts.api.directory import SiteLine

from moyai_webui.sites.head_counts import HeadCount, HeadCounts, read_head_counts
from moyai_webui.sites.site_list import read_site_list

MUNICIPALITY = "172022"
SHELTERS_FILE = "data/shelters.csv"
OPEN_FILE = "data/open_2024-01-09-1800.csv"


def published_sites() -> tuple[SiteLine, ...]:
    """The sites of the list, read as the page import_sites reads an upload. Raises ValueError for a bad row."""
    listed = read_site_list(_content(SHELTERS_FILE), MUNICIPALITY)
    if listed.errors:
        raise ValueError(f"{SHELTERS_FILE}, row {listed.errors[0].row}: {listed.errors[0].reason}")
    return tuple(listed_site.site for listed_site in listed.sites)


def head_counts() -> HeadCounts:
    """The open shelters with their evacuees and the time of counting."""
    return read_head_counts(_content(OPEN_FILE))


def matched(counts: HeadCounts, sites: tuple[SiteLine, ...]) -> tuple[list[HeadCount], list[HeadCount]]:
    """The counts whose id is on the list of sites, and those whose is not."""
    known = {site.site_id for site in sites}
    return ([count for count in counts.sites if count.site_id in known],
            [count for count in counts.sites if count.site_id not in known])


def _content(name: str) -> bytes:
    return resources.files(__package__).joinpath(name).read_bytes()
