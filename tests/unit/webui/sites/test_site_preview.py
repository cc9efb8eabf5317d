"""S10: what an import would change, seen before it happens."""
from __future__ import annotations

import dataclasses
from importlib import resources

from moyai_contracts.api.directory import SiteLine
from moyai_webui.rows import Place, Site
from moyai_webui.sites.preview import compare
from moyai_webui.sites.site_list import SiteList, read_site_list

NANAO = "172022"
DATA = resources.files("moyai_webui") / "demonstration" / "data"


def listed() -> SiteList:
    return read_site_list((DATA / "shelters.csv").read_bytes(), NANAO)


def registered(line: SiteLine, **changes: object) -> Site:
    place = Place(NANAO, "七尾市", line.site_id, line.name, line.kind, line.district or "", line.address)
    site = Site(place, 3, line.kana or "", line.town_id or "", line.lat, line.lon, line.capacity_indoor,
                line.capacity_outdoor, line.capacity_text or "", line.phone or "", line.hazards or ())
    return dataclasses.replace(site, **changes)


def test_s10_first_import_is_all_new_in_commands_of_a_hundred() -> None:
    preview = compare(listed(), ())
    assert preview.count("new") == 112
    assert [len(command.sites) for command in preview.commands()] == [100, 12]
    assert all(line.rev == 0 for command in preview.commands() for line in command.sites)


def test_s10_second_import_of_the_same_file_changes_nothing() -> None:
    first = listed()
    preview = compare(first, [registered(entry.site) for entry in first.sites])
    assert preview.count("same") == 112 and preview.commands() == ()


def test_s10_a_changed_site_shows_old_and_new_and_names_its_revision() -> None:
    first = listed()
    sites = [registered(entry.site) for entry in first.sites]
    sites[0] = dataclasses.replace(sites[0], phone="0767-00-0000", capacity_indoor=100)
    preview = compare(first, sites)
    changed = [row for row in preview.rows if row.status == "changed"]
    assert [(difference.label, difference.old, difference.new) for difference in changed[0].differences] == [
        ("屋内の収容人数", "100", "191")]
    assert changed[0].site.rev == 3 and changed[0].site.phone == "0767-00-0000"  # an empty cell keeps the old value
    assert [len(command.sites) for command in preview.commands()] == [1]


def test_s10_a_retired_site_is_not_revived_by_a_list() -> None:
    first = listed()
    preview = compare(first, [registered(first.sites[0].site, retired=True)])
    assert [(error.row, error.reason) for error in preview.errors] == [(2, "この避難所は廃止されています。")]
    assert preview.count("new") == 111
