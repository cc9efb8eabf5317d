"""Whatever comes in, the contract answers: a result or a refusal with a code, never an exception."""
from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moyai_contracts.api import QUERIES, REFUSALS, TRANSACTIONS, Actor, canonical
from moyai_contracts.api.command import LIVE
from moyai_contracts.api.schema import to_json
from moyai_shim import Response
from tests.contract.authority_table import RULES
from tests.contract.channel import NANAO
from tests.contract.command_shapes import fields
from tests.contract.memory_channel import MemoryChannel

FUNCTIONS = sorted(TRANSACTIONS)
SERVICES = ("webui", "console", "worker", "bridge", "admin")
calm = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

HUGE = "<5000 digits>"
"""Stands for a number that Python does not even read."""
# Each breaks a member of a good command, or happens to be good.
JUNK = [None, True, False, 0, -1, 1.5, 1e300, float("nan"), float("inf"), 2**53, -2**53, 2**64, HUGE, "", " ", "x",
        "\ud800", "か\u3099", "\x00", "\u2028", "𝄞", "0" * 26, "x" * 100_000, "@", [], [[]], [None], {}, {"": 0},
        {"a": {"a": {}}}, [0] * 1000, {"account": "x"}]


class Stage:
    """A ledger in memory, its administrator, and what anybody sends."""

    def __init__(self, channel: MemoryChannel) -> None:
        self.channel = channel
        self.administrator, _ = channel.administrator(NANAO)

    def send(self, service: str, *arguments: str | bytes) -> Response:
        """The answer, checked to be one; an exception of the contract is raised."""
        response = self.channel.access(NANAO, service).endorse_raw(*arguments).response
        check_answer(response)
        return response


def check_answer(response: Response) -> None:
    """A result of at most 200 bytes or a document, or a refusal of the list with its parameters."""
    if not response.is_error:
        canonical.decode(response.payload)
        return
    answer = canonical.decode(response.message)
    assert set(answer) == {"code", "params"}
    assert response.status == REFUSALS[answer["code"]][0]
    assert len(response.message) < 500 and not response.payload


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(MemoryChannel(tmp_path_factory.mktemp("consoles")).bootstrap())


ARGUMENTS = st.lists(st.sampled_from(FUNCTIONS) | st.sampled_from(sorted(QUERIES)) | st.text(max_size=20)
                     | st.binary(max_size=20) | st.sampled_from(["{}", "[]", "null", "[" * 5000, '{"a":' * 3000]),
                     max_size=4)


@calm
@given(ARGUMENTS, st.sampled_from(SERVICES))
def test_any_arguments_are_answered(stage: Stage, arguments: list[str | bytes], service: str) -> None:
    raw = [each.encode("utf-8", "surrogatepass") if isinstance(each, str) else each for each in arguments]
    assert stage.send(service, *raw).status in (200, 400, 403, 404, 409)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(
    inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=10)


@calm
@given(st.sampled_from(FUNCTIONS + sorted(QUERIES)), JSON)
def test_any_json_is_refused_as_a_wrong_shape(stage: Stage, function: str, value: object) -> None:
    if value == {} and function == "directory.get_roster":
        return
    assert stage.send("webui", function, json.dumps(value)).status == 400


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all members inside a JSON value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from places(member, (*path, key))


def spoiled(message: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The message with one member replaced, taken out or added."""
    changed = copy.deepcopy(message)
    *way, last = chance.choice(list(places(changed)))
    parent: Any = changed
    for step in way:
        parent = parent[step]
    act = chance.randrange(4)
    if act == 0 and isinstance(parent, dict):
        del parent[last]
    elif act == 1 and isinstance(parent, dict):
        parent[chance.choice(["", "x", "v", "é", "\x00", "proof", "queued"])] = chance.choice(JUNK)
    else:
        parent[last] = chance.choice(JUNK)
    return changed


def dump(value: Any) -> str:
    """JSON as anybody may send it."""
    return json.dumps(value).replace(json.dumps(HUGE), "9" * 5000)


@pytest.mark.parametrize("function", FUNCTIONS)
@calm
@given(st.data(), st.randoms(use_true_random=False))
def test_a_spoiled_command_is_answered(stage: Stage, function: str, data: st.DataObject, chance: random.Random) -> None:
    message = envelope(function, data.draw(fields(function)), stage.administrator)
    service = "webui"
    if not RULES[function].roles:  # only services send it: as one of them it comes past the authority
        service = sorted(RULES[function].alone)[0]
        del message["actor"]
    assert stage.send(service, function, dump(spoiled(message, chance))).status in (200, 400, 403, 404, 409)


@calm
@given(st.data(), st.randoms(use_true_random=False))
def test_a_spoiled_query_is_answered(stage: Stage, data: st.DataObject, chance: random.Random) -> None:
    function = data.draw(st.sampled_from(sorted(QUERIES)))
    good = {name: chance.choice(["172022", "CC1", "0" * 26, "0" * 16, "0" * 64, 0]) for name in QUERIES[function]}
    text = dump(spoiled(good, chance) if good else good)
    assert stage.send("auditor", function, text).status in (200, 400, 404)


def envelope(function: str, content: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """A command around business fields."""
    message = {"v": 1, "op": "0" * 26, "actor": to_json(actor)} | content
    return message | ({"scope": LIVE} if function.startswith("relief.") else {})
