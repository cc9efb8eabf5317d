"""S9: the label PDF: one A4 page a box, its lower part the sender's stub, or sheets of adhesive labels."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import jinja2
import weasyprint
from markupsafe import Markup
from weasyprint.text.fonts import FontConfiguration

from moyai_webui.labels.tracking_code import svg, tracking_address
from moyai_webui.presentation import formats
from moyai_webui.rows import Package

# Characters a line holds → point size: the longest name still has to be read across a hall.
NAME_SIZES = ((9, 46), (14, 34), (24, 26), (40, 22), (100, 13))
QUANTITY_SIZES = ((4, 104), (6, 72), (12, 44))
ITEM_SIZES = ((6, 32), (12, 24), (40, 16))
SHEET_NAME_SIZES = ((8, 15), (14, 11), (100, 8))
MOST_LINES = 5
"""Kinds of goods that one label lists; of more it says how many."""


@dataclass(frozen=True)
class Paper:
    """A sheet of paper; `columns` × `rows` labels, 1 × 1 for the large one."""

    name: str
    words: str
    columns: int = 1
    rows: int = 1

    @property
    def cells(self) -> int:
        return self.columns * self.rows


PAPERS = {paper.name: paper for paper in (
    Paper("a4", "A4の紙（1枚に1箱）"), Paper("sheet12", "ラベル用紙 12面（86.4×42.3mm）", 2, 6),
    Paper("sheet24", "ラベル用紙 24面（66×33.9mm）", 3, 8))}


def label_pdf(packages: Sequence[Package], tracking_url: str, requested_by: str, *, paper: str = "a4",
              first: int = 1, drill: bool = False) -> bytes:
    """The labels of boxes as one PDF. `requested_by` is the office that asked, in words; `first` is the cell where a
    used sheet goes on, from 1; labels of a drill say so.

    Raises AddressTooLong when the tracking address fits no small QR code, KeyError for a paper nobody knows.
    """
    sheet = PAPERS[paper]
    pages = [_page(package, tracking_url) for package in packages]
    if sheet.cells == 1:
        html = template("label.html").render(pages=pages, requested_by=requested_by, drill=drill)
        return print_pdf(html, "label.css")
    cells = [None] * (max(1, min(first, sheet.cells)) - 1) + pages
    sheets = [cells[start:start + sheet.cells] for start in range(0, len(cells), sheet.cells)]
    return print_pdf(template("label_sheet.html").render(sheets=sheets, paper=sheet, drill=drill), "label_sheet.css")


def print_pdf(html: str, style: str) -> bytes:
    """A document of this folder as PDF, in its stylesheet, fonts embedded."""
    fonts = FontConfiguration()
    css = weasyprint.CSS(string=_resource(style), font_config=fonts)
    return bytes(weasyprint.HTML(string=html).write_pdf(stylesheets=[css], font_config=fonts))


def _page(package: Package, tracking_url: str) -> dict[str, object]:
    code = formats.package_code(package.package_id)
    address = tracking_address(tracking_url, package.package_id, package.label_serial)
    first = package.lines[0]
    return {
        "package": package, "line": first, "code": code, "address": address,
        "listed": package.lines[:MOST_LINES], "more": len(package.lines) - MOST_LINES,
        "sheet_name_size": _size(SHEET_NAME_SIZES, package.place.name),
        "qr": Markup(svg(address, code)),
        "name_size": _size(NAME_SIZES, package.place.name),
        "quantity_size": _size(QUANTITY_SIZES, formats.number(first.quantity)),
        "item_size": _size(ITEM_SIZES, first.item.name),
        "sender": package.sender.label,
    }


def _size(sizes: Sequence[tuple[int, int]], text: str) -> int:
    return next((points for most, points in sizes if len(text) <= most), sizes[-1][1])


@lru_cache(maxsize=4)
def template(name: str) -> jinja2.Template:
    """A template of this folder."""
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    environment.filters.update(n=formats.number, expiry=formats.expiry, official=formats.official,
                               full_moment=formats.full_moment, package_code=formats.package_code)
    return environment.from_string(_resource(name))


def _resource(name: str) -> str:
    return (resources.files(__package__) / name).read_text("utf-8")
