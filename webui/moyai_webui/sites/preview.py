"""What an import would change: each row beside the site that is registered, and the commands that follow."""
from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moyai_contracts.api.directory import SaveSite, SiteLine
from moyai_webui.rows import Site
from moyai_webui.sites.site_list import BadRow, ListedSite, SiteList

SITES_A_COMMAND = 100
LABELS = {
    "name": "名称", "kana": "よみ", "address": "所在地", "district": "地区", "town_id": "町字ID", "lat": "緯度", "lon": "経度",
    "capacity_indoor": "屋内の収容人数", "capacity_outdoor": "屋外の収容人数", "capacity_text": "想定収容人数",
    "phone": "電話番号", "hazards": "対応する災害",
}


@dataclass(frozen=True)
class Difference:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class PreviewRow:
    """`status`: new, changed, same. `site` is what would be saved, with the revision it replaces."""

    row: int
    status: str
    site: SiteLine
    mail: str
    notes: tuple[str, ...]
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Preview:
    rows: tuple[PreviewRow, ...]
    errors: tuple[BadRow, ...]
    ignored: tuple[str, ...]

    def count(self, status: str) -> int:
        return sum(row.status == status for row in self.rows)

    def commands(self) -> tuple[SaveSite, ...]:
        """New and changed sites, at most a hundred a command."""
        lines = [row.site for row in self.rows if row.status != "same"]
        return tuple(SaveSite(sites=tuple(lines[start:start + SITES_A_COMMAND]))
                     for start in range(0, len(lines), SITES_A_COMMAND))


def compare(listed: SiteList, registered: Iterable[Site]) -> Preview:
    """An empty cell leaves the registered value as it is; a retired site is an error, not a revival."""
    known: Mapping[str, Site] = {site.place.site_id: site for site in registered}
    rows: list[PreviewRow] = []
    errors = list(listed.errors)
    for entry in listed.sites:
        site = known.get(entry.site.site_id)
        if site is None:
            rows.append(PreviewRow(entry.row, "new", entry.site, entry.mail, entry.notes))
        elif site.retired:
            errors.append(BadRow(entry.row, entry.site.site_id, entry.site.name, "この避難所は廃止されています。"))
        else:
            rows.append(_against(entry, registered_line(site)))
    return Preview(tuple(rows), tuple(sorted(errors, key=lambda error: error.row)), listed.ignored)


def registered_line(site: Site) -> SiteLine:
    """The registered site in the shape of the command that would save it."""
    return SiteLine(
        site_id=site.place.site_id, rev=site.rev, kind=site.place.kind, name=site.place.name,
        address=site.place.address, kana=site.kana or None,
        district=site.place.district or None, town_id=site.town_id or None, lat=site.latitude, lon=site.longitude,
        capacity_indoor=site.capacity_indoor, capacity_outdoor=site.capacity_outdoor,
        capacity_text=site.capacity_text or None, phone=site.phone or None, hazards=site.hazards or None)


def _against(entry: ListedSite, old: SiteLine) -> PreviewRow:
    given = {name: value for name in LABELS if (value := getattr(entry.site, name)) not in (None, "")}
    merged = dataclasses.replace(old, **given)
    differences = tuple(Difference(label, _shown(getattr(old, name)), _shown(getattr(merged, name)))
                        for name, label in LABELS.items() if getattr(old, name) != getattr(merged, name))
    return PreviewRow(entry.row, "changed" if differences else "same", merged, entry.mail, entry.notes, differences)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "・".join("○" if flag else "×" for flag in value)
    return "（なし）" if value in (None, "") else str(value)
