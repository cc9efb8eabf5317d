"""S1: needs that may be the same as one about to be registered, of the site itself or of the office for it."""
from __future__ import annotations

from collections.abc import Mapping

from moyai_webui.pages.serving import reading
from moyai_webui.reading import NeedFilter
from moyai_webui.rows import Item, Need, Site

SHOWN = 5


def likely_duplicates(site: Site, item: Item, attributes: Mapping[str, str], need_id: str) -> tuple[Need, ...]:
    """Open needs of the same item at this site, or where one of the two is the municipality's office; at most five,
    those of the site first. `need_id` is the one about to be registered."""
    there = reading().needs(NeedFilter(municipality=site.place.code, item=item.code, size=200)).rows
    likely = [need for need in there if need.need_id != need_id and _agree(need.attributes, attributes)
              and (need.place == site.place or "office" in (need.place.kind, site.place.kind))]
    return tuple(sorted(likely, key=lambda need: need.place != site.place)[:SHOWN])


def _agree(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Nothing is asked for in two different sizes or kinds; 「指定なし」 agrees with everything."""
    return all(one[name] == other[name] for name in one.keys() & other.keys())
