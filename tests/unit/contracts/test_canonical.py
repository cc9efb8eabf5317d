"""Canonical JSON: one way to write a value, and nothing that two languages read differently."""
from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moyai_contracts.api import canonical
from moyai_contracts.api.canonical import MAX_INTEGER, NotCanonical

VECTORS = [
    ({}, b"{}"),
    ([], b"[]"),
    ((1, 2), b"[1,2]"),
    ({"b": 1, "a": [True, False]}, b'{"a":[true,false],"b":1}'),
    ({"name": "七尾市"}, '{"name":"七尾市"}'.encode()),
    ("\"\\/\b\f\n\r\t\x1f\x7f", b'"\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7f"'),
    ("\u2028€𝄞", '"\u2028€𝄞"'.encode()),
    (MAX_INTEGER, b"9007199254740991"),
    (-MAX_INTEGER, b"-9007199254740991"),
    ({"a": {"_": 1, "B": 2, "a": 3}}, b'{"a":{"B":2,"_":1,"a":3}}'),
]

REFUSED_VALUES = [None, 1.0, MAX_INTEGER + 1, -MAX_INTEGER - 1, b"bytes", {1: 2}, {"é": 1}, {"a": None}, [1.5],
                  "か\u3099", "\ud800", {"a"}, float("nan")]

REFUSED_TEXTS = ["", "{", "nul", "null", "1.0", "1e3", "-1E-2", "NaN", "Infinity", "-Infinity", '{"a":1,"a":1}',
                 '[{"a":{"b":1,"b":2}}]', '"\\ud800"', '"か\\u3099"', '{"\\u00e9":1}', "9007199254740992", "1" * 5000,
                 "[" * 100_000, '{"a":' * 100_000, "01", "[1,]", "{'a':1}", "\ufeff{}", "1 2", '"\t"', "[null]"]


def _is_nfc(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text)


VALUES = st.recursive(
    st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.text(st.characters(codec="utf-8", max_codepoint=0x2FF)).filter(_is_nfc),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner), max_leaves=20)


@pytest.mark.parametrize(("value", "data"), VECTORS)
def test_a_value_has_these_bytes(value: object, data: bytes) -> None:
    assert canonical.encode(value) == data


@pytest.mark.parametrize("value", REFUSED_VALUES, ids=repr)
def test_what_is_not_canonical_is_not_written(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical.encode(value)


@pytest.mark.parametrize("text", REFUSED_TEXTS, ids=lambda text: text[:20])
def test_what_is_not_canonical_is_not_read(text: str) -> None:
    with pytest.raises(NotCanonical):
        canonical.decode(text)


def test_bytes_that_are_not_text_are_not_read() -> None:
    with pytest.raises(NotCanonical):
        canonical.decode(b'"\xff"')


def test_blanks_and_order_are_free_when_read() -> None:
    assert canonical.decode(' { "b" : 1 , "a" : [ ] } ') == {"b": 1, "a": []}


@given(VALUES)
def test_what_was_written_is_read_back(value: object) -> None:
    assert canonical.decode(canonical.encode(value)) == value


@given(VALUES)
def test_the_same_value_has_the_same_bytes_whatever_was_typed(value: object) -> None:
    data = canonical.encode(value)
    assert canonical.encode(canonical.decode(data)) == data
