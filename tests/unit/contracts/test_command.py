"""The envelope of commands: shape, fingerprint, signed bytes."""
from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from moyai_contracts.api import TRANSACTIONS, Actor, Refusal, canonical, directory, relief
from moyai_contracts.api.command import compose, fingerprint, parse, signing_bytes

OP, OTHER_OP = "01HKP6T3A00000000000000001", "01HKP6T3A00000000000000002"
ACTOR = Actor("0" * 26, "A", "172022")
VOTE = directory.CastVote("item", "000000-0101", "ab" * 32, "yes")
FUNCTION = "directory.cast_vote"
PROOF = {"key": "0123456789abcdef", "signed_at": 1704790800, "sig": "A" * 86}


def message(**changes: Any) -> dict[str, Any]:
    """A good vote with members replaced; None takes one out."""
    changed = compose(VOTE, op=OP, actor=ACTOR) | changes
    return {name: value for name, value in changed.items() if value is not None}


def refusal(function: str, text: bytes | str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(function, text)
    return caught.value


def test_a_command_is_read_back() -> None:
    envelope, command, plain = parse(FUNCTION, canonical.encode(message()))
    assert command == VOTE
    assert (envelope.op, envelope.v, envelope.actor, envelope.scope, envelope.proof) == (OP, 1, ACTOR, None, None)
    assert plain == message()


def test_relief_has_a_scope_and_nothing_else_has() -> None:
    need = relief.ConfirmNeeds("172022", "CC1")
    composed = compose(need, op=OP, actor=ACTOR)
    assert composed["scope"] == "live"
    assert "scope" not in message()
    without = {name: value for name, value in composed.items() if name != "scope"}
    assert refusal("relief.confirm_needs", canonical.encode(without)).params == {"field": "scope"}
    assert refusal(FUNCTION, canonical.encode(message(scope="live"))).params == {"field": "scope"}


@pytest.mark.parametrize(("changes", "code", "params"), [
    ({"v": 2}, "unsupported_version", {"v": 2}),
    ({"v": 0}, "bad_argument", {"field": "v"}),
    ({"v": True}, "bad_argument", {"field": "v"}),
    ({"v": "1"}, "bad_argument", {"field": "v"}),
    ({"op": None}, "bad_argument", {"field": "op"}),
    ({"op": OP.lower()}, "bad_argument", {"field": "op"}),
    ({"op": OP + "0"}, "bad_argument", {"field": "op"}),
    ({"op": "8" + OP[1:]}, "bad_argument", {"field": "op"}),
    ({"scope": "test"}, "bad_argument", {"field": "scope"}),
    ({"actor": "me"}, "bad_argument", {"field": "actor"}),
    ({"actor": {"account": "0" * 26, "role": "A"}}, "bad_argument", {"field": "actor.office"}),
    ({"actor": {"account": "0" * 26, "role": "Q", "office": "172022"}}, "bad_argument", {"field": "actor.role"}),
    ({"actor": None, "proof": [PROOF]}, "bad_argument", {"field": "proof"}),
    ({"proof": []}, "bad_argument", {"field": "proof"}),
    ({"proof": [PROOF] * 3}, "too_many", {"max": 2}),
    ({"proof": [PROOF | {"sig": "A" * 85}]}, "bad_argument", {"field": "proof[0].sig"}),
    ({"proof": [PROOF | {"signed_at": 1.0}]}, "bad_argument", None),
    ({"choice": "maybe"}, "bad_argument", {"field": "choice"}),
    ({"ref": "000000\n"}, "bad_argument", {"field": "ref"}),
    ({"hash": "AB" * 32}, "bad_argument", {"field": "hash"}),
    ({"hash": None}, "bad_argument", {"field": "hash"}),
    ({"extra": 1}, "bad_argument", {"field": "extra"}),
])
def test_a_wrong_shape_is_refused_by_its_field(changes: dict[str, Any], code: str, params: Any) -> None:
    found = refusal(FUNCTION, json.dumps(message(**changes)))
    assert (found.code, found.status) == (code, 400)
    if params is not None:
        assert found.params == params


@pytest.mark.parametrize("text", ["", "[]", "1", "null", '"text"', "{}", '{"v":1,"v":1}', b"\xff"])
def test_what_is_no_object_is_refused(text: bytes | str) -> None:
    assert refusal(FUNCTION, text).code == "bad_argument"


@pytest.mark.parametrize("function", ["", "directory", "directory.drop_all", "cast_vote", "relief.cast_vote"])
def test_an_unknown_function_is_refused(function: str) -> None:
    assert refusal(function, canonical.encode(message())).params == {"field": "function"}


def test_the_fingerprint_is_published() -> None:
    content = {"actor": {"account": "0" * 26, "role": "A", "office": "172022"}, "choice": "yes", "function": FUNCTION,
               "hash": "ab" * 32, "kind": "item", "ref": "000000-0101"}
    assert fingerprint(FUNCTION, message()) == hashlib.sha256(canonical.encode(content)).hexdigest()[:32]
    assert fingerprint(FUNCTION, message()) == "79483cba23e8281933d3d588780734d8"


def test_the_same_request_has_the_same_fingerprint() -> None:
    first = fingerprint(FUNCTION, message())
    assert fingerprint(FUNCTION, message(op=OTHER_OP)) == first
    assert fingerprint(FUNCTION, message(proof=[PROOF])) == first
    others = [message(choice="no"), message(actor=None), message(scope="live"),
              message(actor={"account": "1" * 26, "role": "A", "office": "172022"})]
    prints = {first, *(fingerprint(FUNCTION, other) for other in others)}
    assert len(prints) == len(others) + 1
    assert fingerprint("directory.other", message()) not in prints


def test_what_is_signed_is_all_but_the_signatures() -> None:
    signed = signing_bytes(FUNCTION, message(proof=[PROOF]))
    bare = {name: value for name, value in PROOF.items() if name != "sig"}
    assert signed == canonical.encode(message(proof=[bare]) | {"function": FUNCTION})
    assert signed == signing_bytes(FUNCTION, message(proof=[PROOF | {"sig": "B" * 86}]))
    changed = [message(proof=[PROOF | {"signed_at": 1}]), message(proof=[PROOF | {"key": "f" * 16}]),
               message(op=OTHER_OP, proof=[PROOF]), message(choice="no", proof=[PROOF])]
    assert signed not in [signing_bytes(FUNCTION, other) for other in changed]
    assert signed != signing_bytes("directory.other", message(proof=[PROOF]))


def test_a_signature_for_one_transaction_serves_no_other() -> None:
    """The three have the same fields."""
    commands = [cls("0" * 26, "") for cls in (directory.SuspendAccount, directory.ResumeAccount,
                                              directory.CloseAccount)]
    signed = {signing_bytes(each.transaction, compose(each, op=OP, actor=ACTOR)) for each in commands}
    assert len(signed) == 3


@pytest.mark.parametrize("name", sorted(TRANSACTIONS))
def test_a_command_knows_its_names(name: str) -> None:
    command = TRANSACTIONS[name]
    assert command.transaction == name
    assert command.event.partition(".")[0] == name.partition(".")[0]
    assert command.__doc__ and command.event_data
