"""The shape of commands as Python types: decoding JSON into frozen dataclasses, and describing them.

A field's type is `int`, `str` or `bool` (narrowed by a constraint in `Annotated`), a frozen dataclass, a
tuple of one of these, `dict[str, …]`, or one of them `| None`, which means: may be absent.
"""
from __future__ import annotations

import dataclasses
import re
import types
import typing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Union, get_args, get_origin

from moyai_contracts.api.refusals import Refusal

# Seven digits in a row are a telephone number or a postal code, @ a mail address.
_PERSONAL_DATA = re.compile(r"@|＠|[0-9０-９]{7,}|〒")
# Line breaks and tabs stand in published lists; other control characters no database and no page would take.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAP_KEY = re.compile(r"[a-z_]{1,20}")
_MAX_MAP, _MAX_PATH = 20, 100


@dataclass(frozen=True)
class Range:
    """An integer between two bounds, both included."""
    least: int
    most: int


@dataclass(frozen=True)
class Text:
    """A text of `least` to `most` characters; `public`: an official's words, checked for personal data."""
    most: int
    least: int = 0
    public: bool = False


@dataclass(frozen=True)
class Pattern:
    """A text that matches a regular expression as a whole."""
    expression: str


@dataclass(frozen=True)
class OneOf:
    """A text out of a fixed list."""
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Length:
    """A list with `least` to `most` elements; more is `too_many`."""
    most: int
    least: int = 1


@lru_cache(maxsize=None)
def fields_of(cls: type) -> dict[str, tuple[Any, bool]]:
    """Field name → (type, whether it may be absent), in the order of the dataclass."""
    hints = typing.get_type_hints(cls, include_extras=True)
    result = {}
    for field in dataclasses.fields(cls):
        hint = hints[field.name]
        optional = get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)
        if optional:
            hint = next(part for part in get_args(hint) if part is not type(None))
        has_default = field.default is not dataclasses.MISSING
        result[field.name] = (hint, optional or has_default)
    return result


def decode(cls: type, value: Any, path: str = "") -> Any:
    """An instance of dataclass `cls` from decoded JSON.

    Raises Refusal: `bad_argument` with the field, `too_many` with the maximum, `personal_data_suspected`.
    """
    return cls(**decode_members(fields_of(cls), value, path))


def decode_members(known: dict[str, tuple[Any, bool]], value: Any, path: str = "") -> dict[str, Any]:
    """The members of a JSON object, each checked against name → (type, whether it may be absent)."""
    if not isinstance(value, dict):
        raise _bad(path)
    for name in value:
        if name not in known:
            raise _bad(_join(path, name))
    members = {}
    for name, (hint, optional) in known.items():
        if name in value:
            members[name] = _decode(hint, value[name], _join(path, name))
        elif not optional:
            raise _bad(_join(path, name))
    return members


def to_json(value: Any) -> Any:
    """Plain JSON of a dataclass instance; fields that are None are absent."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        members = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {name: to_json(member) for name, member in members if member is not None}
    if isinstance(value, (tuple, list)):
        return [to_json(element) for element in value]
    if isinstance(value, dict):
        return {key: to_json(element) for key, element in value.items()}
    return value


def describe(cls: type) -> dict[str, Any]:
    """The shape of a dataclass as plain JSON, for the golden `api.json`."""
    return describe_members(fields_of(cls))


def describe_members(known: dict[str, tuple[Any, bool]]) -> dict[str, Any]:
    """Name → type and constraints, as plain JSON."""
    return {name: _describe(hint) | ({"optional": True} if optional else {})
            for name, (hint, optional) in known.items()}


def _decode(hint: Any, value: Any, path: str) -> Any:
    constraints: tuple[Any, ...] = ()
    if get_origin(hint) is typing.Annotated:
        hint, *rest = get_args(hint)
        constraints = tuple(rest)
    origin = get_origin(hint)
    if origin is tuple:
        return _decode_list(get_args(hint)[0], value, path, constraints)
    if origin is dict:
        if not isinstance(value, dict) or len(value) > _MAX_MAP or not all(map(_MAP_KEY.fullmatch, value)):
            raise _bad(path)
        return {key: _decode(get_args(hint)[1], element, _join(path, key)) for key, element in value.items()}
    if dataclasses.is_dataclass(hint):
        return decode(typing.cast(type, hint), value, path)
    if type(value) is not hint:
        raise _bad(path)
    for constraint in constraints:
        _check(constraint, value, path)
    return value


def _decode_list(hint: Any, value: Any, path: str, constraints: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _bad(path)
    for constraint in constraints:
        if isinstance(constraint, Length):
            if len(value) > constraint.most:
                raise Refusal("too_many", max=constraint.most)
            if len(value) < constraint.least:
                raise _bad(path)
    return tuple(_decode(hint, element, f"{path}[{index}]") for index, element in enumerate(value))


def _check(constraint: Any, value: Any, path: str) -> None:
    if isinstance(constraint, Range):
        good = constraint.least <= value <= constraint.most
    elif isinstance(constraint, Text):
        good = (constraint.least <= len(value) <= constraint.most and value == value.strip()
                and not _CONTROL.search(value))
        if good and constraint.public and _PERSONAL_DATA.search(value):
            raise Refusal("personal_data_suspected", field=path)
    elif isinstance(constraint, Pattern):
        good = re.fullmatch(constraint.expression, value) is not None
    elif isinstance(constraint, OneOf):
        good = value in constraint.choices
    else:
        raise TypeError(f"{constraint!r} is no constraint of {path}")
    if not good:
        raise _bad(path)


def _describe(hint: Any) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if get_origin(hint) is typing.Annotated:
        hint, *rest = get_args(hint)
        for constraint in rest:
            constraints |= {key: list(value) if isinstance(value, tuple) else value
                            for key, value in dataclasses.asdict(constraint).items()}
    origin = get_origin(hint)
    if origin is tuple:
        return {"list": _describe(get_args(hint)[0])} | constraints
    if origin is dict:
        return {"map": _describe(get_args(hint)[1])} | constraints
    if dataclasses.is_dataclass(hint):
        return {"fields": describe(typing.cast(type, hint))} | constraints
    return {"type": hint.__name__} | constraints


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _bad(path: str) -> Refusal:
    return Refusal("bad_argument", field=path[:_MAX_PATH])
