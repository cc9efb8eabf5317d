"""S10: a list goes out as it came in, byte for byte, except for the rows of sites that were changed here."""
from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable
from pathlib import Path

import pytest

from moyai_contracts.api.directory import SiteLine
from moyai_webui.rows import Place, Site
from moyai_webui.sites.preview import compare
from moyai_webui.sites.site_list import read_site_list
from moyai_webui.sites.source_list import STANDARD_COLUMNS, SourceList, merged, source_list, to_csv

OWN = "172022"
LIST = (Path(__file__).parents[4] / "webui/moyai_webui/demonstration/data/shelters.csv").read_bytes()
TEXT = LIST.decode("utf-8-sig")


def site(line: SiteLine) -> Site:
    """The site as the read model has it once the line was saved."""
    return Site(Place(OWN, "七尾市", line.site_id, line.name, line.kind, line.district or "", line.address), 1,
                line.kana or "", line.town_id or "", line.lat, line.lon, line.capacity_indoor, line.capacity_outdoor,
                line.capacity_text or "", line.phone or "", line.hazards or ())


def registered(content: bytes) -> list[Site]:
    return [site(listed.site) for listed in read_site_list(content, OWN).sites]


def out(content: bytes, sites: Iterable[Site]) -> bytes:
    return to_csv(source_list(content, OWN), sites, OWN)


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("content", [
    LIST, TEXT.encode("utf-8-sig"), TEXT.encode("utf-8"),
    TEXT.replace("\n", "\r\n").encode(), TEXT.rstrip("\n").encode(), TEXT.encode("cp932"),
], ids=["as published", "with a byte order mark", "without one", "windows", "no line break at the end", "CP932"])
def test_s10_who_changes_nothing_gets_the_same_bytes(content: bytes) -> None:
    assert out(content, registered(content)) == content


def test_s10_a_changed_site_changes_its_row_alone() -> None:
    sites = registered(LIST)
    changed = dataclasses.replace(sites[3], place=dataclasses.replace(sites[3].place, name="新しい名前"),
                                  latitude=37_100_000, capacity_indoor=77)
    content = out(LIST, [*sites[:3], changed, *sites[4:]])
    before, after = rows(LIST), rows(content)
    different = [number for number, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    assert different == [4]
    old, new = dict(zip(before[0], before[4])), dict(zip(after[0], after[4]))
    assert (new["名称"], new["緯度"], new["名称_英字"], new["標高"]) == ("新しい名前", "37.1", old["名称_英字"], old["標高"])
    assert new["想定収容人数"].startswith("屋内77人")
    again = compare(read_site_list(content, OWN), [*sites[:3], changed, *sites[4:]])
    assert [[each.label for each in row.differences] for row in again.rows if row.status != "same"] == [["想定収容人数"]]


def test_s10_a_value_that_was_added_here_is_written_out() -> None:
    sites = registered(LIST)
    with_phone = dataclasses.replace(sites[0], phone="0767-53-0000")
    assert b"0767-53-0000" in out(LIST, [with_phone, *sites[1:]])


def test_s10_a_new_site_comes_last_and_a_retired_one_not_at_all() -> None:
    sites = registered(LIST)
    new = site(SiteLine("N1", 0, "shelter", "仮設の避難所", "桜町1"))
    content = out(LIST, [*sites[1:], new])
    found = rows(content)
    assert len(found) == len(rows(LIST)) and found[-1][:2] == ["N1", "仮設の避難所"]
    assert sites[0].place.site_id not in {row[0] for row in found}
    assert content.startswith(LIST[:200]) and b"\n".join(LIST.split(b"\n")[2:20]) in content


def test_s10_without_a_list_the_standard_columns_are_written_and_can_be_read_again() -> None:
    sites = registered(LIST)
    content = to_csv(None, sites, OWN)
    assert tuple(rows(content)[0]) == STANDARD_COLUMNS and len(STANDARD_COLUMNS) == 39
    preview = compare(read_site_list(content, OWN), sites)
    assert not preview.errors and {row.status for row in preview.rows} == {"same"}


def test_s10_a_later_list_with_the_same_heading_keeps_the_other_rows() -> None:
    first = source_list(LIST, OWN)
    one = SourceList(first.heading, first.encoding, (("NEW", "NEW,x\r\n"), first.rows[5]))
    both = merged(first, one)
    assert len(both.rows) == len(first.rows) + 1 and both.rows[:2] == one.rows
    assert merged(first, SourceList("ID,名称\r\n", "utf-8")) == SourceList("ID,名称\r\n", "utf-8")
    assert merged(None, first) == first
