"""The list that a municipality imported, kept as it was written, and written out again.

Whoever changes nothing gets the same bytes back, extra columns, quotes and line breaks included: the list may be the
municipality's open data, whose other readers compare it too. Only the row of a site that was changed is written anew.
"""
from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moyai_contracts.api.directory import SiteLine
from moyai_webui.rows import Site
from moyai_webui.sites.preview import LABELS, registered_line
from moyai_webui.sites.site_list import HAZARDS, decode, fields_of, read_site_list, records_as_written

STANDARD_COLUMNS = (
    "全国地方公共団体コード", "ID", "名称", "名称_カナ", "名称_英字", "所在地_全国地方公共団体コード", "町字ID", "所在地_連結表記",
    "所在地_都道府県", "所在地_市区町村", "所在地_町字", "所在地_番地以下", "建物名等(方書)", "緯度", "経度", "標高", "電話番号", "内線番号",
    "連絡先メールアドレス", "連絡先FormURL", "連絡先備考（その他、SNSなど）", "郵便番号", "市区町村コード", "地方公共団体名",
    *(f"災害種別_{name}" for name in HAZARDS), "指定避難所との重複", "想定収容人数", "対象となる町会・自治会", "URL", "画像",
    "画像_ライセンス", "備考")
"""指定緊急避難場所一覧 of 自治体標準オープンデータセット, for a municipality that never imported a list."""


@dataclass(frozen=True)
class SourceList:
    """`heading` and the rows as they stand in the file, line break included; rows are (site id, text) in its order."""

    heading: str
    encoding: str  # utf-8-sig, utf-8, cp932
    rows: tuple[tuple[str, str], ...] = ()

    @property
    def newline(self) -> str:
        return self.heading[len(self.heading.rstrip("\r\n")):] or "\r\n"


def source_list(content: bytes, municipality: str) -> SourceList:
    """The good rows of a list. Raises UnreadableList."""
    written = [text for _, text in records_as_written(content)]
    good = read_site_list(content, municipality).sites
    return SourceList(written[0], decode(content)[1],
                      tuple((listed.site.site_id, written[listed.row - 1]) for listed in good))


def merged(kept: SourceList | None, new: SourceList) -> SourceList:
    """A later list replaces an earlier one; with the same heading, rows of sites that it leaves out stay."""
    if kept is None or (kept.heading, kept.encoding) != (new.heading, new.encoding):
        return new
    theirs = {site_id for site_id, _ in new.rows}
    return SourceList(new.heading, new.encoding, new.rows + tuple(
        (site_id, text) for site_id, text in kept.rows if site_id not in theirs))


def to_csv(source: SourceList | None, sites: Iterable[Site], municipality: str) -> bytes:
    """The sites in the columns, order and encoding of the list they came from; sites made here come last."""
    source = source or _standard()
    left = {site.place.site_id: registered_line(site) for site in sites}
    rows = [_row(source, text, line, municipality) for site_id, text in source.rows
            if (line := left.pop(site_id, None)) is not None]
    rows += [_row(source, "", line, municipality) for line in left.values()]
    ended = [text if text.endswith(("\r", "\n")) else text + source.newline for text in rows[:-1]]
    text = "".join([source.heading if source.heading.endswith(("\r", "\n")) or not rows
                    else source.heading + source.newline, *ended, *rows[-1:]])
    return text.encode(source.encoding, "replace")


def _standard() -> SourceList:
    held = io.StringIO()
    csv.writer(held).writerow(STANDARD_COLUMNS)
    return SourceList(held.getvalue(), "utf-8-sig")


def _row(source: SourceList, text: str, line: SiteLine, municipality: str) -> str:
    heading = next(csv.reader(io.StringIO(source.heading, newline="")))
    fields, _ = fields_of(heading)
    cells = next(csv.reader(io.StringIO(text, newline=""))) if text else [""] * len(heading)
    old = _as_read(source, text, municipality) if text else None
    changed = {name for name in LABELS if old is None or _value(old, name) != _value(line, name)}
    if not changed:
        return text
    given = {"site_id": line.site_id, "code": municipality} if old is None else {}
    for field, value in (given | _cells(line, changed)).items():
        if field in fields:
            cells[fields[field]] = value
    held = io.StringIO()
    csv.writer(held, lineterminator=source.newline).writerow(cells)
    return held.getvalue()


def _as_read(source: SourceList, text: str, municipality: str) -> SiteLine:
    """The site that a row says, as the import read it."""
    content = (source.heading + text).encode(source.encoding, "replace")
    return read_site_list(content, municipality).sites[0].site


def _value(line: SiteLine, name: str) -> object:
    """A list says "no hazard" and "hazards unknown" with the same empty cells."""
    value = getattr(line, name)
    if name == "hazards":
        return value if value and any(value) else None
    return None if value == "" else value


def _cells(line: SiteLine, changed: set[str]) -> Mapping[str, str]:
    """Field of the list → what a cell says of it, for what changed."""
    cells = {name: str(getattr(line, name) or "")
             for name in ("name", "kana", "address", "district", "town_id", "phone") if name in changed}
    cells |= {field: _degrees(getattr(line, name)) for field, name in (("latitude", "lat"), ("longitude", "lon"))
              if name in changed}
    if changed & {"capacity_indoor", "capacity_outdoor", "capacity_text"}:
        cells["capacity"] = _capacity(line, changed)
    if "hazards" in changed:
        cells |= {f"hazard_{number}": "1" if flag else "" for number, flag in enumerate(line.hazards or ())}
    return cells


def _capacity(line: SiteLine, changed: set[str]) -> str:
    """The text; where only the numbers changed, they are what is true."""
    if line.capacity_text and "capacity_text" in changed:
        return line.capacity_text
    counts = (("屋内", line.capacity_indoor), ("屋外", line.capacity_outdoor))
    return "／".join(f"{where}{people:,}人" for where, people in counts if people is not None)


def _degrees(micro: int | None) -> str:
    return "" if micro is None else f"{micro / 1_000_000:.6f}".rstrip("0").rstrip(".")
