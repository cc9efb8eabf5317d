"""Commands of every shape that the vocabulary allows, for hypothesis."""
from __future__ import annotations

import dataclasses
import typing
from typing import Any, get_args, get_origin

from hypothesis import strategies as st

from moyai_contracts.api import TRANSACTIONS, schema
from moyai_contracts.api.schema import Length, OneOf, Pattern, Range, Text

# No digits: seven in a row are a telephone number. No blanks: a text neither begins nor ends with one.
TEXT = "abあ水"
LONGEST = 3
"""Lists are kept short, so that many can be drawn."""


def fields(function: str) -> st.SearchStrategy[dict[str, Any]]:
    """The business fields of a transaction."""
    return _members(schema.fields_of(TRANSACTIONS[function]))


def _members(known: dict[str, tuple[Any, bool]]) -> st.SearchStrategy[Any]:
    needed = {name: _of(hint) for name, (hint, optional) in known.items() if not optional}
    others = {name: _of(hint) for name, (hint, optional) in known.items() if optional}
    return st.fixed_dictionaries(needed, optional=others)


def _of(hint: Any) -> st.SearchStrategy[Any]:
    constraints: tuple[Any, ...] = ()
    if get_origin(hint) is typing.Annotated:
        hint, *rest = get_args(hint)
        constraints = tuple(rest)
    origin = get_origin(hint)
    if origin is tuple:
        length = next(each for each in constraints if isinstance(each, Length))
        return st.lists(_of(get_args(hint)[0]), min_size=length.least,
                        max_size=max(length.least, min(length.most, LONGEST)))
    if origin is dict:
        return st.dictionaries(st.sampled_from(("size", "kind")), _of(get_args(hint)[1]))
    if dataclasses.is_dataclass(hint):
        return _members(schema.fields_of(typing.cast(type, hint)))
    if hint is bool:
        return st.booleans()
    (constraint,) = constraints
    return _constrained(constraint)


def _constrained(constraint: Any) -> st.SearchStrategy[Any]:
    if isinstance(constraint, Range):
        return st.integers(constraint.least, constraint.most)
    if isinstance(constraint, OneOf):
        return st.sampled_from(constraint.choices)
    if isinstance(constraint, Text):
        return st.text(TEXT, min_size=constraint.least, max_size=min(constraint.most, 10))
    assert isinstance(constraint, Pattern)
    return st.from_regex(constraint.expression, fullmatch=True)
