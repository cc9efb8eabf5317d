"""Paper for when phones die: blank sheets for needs and receipts, and the boxes that are expected."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from moyai_webui.labels.label import print_pdf, template
from moyai_webui.rows import Item, Package

NEED_ROWS, RECEIPT_ROWS = 14, 14
KINDS = {"needs": "必要物資の用紙", "receipts": "受取の用紙"}


def sheet_pdf(kind: str, *, place: str, municipality: str, items: Sequence[Item], expected: Sequence[Package],
              at: datetime, drill: bool = False) -> bytes:
    """One sheet, `needs` or `receipts`, for a place; that for receipts tells which boxes are expected as of `at`."""
    html = template("sheet.html").render(
        kind=kind, title=KINDS[kind], place=place, municipality=municipality, items=items, expected=expected, at=at,
        rows=range(NEED_ROWS if kind == "needs" else RECEIPT_ROWS), drill=drill)
    return print_pdf(html, "sheet.css")
