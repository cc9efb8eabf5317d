"""The cells of a shelter list: one function a kind of value, each saying in a sentence why it cannot be read."""
from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from moyai_contracts.api.identifiers import SITE_PATTERN

TRUE_MARKS = frozenset({"1", "1.0", "○", "〇", "◯", "●", "TRUE", "YES", "有"})
FALSE_MARKS = frozenset({"", "0", "0.0", "×", "✕", "-", "―", "FALSE", "NO", "無"})
LATITUDES = (Decimal(20), Decimal(46))
LONGITUDES = (Decimal(122), Decimal(154))
LARGEST_CAPACITY = 10_000_000

_DASHES = str.maketrans({dash: "-" for dash in "‐‑‒–—―−ー－ｰ"})


class Unreadable(ValueError):
    """A cell cannot be read; the message is the sentence for the person who made the file."""


def text(cell: str) -> str:
    """A name or address on one line: NFC, line breaks removed, runs of blanks made one."""
    one_line = re.sub(r"[\r\n\v\f]+", "", unicodedata.normalize("NFC", cell))
    return re.sub(r"[ \t\u3000\u00a0]+", " ", one_line).strip()


def plain(cell: str) -> str:
    """A code or number: full-width characters made half-width, blanks at the ends removed."""
    return unicodedata.normalize("NFKC", cell).strip()


def short_text(cell: str, most: int, column: str) -> str:
    value = text(cell)
    if len(value) > most:
        raise Unreadable(f"{column}が長すぎます（{most}文字まで）。")
    return value


def site_id(cell: str) -> str:
    value = plain(cell)
    if not value:
        raise Unreadable("IDがありません。")
    value = re.sub(r"^(\d+)\.0$", r"\1", value)
    if not re.fullmatch(SITE_PATTERN, value):
        raise Unreadable(f"IDは20文字までの英数字で書いてください（{value[:30]}）。")
    return value


def municipality_code(cell: str) -> str:
    """Six digits, or empty. A spreadsheet may have made `172022.0` of it, or eaten the leading zero."""
    value = re.sub(r"\.0$", "", plain(cell))
    if not value:
        return ""
    if not re.fullmatch(r"\d{5,6}", value):
        raise Unreadable(f"全国地方公共団体コードは6桁の数字で書いてください（{value[:20]}）。")
    return value.zfill(6)


def flag(cell: str, column: str) -> bool:
    value = plain(cell).upper()
    if value in TRUE_MARKS:
        return True
    if value in FALSE_MARKS:
        return False
    raise Unreadable(f"{column}は、1か空で書いてください（{value[:20]}）。")


def microdegrees(cell: str, column: str, bounds: tuple[Decimal, Decimal]) -> int | None:
    """Decimal degrees as whole microdegrees; None where the cell is empty."""
    value = plain(cell)
    if not value:
        return None
    try:
        degrees = Decimal(value)
    except InvalidOperation as error:
        raise Unreadable(f"{column}は、37.04826のような数字で書いてください（{value[:30]}）。") from error
    if not degrees.is_finite() or not bounds[0] <= degrees <= bounds[1]:
        raise Unreadable(f"{column}が日本の範囲にありません（{value[:30]}）。")
    return int((degrees * 1_000_000).to_integral_value())


def coordinates(latitude: str, longitude: str) -> tuple[int | None, int | None]:
    lat = microdegrees(latitude, "緯度", LATITUDES)
    lon = microdegrees(longitude, "経度", LONGITUDES)
    if (lat is None) != (lon is None):
        raise Unreadable("緯度と経度は、両方を書くか両方を空にしてください。")
    return lat, lon


def capacity(cell: str) -> tuple[int | None, int | None]:
    """People indoors and outdoors where the text says so clearly, such as 「屋内191人／屋外0人(面積の1/2)」."""
    value = plain(cell)
    return _count("屋内", value), _count("屋外", value)


def phone(cell: str) -> str | None:
    """A telephone number in digits and hyphens, "" for an empty cell, None where it cannot be one."""
    value = re.sub(r"\s", "", plain(cell).translate(_DASHES))
    return value if re.fullmatch(r"[0-9()+-]{0,20}", value) else None


def mail(cell: str) -> str | None:
    """A mail address, "" for an empty cell, None where nobody can be written to by it (「なし」, two addresses)."""
    value = plain(cell)
    return value if re.fullmatch(r"([^\s@<>,;、]+@[^\s@<>,;、]+)?", value) and value.isascii() else None


def _count(where: str, value: str) -> int | None:
    found = re.findall(where + r"\s*:?\s*([0-9][0-9,]{0,12})\s*人", value)
    if len(found) != 1:
        return None
    number = int(found[0].replace(",", ""))
    return number if number <= LARGEST_CAPACITY else None
