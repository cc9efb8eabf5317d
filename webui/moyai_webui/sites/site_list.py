"""Reads 指定緊急避難場所一覧 of 自治体標準オープンデータセット: 39 columns, shortened ones, and the older variant.

Good rows are kept though others are bad: a list of 112 shelters must not wait for one wrong cell.
"""
from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from moyai_contracts.api import schema
from moyai_contracts.api.directory import SiteLine
from moyai_contracts.api.refusals import Refusal
from moyai_webui.sites import cells
from moyai_webui.sites.cells import Unreadable

LARGEST_ROWS = 10_000
HAZARDS = ("洪水", "崖崩れ、土石流及び地滑り", "高潮", "地震", "津波", "大規模な火事", "内水氾濫", "火山現象")

# Field → the headings it goes by, the newer data set first. Headings are compared after `_heading`.
COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("全国地方公共団体コード", "都道府県コード又は市区町村コード", "所在地_全国地方公共団体コード", "市区町村コード"),
    "site_id": ("ID", "NO"),
    "name": ("名称",),
    "kana": ("名称_カナ",),
    "town_id": ("町字ID",),
    "address": ("所在地_連結表記", "住所"),
    "prefecture": ("所在地_都道府県", "都道府県名"),
    "city": ("所在地_市区町村", "市区町村名"),
    "town": ("所在地_町字",),
    "number": ("所在地_番地以下",),
    "building": ("建物名等(方書)", "方書"),
    "latitude": ("緯度",),
    "longitude": ("経度",),
    "phone": ("電話番号",),
    "mail": ("連絡先メールアドレス",),
    "capacity": ("想定収容人数",),
    "district": ("地区", "対象となる町会・自治会"),
} | {f"hazard_{number}": (f"災害種別_{name}",) for number, name in enumerate(HAZARDS)}
REQUIRED = ("site_id", "name")


class UnreadableList(ValueError):
    """The file as a whole cannot be read; the message is the sentence for the person."""


@dataclass(frozen=True)
class ListedSite:
    """A good row: the site (rev 0), the contact's mail for the home database, and what the person should know."""

    row: int
    site: SiteLine
    mail: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class BadRow:
    row: int
    site_id: str
    name: str
    reason: str


@dataclass(frozen=True)
class SiteList:
    """`row` numbers are those a spreadsheet shows: the heading is row 1."""

    sites: tuple[ListedSite, ...]
    errors: tuple[BadRow, ...]
    ignored: tuple[str, ...]  # headings that are not used


def read_site_list(content: bytes, municipality: str) -> SiteList:
    """The rows of a CSV file, for the municipality with this six-digit code.

    Raises UnreadableList when it is no such list at all.
    """
    rows = records(content)
    heading = next(rows, None)
    if heading is None:
        raise UnreadableList("ファイルに何も書かれていません。")
    fields, ignored = fields_of(heading)
    sites: list[ListedSite] = []
    errors: list[BadRow] = []
    seen: dict[str, int] = {}
    for row, record in enumerate(rows, start=2):
        if row > LARGEST_ROWS + 1:
            raise UnreadableList(f"行が多すぎます。{LARGEST_ROWS:,}行までに分けてください。")
        if not any(cell.strip() for cell in record):
            continue
        values = {field: record[at] if at < len(record) else "" for field, at in fields.items()}
        try:
            if len(record) != len(heading):
                raise Unreadable(f"列の数が見出しと違います（見出し{len(heading)}、この行{len(record)}）。")
            listed = _listed(row, values, municipality)
            first = seen.setdefault(listed.site.site_id, row)
            if first != row:
                raise Unreadable(f"{first}行目と同じIDです。")
        except Unreadable as error:
            errors.append(BadRow(row, cells.text(values["site_id"]), cells.text(values["name"]), str(error)))
        else:
            sites.append(listed)
    if not sites and not errors:
        raise UnreadableList("見出しの下に避難所の行がありません。")
    return SiteList(tuple(sites), tuple(errors), ignored)


def records(content: bytes) -> Iterator[list[str]]:
    """The records of a CSV file in UTF-8 (with or without byte order mark) or CP932. Raises UnreadableList."""
    return (record for record, _ in records_as_written(content))


def records_as_written(content: bytes) -> Iterator[tuple[list[str], str]]:
    """The same, each beside its text in the file, with the line break that ends it. Raises UnreadableList."""
    lines = _Lines(decode(content)[0])
    reader = csv.reader(lines, strict=True)
    try:
        for record in reader:
            yield record, lines.taken()
    except csv.Error as error:
        raise UnreadableList(f"{reader.line_num}行目あたりで、CSVとして読めません。引用符（\"）の数を確かめてください。") from error


class _Lines:
    """The lines of a text; keeps those that were read since somebody asked."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self._taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._taken.append(line)
        return line

    def taken(self) -> str:
        taken, self._taken = "".join(self._taken), []
        return taken


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file and its encoding: utf-8-sig, utf-8 or cp932. Raises UnreadableList."""
    if b"\0" in content:
        raise UnreadableList("CSVではないファイルです。表計算ソフトから「CSV UTF-8」で保存してください。")
    for encoding in ("utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8", "cp932"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise UnreadableList("文字コードを読めません。UTF-8またはShift_JISで保存してください。")


def _heading(cell: str) -> str:
    return re.sub(r"\s", "", cells.plain(cell))


def fields_of(heading: list[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each field stands, and the headings that are not used. Raises UnreadableList."""
    names = [_heading(cell) for cell in heading]
    positions: dict[str, int] = {}
    for field, aliases in COLUMNS.items():
        for alias in (_heading(alias) for alias in aliases):
            if names.count(alias) > 1:
                raise UnreadableList(f"見出し「{alias}」が2つあります。")
            if alias in names:
                positions[field] = names.index(alias)
                break
    for field in REQUIRED:
        if field not in positions:
            wanted = "」か「".join(COLUMNS[field])
            raise UnreadableList(f"見出しに「{wanted}」がありません。自治体標準オープンデータセットの列の名前で書いてください。")
    used = set(positions.values())
    return positions, tuple(cells.text(cell) for at, cell in enumerate(heading) if at not in used and cell.strip())


def _listed(row: int, values: Mapping[str, str], municipality: str) -> ListedSite:
    get = _getter(values)
    notes: list[str] = []
    if not _is_own(cells.municipality_code(get("code")), municipality):
        raise Unreadable(f"ほかの自治体のコードです（{cells.plain(get('code'))}）。")
    if not get("code").strip():
        notes.append(f"全国地方公共団体コードが空のため、{municipality}としました。")
    latitude, longitude = cells.coordinates(get("latitude"), get("longitude"))
    if latitude is None:
        notes.append("緯度と経度が空です。")
    phone = cells.phone(get("phone"))
    if phone is None:
        notes.append("電話番号を読めないため、空にしました。")
    mail = cells.mail(get("mail"))
    if mail is None:
        notes.append("連絡先メールアドレスを読めないため、空にしました。")
    indoor, outdoor = cells.capacity(get("capacity"))
    site = SiteLine(
        site_id=cells.site_id(get("site_id")),
        rev=0,
        kind="shelter",
        name=cells.short_text(get("name"), 100, "名称"),
        address=cells.short_text(_address(get), 200, "所在地"),
        kana=cells.short_text(get("kana"), 100, "名称_カナ") or None,
        district=cells.short_text(re.sub(r"[（(][^（()）]*[）)]$", "", get("district").strip()), 100, "地区") or None,
        town_id=cells.short_text(get("town_id"), 20, "町字ID") or None,
        lat=latitude,
        lon=longitude,
        capacity_indoor=indoor,
        capacity_outdoor=outdoor,
        capacity_text=cells.short_text(get("capacity"), 100, "想定収容人数") or None,
        phone=phone or None,
        hazards=tuple(cells.flag(get(f"hazard_{number}"), f"災害種別_{name}") for number, name in enumerate(HAZARDS)),
    )
    _check(site)
    return ListedSite(row, site, mail or "", tuple(notes))


def _getter(values: Mapping[str, str]) -> Callable[[str], str]:
    return lambda field: values.get(field, "")


def _is_own(code: str, municipality: str) -> bool:
    """Five digits are the code without its check digit (then filled up with a zero on the left)."""
    return code in ("", municipality) or code == "0" + municipality[:5]


def _address(get: Callable[[str], str]) -> str:
    address = get("address").strip() or "".join(get(part) for part in ("prefecture", "city", "town", "number"))
    building = get("building").strip()
    return f"{address} {building}" if building else address


def _check(site: SiteLine) -> None:
    """What the contract would refuse is told here, beside the row."""
    if not site.name:
        raise Unreadable("名称がありません。")
    try:
        schema.decode(SiteLine, schema.to_json(site))
    except Refusal as refusal:
        raise Unreadable(f"台帳に入れられない値があります（{refusal.params.get('field', '')}）。") from refusal
