"""Our own JSON message: what is read, what is refused, and that the published schema says the same."""
from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moyai_bridge.decoders import DECODERS, Message, Undecodable

DEVICE = "0" * 26
BODY = {"v": 1, "seq": 4711, "at": 1_704_760_200, "registers": {"import": 10, "export": 0, "generation": 7},
        "unit": "Wh", "coefficient": {"n": 1, "d": 10}}


def _decode(body: Any) -> Message:
    return DECODERS["registers"](DEVICE, body if isinstance(body, bytes) else json.dumps(body).encode(), 0)


def test_a_message_is_read() -> None:
    assert _decode(BODY) == Message(DEVICE, 4711, 1_704_760_200, {"import": 10, "export": 0, "generation": 7}, "Wh",
                                    Fraction(1, 10))


@pytest.mark.parametrize(("changes", "reason"), [
    ({"v": 2}, r"data\.v must"), ({"v": True}, r"data\.v must"), ({"seq": -1}, r"data\.seq must"),
    ({"seq": 1.0}, "not an integer"), ({"at": "now"}, r"data\.at must"), ({"registers": {}}, r"data\.registers must"),
    ({"registers": {"heat": 1}}, "heat"), ({"registers": {"import": -1}}, r"data\.registers\.import must"),
    ({"unit": "kWh"}, r"data\.unit must"), ({"coefficient": {"n": 0, "d": 1}}, r"data\.coefficient\.n must"),
    ({"more": 1}, "more"), ({"seq": True}, r"data\.seq must"),
])
def test_what_the_schema_does_not_say_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        _decode(BODY | changes)


@pytest.mark.parametrize("name", BODY)
def test_every_member_must_be_there(name: str) -> None:
    with pytest.raises(Undecodable, match=name):
        _decode({key: value for key, value in BODY.items() if key != name})


@pytest.mark.parametrize("payload", [
    b"", b"[]", b"{", b"\xff", b"9" * 5000, b"[" * 4000, b"9" * 4096, b'{"v":1,"v":1}', b'{"v":NaN}'])
def test_rubbish_is_refused(payload: bytes) -> None:
    with pytest.raises(Undecodable):
        _decode(payload)


@given(st.binary(max_size=200))
@pytest.mark.parametrize("kind", sorted(DECODERS))
def test_no_bytes_break_a_decoder(kind: str, payload: bytes) -> None:
    try:
        found: object = DECODERS[kind](DEVICE, payload, 0)
    except Undecodable as reason:
        found = reason
    assert isinstance(found, (Message, Undecodable))
