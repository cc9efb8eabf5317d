"""Identifiers: ULIDs, account ids, package and label codes, offices."""
from __future__ import annotations

from typing import Callable

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ULID_PATTERN = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
RANDOM_26_PATTERN = r"[0-9A-HJKMNP-TV-Z]{26}"
CODE6_PATTERN = r"[0-9]{6}"
SITE_PATTERN = r"[A-Za-z0-9_-]{1,20}"
OFFICE_PATTERN = rf"{CODE6_PATTERN}(/(D-[A-Za-z0-9-]{{1,18}}|{SITE_PATTERN}))?"
ITEM_PATTERN = r"[0-9]{6}-[0-9]{4}"
PACKAGE_PATTERN = r"[PT][0-9A-HJKMNP-TV-Z]{11}"
MAX_SITE_LENGTH = 20

# What a tired hand writes for a symbol that Crockford's alphabet leaves out.
_LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})


def package_id(prefix: str, choose: Callable[[str], str]) -> str:
    """A package id: `P` (live) or `T` (drill), ten symbols from `choose(alphabet)`, one check symbol."""
    body = "".join(choose(CROCKFORD) for _ in range(10))
    return prefix + body + check_symbol(body)


def check_symbol(body: str) -> str:
    """Sum of position × symbol value mod 31, in the same alphabet: finds every single wrong symbol and every
    swap of neighbours, but for 0 against Z."""
    return CROCKFORD[sum(place * CROCKFORD.index(symbol) for place, symbol in enumerate(body, 1)) % 31]


def is_package_id(text: str) -> bool:
    """Whether `text` is twelve symbols with a true check symbol."""
    return (len(text) == 12 and text[0] in "PT" and all(symbol in CROCKFORD for symbol in text[1:])
            and check_symbol(text[1:11]) == text[11])


def label_code(package: str, serial: int) -> str:
    """What stands on the label: package id, hyphen, two-digit serial."""
    return f"{package}-{serial:02}"


def parse_label(text: str) -> tuple[str, int | None] | None:
    """Package id and serial (None where it was left out) of a typed or scanned label; None when it is none.

    Blanks, hyphens inside the code, lower case and look-alike letters are forgiven; a whole tracking address
    is taken at its last part.
    """
    compact = text.strip().upper().rstrip("/").rsplit("/", 1)[-1]
    symbols = "".join(symbol for symbol in compact if symbol.isalnum())
    if not symbols or not symbols.isascii():
        return None
    code = symbols[0] + symbols[1:12].translate(_LOOK_ALIKES)
    serial = symbols[12:].translate(_LOOK_ALIKES)
    if not is_package_id(code) or (serial and not (serial.isdigit() and len(serial) <= 2)):
        return None
    return code, int(serial) if serial else None


def code6_of(office: str) -> str:
    """The municipality of an office: `172022/CC0000000504` → `172022`."""
    return office[:6]


def is_site(office: str) -> bool:
    """Whether an office is a site, neither a municipality nor one of its departments."""
    part = office.partition("/")[2]
    return bool(part) and not part.startswith("D-")


def covers(office: str, code6: str, site: str) -> bool:
    """Whether an office may act for a site: a municipality or department for all below it, a site for itself."""
    own, _, part = office.partition("/")
    return own == code6 and (not part or part.startswith("D-") or part == site)
