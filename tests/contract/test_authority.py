"""Every transaction against every service, role and grade: what the table does not allow is refused."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import Phase, find, settings

from moyai_client.actor_key import ActorKey
from moyai_contracts.api import TRANSACTIONS, Actor, canonical
from moyai_contracts.api.command import LIVE, ROLES, signing_bytes
from moyai_contracts.api.directory import AccountLine, OpenAccount
from moyai_contracts.api.schema import to_json
from tests.contract.authority_table import OF_OFFICIALS, OF_SUPPORTERS, RULES, Rule
from tests.contract.channel import NANAO
from tests.contract.command_shapes import fields
from tests.contract.memory_channel import NODE_ADMIN, MemoryChannel, refused
from tests.contract.scene import Scene, random_id, ulid

SERVICES = ("webui", "console", "worker", "bridge", "auditor", NODE_ADMIN)
ANY = settings(phases=(Phase.generate,), database=None, derandomize=True)
OFFICES = {role: f"{NANAO}/CC0000000504" if role == "S" else NANAO for role in ROLES}


@dataclass(frozen=True)
class Cast:
    """One account of each role, each with a self-registered and a confirmed key."""

    channel: MemoryChannel
    actors: dict[str, Actor]
    keys: dict[str, dict[str, ActorKey]]

    def refusal(self, function: str, content: dict[str, Any], service: str, actor: Actor | None,
                key: ActorKey | None) -> str:
        """The code of the refusal, "" where there is none; nothing is committed."""
        message = {"v": 1, "op": ulid()} | content
        if function.startswith("relief."):
            message["scope"] = LIVE
        if actor:
            message["actor"] = to_json(actor)
        if key and actor:
            message["proof"] = [key.proof(self.channel.now, actor.account)]
            message["proof"][0]["sig"] = key.sign(signing_bytes(function, message))
        access = self.channel.access(NANAO, service)
        answer = access.endorse_raw(function, canonical.encode(message)).response
        return refused(answer).code if answer.is_error else ""


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """Opened and confirmed once; no test commits anything."""
    scene = Scene(MemoryChannel(tmp_path_factory.mktemp("consoles")).bootstrap())
    clerk = scene.official(NANAO, "C")
    actors = {}
    for role in ROLES:
        line = AccountLine(random_id(), (role,), OFFICES[role], "institution")
        if role in "ACSX":
            scene.administer(NANAO, OpenAccount((line,)))
        else:
            scene.submit(NANAO, "webui", OpenAccount((line,)), actor=None if role == "P" else clerk)
        actors[role] = Actor(line.account_id, role, line.office)
    keys = {role: {"self": scene.key(actor), "confirmed": scene.key(actor, confirmed=True)}
            for role, actor in actors.items()}
    assert isinstance(scene.channel, MemoryChannel)
    return Cast(scene.channel, actors, keys)


def cases() -> Iterator[tuple[str, str, dict[str, Any], Rule]]:
    """Transaction, which case of it, well-formed fields, and its rule."""
    for function in sorted(TRANSACTIONS):
        content = find(fields(function), lambda found: True, settings=ANY)
        if function != "directory.open_account":
            yield function, "", content, RULES[function]
            continue
        for case, role, rule in (("residents", "M", RULES[function]), ("officials", "C", OF_OFFICIALS[function]),
                                 ("supporters", "P", OF_SUPPORTERS)):
            line = {"account_id": random_id(), "roles": [role], "office": NANAO, "party": "institution"}
            yield function, case, {"accounts": [line]}, rule


CASES = [pytest.param(function, content, rule, id=f"{function}{'-' + case if case else ''}")
         for function, case, content, rule in cases()]
everything = pytest.mark.parametrize(("function", "content", "rule"), CASES)

# What the business of a command may say to somebody whom the table lets pass.
BUSINESS = {"", "bad_argument", "not_found", "foreign_record", "wrong_state", "stale_revision", "id_reused",
            "time_out_of_range", "label_unknown", "site_closed"}


def test_the_table_knows_every_transaction() -> None:
    assert set(RULES) == set(TRANSACTIONS)


@everything
def test_a_service_without_an_account_does_what_the_table_allows(
        cast: Cast, function: str, content: dict[str, Any], rule: Rule) -> None:
    codes = {service: cast.refusal(function, content, service, None, None) for service in SERVICES}
    assert {service for service, code in codes.items() if code != "not_permitted"} == rule.alone
    assert {codes[service] for service in rule.alone} <= BUSINESS


@everything
def test_an_account_does_what_the_table_allows(
        cast: Cast, function: str, content: dict[str, Any], rule: Rule) -> None:
    codes = {(service, role): cast.refusal(function, content, service, cast.actors[role], cast.keys[role]["confirmed"])
             for service in SERVICES for role in ROLES}
    # A supporter's account is opened by itself alone: it does not exist yet, and none of these is it.
    roles = "" if rule is OF_SUPPORTERS else rule.roles
    allowed = {(service, role) for service in rule.services for role in roles}
    assert {pair for pair, code in codes.items() if code != "not_permitted"} == allowed
    assert {codes[pair] for pair in allowed} <= BUSINESS


@everything
def test_an_act_of_weight_needs_its_key(cast: Cast, function: str, content: dict[str, Any], rule: Rule) -> None:
    if not rule.roles or rule is OF_SUPPORTERS:
        assert rule.grade == "s"
        return
    role, service = rule.roles[0], sorted(rule.services - {"worker"})[0]
    actor, keys = cast.actors[role], cast.keys[role]
    wanted = {"s": (), "k": (None,), "K": (None, keys["self"])}[rule.grade]
    for key in (None, keys["self"], keys["confirmed"]):
        code = cast.refusal(function, content, service, actor, key)
        assert (code == "key_required") is (key in wanted), key
