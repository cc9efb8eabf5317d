"""Package codes that a tired hand types, and offices that cover sites."""
from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moyai_contracts.api.identifiers import (
    CROCKFORD, check_symbol, code6_of, covers, is_package_id, is_site, label_code, package_id, parse_label)

BODIES = st.text(CROCKFORD, min_size=10, max_size=10)
SYMBOLS = st.sampled_from(CROCKFORD)
# 32 symbols, 31 remainders: these two have the same one.
TWINS = {"0", "Z"}


@pytest.mark.parametrize(("body", "symbol"), [
    ("0000000000", "0"), ("1000000000", "1"), ("0000000001", "A"), ("ZZZZZZZZZZ", "0"), ("ABCDEFGHJK", "C")])
def test_a_body_has_this_check_symbol(body: str, symbol: str) -> None:
    assert check_symbol(body) == symbol


@given(BODIES, st.integers(0, 9), SYMBOLS)
def test_s09_a_wrong_symbol_shows(body: str, place: int, symbol: str) -> None:
    wrong = body[:place] + symbol + body[place + 1:]
    assert (check_symbol(wrong) == check_symbol(body)) == ({body[place], symbol} in ({symbol}, TWINS))


@given(BODIES, SYMBOLS)
def test_s09_a_wrong_check_symbol_shows(body: str, symbol: str) -> None:
    assert is_package_id(f"P{body}{symbol}") == (symbol == check_symbol(body))


@given(BODIES, st.integers(0, 9))
def test_s09_two_swapped_symbols_show(body: str, place: int) -> None:
    code = body + check_symbol(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2:]
    pair = {code[place], code[place + 1]}
    # Z is never a check symbol: swapped into that place it shows.
    assert is_package_id(f"P{swapped}") == (len(pair) == 1 or (pair == TWINS and swapped[-1] != "Z"))


def test_a_package_id_is_made_of_chosen_symbols() -> None:
    made = package_id("P", random.Random(1).choice)
    assert is_package_id(made) and made[0] == "P" and made == package_id("P", random.Random(1).choice)
    assert made != package_id("P", random.Random(2).choice)


@pytest.mark.parametrize("text", [
    "", "P", "P0000000000", "X00000000000", "P0000000000U", "p00000000000", "P000000000000"])
def test_this_is_no_package_id(text: str) -> None:
    assert not is_package_id(text)


@pytest.mark.parametrize(("typed", "read"), [
    ("P10000000001", ("P10000000001", None)),
    ("P10000000001-03", ("P10000000001", 3)),
    ("p100 0000 0001", ("P10000000001", None)),
    (" PLOO-OOOO-OOOI-2 ", ("P10000000001", 2)),
    ("HTTPS://NANAO.EXAMPLE/T/P10000000001-12", ("P10000000001", 12)),
    ("https://nanao.example/t/P10000000001-12/", ("P10000000001", 12)),
    ("P10000000002", None),
    ("P10000000001-123", None),
    ("P10000000001-X", None),
    ("荷物", None),
    ("", None),
])
def test_s09_a_typed_label_is_read(typed: str, read: tuple[str, int | None] | None) -> None:
    assert parse_label(typed) == read


@given(BODIES, st.integers(1, 99))
def test_s09_a_label_is_read_as_it_was_printed(body: str, serial: int) -> None:
    package = f"P{body}{check_symbol(body)}"
    assert parse_label(label_code(package, serial)) == (package, serial)


@pytest.mark.parametrize(("office", "site", "covered"), [
    ("172022", "CC1", True), ("172022/D-1", "CC1", True), ("172022/CC1", "CC1", True), ("172022/CC2", "CC1", False),
    ("132012", "CC1", False), ("132012/CC1", "CC1", False)])
def test_an_office_covers_what_lies_below_it(office: str, site: str, covered: bool) -> None:
    assert covers(office, "172022", site) == covered


def test_an_office_is_taken_apart() -> None:
    assert code6_of("172022/CC1") == "172022"
    assert [is_site(office) for office in ("172022", "172022/D-1", "172022/CC1")] == [False, False, True]
