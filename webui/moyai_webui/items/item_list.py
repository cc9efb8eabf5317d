"""The municipality's own items as CSV, out and in again: who changes nothing gets the same rows back."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from moyai_contracts.api import schema
from moyai_contracts.api.directory import CATEGORIES, ItemLine, SaveItem
from moyai_contracts.api.refusals import Refusal
from moyai_webui.items import cells
from moyai_webui.presentation import vocabulary
from moyai_webui.rows import Item
from moyai_webui.sites.cells import Unreadable, plain, text
from moyai_webui.sites.site_list import BadRow, UnreadableList, records

COLUMNS = ("コード", "名称", "分類", "単位", "入り数", "種類・サイズ", "傷みやすい", "1人1日あたり", "廃止")
REQUIRED = ("名称", "分類", "単位")
LARGEST_ROWS = 2_000
ITEMS_A_COMMAND = 100
_CATEGORIES = {words: key for key, words in vocabulary.CATEGORIES.items()}
LABELS = {"name": "名称", "category": "分類", "packs": "入り数", "attributes": "種類・サイズ", "perishable": "傷みやすい",
          "per_person": "1人1日あたり", "retired": "廃止"}


@dataclass(frozen=True)
class PreviewRow:
    """`status`: new, changed, same; `changed` are the labels of what changes."""

    row: int
    status: str
    item: ItemLine
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    rows: tuple[PreviewRow, ...]
    errors: tuple[BadRow, ...]

    def count(self, status: str) -> int:
        return sum(row.status == status for row in self.rows)

    def commands(self) -> tuple[SaveItem, ...]:
        """New and changed items, at most a hundred a command."""
        lines = [row.item for row in self.rows if row.status != "same"]
        return tuple(SaveItem(tuple(lines[start:start + ITEMS_A_COMMAND]))
                     for start in range(0, len(lines), ITEMS_A_COMMAND))


def to_csv(items: Iterable[Item]) -> bytes:
    """UTF-8 with a byte order mark."""
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(COLUMNS)
    for item in items:
        writer.writerow((item.code, item.name, vocabulary.CATEGORIES[item.category], item.unit,
                         cells.packs_text(item.packs), cells.attributes_text(item.attributes),
                         "1" if item.perishable else "", cells.per_person_text(item.per_person),
                         "1" if item.retired else ""))
    return held.getvalue().encode("utf-8-sig")


def registered_line(item: Item) -> ItemLine:
    """The item in the shape of the command that would save it."""
    return schema.decode(ItemLine, {
        "item_code": item.code, "rev": item.rev, "name": item.name, "category": item.category, "base_unit": item.unit,
        "perishable": item.perishable, "packs": [{"name": name, "per": per} for name, per in item.packs],
        "attributes": [{"key": key, "values": list(values)} for key, values in item.attributes],
        "retired": item.retired} | _optional(item))


def _optional(item: Item) -> dict[str, object]:
    found: dict[str, object] = {}
    if item.per_person is not None:
        found["per_person"] = {"n": item.per_person[0], "d": item.per_person[1]}
    if item.same_as:
        found["same_as"] = item.same_as
    return found


def read(content: bytes, municipality: str, registered: Iterable[Item]) -> Preview:
    """What a file would change in the municipality's own catalogue. Raises UnreadableList."""
    rows = records(content)
    heading = [plain(cell) for cell in next(rows, [])]
    for name in REQUIRED:
        if name not in heading:
            raise UnreadableList(f"見出しに「{name}」がありません。「一覧をCSVで保存」の形で書いてください。")
    known = {item.code: registered_line(item) for item in registered}
    codes = _Codes(municipality, known)
    found: list[PreviewRow] = []
    errors: list[BadRow] = []
    for row, record in enumerate(rows, start=2):
        if row > LARGEST_ROWS + 1:
            raise UnreadableList(f"行が多すぎます。{LARGEST_ROWS:,}行までに分けてください。")
        values = dict(zip(heading, record))
        if not any(cell.strip() for cell in record):
            continue
        try:
            line = _line(values, codes)
            found.append(_against(row, line, known.get(line.item_code)))
        except Unreadable as error:
            errors.append(BadRow(row, plain(values.get("コード", "")), text(values.get("名称", "")), str(error)))
    if not found and not errors:
        raise UnreadableList("見出しの下に品目の行がありません。")
    return Preview(tuple(found), tuple(errors))


class _Codes:
    """Hands out the next free code to a row that has none, and looks that none comes twice."""

    def __init__(self, municipality: str, known: Iterable[str]) -> None:
        self._municipality = municipality
        self._taken = set(known)
        self._seen: set[str] = set()

    def take(self, cell: str) -> str:
        code = plain(cell) or next_code(self._municipality, self._taken)
        if not code.startswith(f"{self._municipality}-"):
            raise Unreadable(f"ほかの自治体や共通の品目のコードです（{code[:20]}）。")
        if code in self._seen:
            raise Unreadable(f"同じコードの行があります（{code}）。")
        self._seen.add(code)
        self._taken.add(code)
        return code


def next_code(municipality: str, taken: Iterable[str]) -> str:
    """The code after the highest of the municipality's own."""
    numbers = [int(code.partition("-")[2]) for code in taken if code.startswith(f"{municipality}-")]
    return f"{municipality}-{max(numbers, default=0) + 1:04}"


def _line(values: Mapping[str, str], codes: _Codes) -> ItemLine:
    category = text(values["分類"])
    key = _CATEGORIES.get(category) or (category if category in CATEGORIES else "")
    if not key:
        raise Unreadable(f"分類は、{'・'.join(_CATEGORIES)}のどれかで書いてください（{category[:20]}）。")
    if not text(values["名称"]) or not text(values["単位"]):
        raise Unreadable("名称と単位を書いてください。")
    line = ItemLine(
        item_code=codes.take(values.get("コード", "")), rev=0, name=text(values["名称"]), category=key,
        base_unit=text(values["単位"]), perishable=cells.yes(values.get("傷みやすい", ""), "傷みやすい"),
        packs=cells.packs(values.get("入り数", "")), attributes=cells.attributes(values.get("種類・サイズ", "")),
        per_person=cells.per_person(values.get("1人1日あたり", "")), retired=cells.yes(values.get("廃止", ""), "廃止"))
    try:
        return schema.decode(ItemLine, schema.to_json(line))
    except Refusal as refusal:
        raise Unreadable(f"台帳に入れられない値があります（{refusal.params.get('field', '')}）。") from refusal


def _against(row: int, line: ItemLine, old: ItemLine | None) -> PreviewRow:
    if old is None:
        return PreviewRow(row, "new", line)
    if line.base_unit != old.base_unit:
        raise Unreadable(f"使われている単位は変えられません（{old.base_unit} → {line.base_unit}）。新しい品目にしてください。")
    line = replace(line, rev=old.rev, same_as=old.same_as)
    changed = tuple(label for name, label in LABELS.items() if getattr(line, name) != getattr(old, name))
    return PreviewRow(row, "changed" if changed else "same", line, changed)
