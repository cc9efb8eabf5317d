"""The totals as files: CSV of one table, a workbook and a PDF of all."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

import jinja2
import pandas
import weasyprint
from weasyprint.text.fonts import FontConfiguration

from moyai_webui.presentation import formats
from moyai_webui.totals.tables import Table

# What somebody named an item may begin like a formula: it stays a text.
WORKBOOK_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False}
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(table: Table) -> bytes:
    """UTF-8 with a byte order mark, for the spreadsheet program that clerks open it with."""
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(table.header)
    writer.writerows([_harmless(cell) for cell in row] for row in table.rows)
    return held.getvalue().encode("utf-8-sig")


def to_workbook(about: Iterable[tuple[str, str]], tables: Iterable[Table]) -> bytes:
    """An Excel workbook: first what it shows (label and value: filter, time of the data), then a sheet a table."""
    held = io.BytesIO()
    with pandas.ExcelWriter(held, engine="xlsxwriter", engine_kwargs={"options": WORKBOOK_OPTIONS}) as workbook:
        _sheet(workbook, Table("この表について", ("こと", "内容"), tuple(about)))
        for table in tables:
            _sheet(workbook, table)
    return held.getvalue()


def to_pdf(title: str, about: Iterable[tuple[str, str]], tables: Iterable[Table]) -> bytes:
    """A4 across; the header of a table is repeated on every page."""
    html = _template().render(title=title, about=tuple(about), tables=tuple(tables))
    fonts = FontConfiguration()
    style = weasyprint.CSS(string=_resource("totals.css"), font_config=fonts)
    return weasyprint.HTML(string=html).write_pdf(stylesheets=[style], font_config=fonts)


def _sheet(workbook: pandas.ExcelWriter, table: Table) -> None:
    frame = pandas.DataFrame(list(table.rows), columns=list(table.header))
    frame.to_excel(workbook, sheet_name=table.name, index=False, freeze_panes=(1, 0))
    sheet = workbook.sheets[table.name]
    for number, name in enumerate(table.header):
        longest = max([len(name), *(len(str(row[number])) for row in table.rows)])
        sheet.set_column(number, number, min(2 * longest + 2, 60))


def _harmless(cell: str | int) -> str | int:
    """A text that a spreadsheet would take for a formula is marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    environment.filters.update(n=formats.number)
    return environment.from_string(_resource("totals.html"))


def _resource(name: str) -> str:
    return (resources.files(__package__) / name).read_text("utf-8")
