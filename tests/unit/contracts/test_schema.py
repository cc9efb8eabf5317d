"""Shapes as types: what fits, and the field that a refusal names."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from moyai_contracts.api import Refusal, schema
from moyai_contracts.api.schema import Length, OneOf, Pattern, Range, Text


@dataclass(frozen=True)
class Line:
    """An element of a list."""
    quantity: Annotated[int, Range(1, 10)]
    kind: Annotated[str, OneOf(("a", "b"))] = "a"


@dataclass(frozen=True)
class Order:
    """One field of each type."""
    code: Annotated[str, Pattern(r"[0-9]{3}")]
    lines: Annotated[tuple[Line, ...], Length(2)]
    note: Annotated[str, Text(5, 1, public=True)] | None = None
    name: Annotated[str, Text(20)] = ""
    urgent: bool | None = None
    attributes: dict[str, Annotated[str, Text(5, 1)]] | None = None


GOOD: dict[str, Any] = {"code": "123", "lines": [{"quantity": 1}]}


def test_a_shape_becomes_a_dataclass_and_goes_back() -> None:
    full = {"code": "123", "lines": [{"quantity": 1, "kind": "b"}, {"quantity": 10, "kind": "a"}], "note": "はい",
            "name": "一\n二", "urgent": False, "attributes": {"size": "L"}}
    order = schema.decode(Order, full)
    assert order == Order("123", (Line(1, "b"), Line(10)), "はい", "一\n二", False, {"size": "L"})
    assert schema.to_json(order) == full


def test_what_may_be_absent_has_its_default() -> None:
    order = schema.decode(Order, GOOD)
    assert order == Order("123", (Line(1),))
    assert schema.to_json(order) == {"code": "123", "lines": [{"quantity": 1, "kind": "a"}], "name": ""}


@pytest.mark.parametrize(("changes", "field"), [
    ({"code": 123}, "code"), ({"code": "1234"}, "code"), ({"code": "123\n"}, "code"), ({"code": "１２３"}, "code"),
    ({"lines": {}}, "lines"), ({"lines": []}, "lines"), ({"lines": [1]}, "lines[0]"),
    ({"lines": [{"quantity": 0}]}, "lines[0].quantity"), ({"lines": [{"quantity": 11}]}, "lines[0].quantity"),
    ({"lines": [{"quantity": True}]}, "lines[0].quantity"), ({"lines": [{"quantity": "1"}]}, "lines[0].quantity"),
    ({"lines": [{"quantity": 1}, {}]}, "lines[1].quantity"),
    ({"lines": [{"quantity": 1, "kind": "c"}]}, "lines[0].kind"),
    ({"lines": [{"quantity": 1, "x": 1}]}, "lines[0].x"),
    ({"note": ""}, "note"), ({"note": "123456"}, "note"), ({"note": " a"}, "note"), ({"note": "a\u3000"}, "note"),
    ({"name": "a\x00b"}, "name"), ({"name": "a\x1bb"}, "name"), ({"name": "a\x7fb"}, "name"),
    ({"urgent": 1}, "urgent"), ({"urgent": "true"}, "urgent"),
    ({"attributes": []}, "attributes"), ({"attributes": {"size": ""}}, "attributes.size"),
    ({"attributes": {"Size": "L"}}, "attributes"), ({"attributes": {"": "L"}}, "attributes"),
    ({"attributes": {"a\x00": "L"}}, "attributes"), ({"attributes": {"a" * 21: "L"}}, "attributes"),
    ({"attributes": {chr(97 + n): "L" for n in range(21)}}, "attributes"),
    ({"other": 1}, "other"), ({"x" * 500: 1}, "x" * 100),
])
def test_a_wrong_field_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as caught:
        schema.decode(Order, GOOD | changes)
    assert (caught.value.code, caught.value.params, caught.value.status) == ("bad_argument", {"field": field}, 400)


def test_too_long_a_list_says_how_long_it_may_be() -> None:
    with pytest.raises(Refusal) as caught:
        schema.decode(Order, GOOD | {"lines": [{"quantity": 1}] * 3})
    assert (caught.value.code, caught.value.params) == ("too_many", {"max": 2})


@pytest.mark.parametrize("note", ["a@b", "a＠b", "〒926", "1234567", "１２３４５６７"])
def test_p03_words_for_everybody_hold_no_personal_data(note: str) -> None:
    with pytest.raises(Refusal) as caught:
        schema.decode_members({"note": (Annotated[str, Text(100, public=True)], False)}, {"note": f"電話{note}"})
    assert (caught.value.code, caught.value.status) == ("personal_data_suspected", 400)
    assert schema.decode_members({"note": (Annotated[str, Text(100)], False)}, {"note": note}) == {"note": note}
    assert schema.decode_members({"note": (Annotated[str, Text(100, public=True)], False)}, {"note": "123456"})


def test_a_shape_is_described() -> None:
    assert schema.describe(Order) == {
        "code": {"type": "str", "expression": "[0-9]{3}"},
        "lines": {"list": {"fields": {
            "quantity": {"type": "int", "least": 1, "most": 10},
            "kind": {"type": "str", "choices": ["a", "b"], "optional": True}}}, "most": 2, "least": 1},
        "note": {"type": "str", "most": 5, "least": 1, "public": True, "optional": True},
        "name": {"type": "str", "most": 20, "least": 0, "public": False, "optional": True},
        "urgent": {"type": "bool", "optional": True},
        "attributes": {"map": {"type": "str", "most": 5, "least": 1, "public": False}, "optional": True},
    }
