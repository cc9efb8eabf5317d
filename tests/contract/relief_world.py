"""Three municipalities on a ledger in memory, joined through the directory's own commands, and people who act."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from moyai_client.actor_key import ActorKey
from moyai_contracts import keys
from moyai_contracts.api import Actor, Command, canonical, directory, relief
from moyai_contracts.api.command import compose, signing_bytes
from moyai_contracts.api.identifiers import CROCKFORD, check_symbol
from moyai_contracts.contract import MoyaiContract
from moyai_shim import Creator
from moyai_shim.memory import Endorsed, MemoryLedger, make_creator

NANAO, HACHIOJI, OSHIMA = "172022", "132012", "133612"
MSP = {HACHIOJI: "HachiojiMSP", OSHIMA: "OshimaMSP", NANAO: "NanaoMSP"}
SHELTER, SCHOOL, FOREIGN_SITE = "CC0000000504", "CC0000000505", "OS001"
WATER, BLANKET, RETIRED_ITEM = "172022-0001", "172022-0002", "172022-0003"


class Refused(Exception):
    """The contract's no, as it crosses the wire."""

    def __init__(self, status: int, code: str, params: dict[str, Any]) -> None:
        super().__init__(f"{status} {code} {params}")
        self.status, self.code, self.params = status, code, params


@dataclass(frozen=True)
class Person:
    """Who acts, through which service of the own municipality."""

    creator: Creator
    actor: Actor | None = None

    @property
    def account(self) -> str:
        return self.actor.account if self.actor else ""


@dataclass(frozen=True)
class Outcome:
    """A committed command: its result, its event's data and its transaction's validation code."""

    result: dict[str, Any]
    data: dict[str, Any]
    code: str = "VALID"


@dataclass
class World:
    """Ids follow from a counter: two worlds that do the same are the same."""

    ledger: MemoryLedger = field(default_factory=lambda: MemoryLedger(
        MoyaiContract(), organisations=tuple(MSP.values())))
    people: dict[str, Person] = field(default_factory=dict)
    admin_keys: dict[str, ActorKey] = field(default_factory=dict)
    _counter: int = 0

    def ulid(self) -> str:
        """The next id."""
        self._counter += 1
        return _base32(self._counter).rjust(26, "0")

    def package_id(self, prefix: str = "P") -> str:
        """The next package id with a true check symbol."""
        self._counter += 1
        body = _base32(self._counter).rjust(10, "0")
        return prefix + body + check_symbol(body)

    def arguments(self, command: Command, who: Person, *, op: str | None = None,
                  key: ActorKey | None = None) -> list[str]:
        """Chaincode arguments of a command, signed by a key if one is given."""
        message = compose(command, op=op or self.ulid(), actor=who.actor)
        if key is not None:
            message["proof"] = [key.proof(self.ledger.now, who.account)]
            message["proof"][0]["sig"] = key.sign(signing_bytes(command.transaction, message))
        return [command.transaction, canonical.encode(message).decode()]

    def endorse(self, who: Person, command: Command, *, op: str | None = None, at: int | None = None,
                key: ActorKey | None = None) -> Endorsed:
        """A simulated transaction. Raises Refused."""
        endorsed = self.ledger.endorse(who.creator, self.arguments(command, who, op=op, key=key), at=at)
        if endorsed.error is not None:
            raise endorsed.error
        if endorsed.response.is_error:
            refusal = json.loads(endorsed.response.message)
            raise Refused(endorsed.response.status, refusal["code"], refusal["params"])
        return endorsed

    def submit(self, who: Person, command: Command, *, op: str | None = None, at: int | None = None,
               key: ActorKey | None = None) -> Outcome:
        """Carries a command out in a block of its own; a replayed one is not submitted. Raises Refused."""
        endorsed = self.endorse(who, command, op=op, at=at, key=key)
        result = json.loads(endorsed.response.payload)
        if result.get("replayed"):
            assert endorsed.event is None and not endorsed.writes
            return Outcome(result, {})
        (code,) = self.ledger.commit([endorsed])
        assert endorsed.event is not None
        return Outcome(result, json.loads(endorsed.event.payload)["data"], code)

    def query(self, name: str, who: Person | None = None, **arguments: Any) -> Any:
        """The answer to a query. Raises Refused."""
        creator = (who or self.people["clerk"]).creator
        response = self.ledger.evaluate(creator, [name, canonical.encode(arguments).decode()])
        if response.is_error:
            refusal = json.loads(response.message)
            raise Refused(response.status, refusal["code"], refusal["params"])
        return json.loads(response.payload)

    def need(self, need_id: str) -> dict[str, Any]:
        """A need's document."""
        return self.query("relief.get_need", need_id=need_id)

    def offer(self, offer_id: str) -> dict[str, Any]:
        """An offer's document."""
        return self.query("relief.get_offer", offer_id=offer_id)

    def dispatch(self, need_id: str, dispatch_id: str) -> dict[str, Any]:
        """A dispatch's document."""
        return self.query("relief.get_dispatch", need_id=need_id, dispatch_id=dispatch_id)

    def package(self, package_id: str) -> dict[str, Any]:
        """A box's document."""
        return self.query("relief.get_package", package_id=package_id)

    def become_office_approved(self) -> None:
        """七尾市 decides that its shelters may not ask for dispatch alone."""
        municipality = json.loads(self.ledger.state[keys.municipality(NANAO)])
        policy = directory.SetPolicy("office", municipality["rev"])
        self.submit(self.people["admin"], policy, key=self.admin_keys[NANAO])


def make_world() -> World:
    """七尾市 with two open shelters, and people of all roles; 八王子市 and 大島町, which can help."""
    world = World()
    for number, code6 in enumerate((HACHIOJI, OSHIMA, NANAO)):
        _join(world, code6, [HACHIOJI, OSHIMA][:number])
    _people(world)
    admin, foreign = world.people["admin"], world.people["oshima_admin"]
    site = directory.SiteLine
    world.submit(admin, directory.SaveSite((site(SHELTER, 0, "shelter", "和倉小学校", "和倉町"),
                                            site(SCHOOL, 0, "shelter", "田鶴浜小学校", "田鶴浜町"),
                                            site("CLOSED", 0, "shelter", "閉じた避難所", "町"))))
    world.submit(foreign, directory.SaveSite((site(FOREIGN_SITE, 0, "shelter", "元町小学校", "元町"),)))
    item = directory.ItemLine
    world.submit(admin, directory.SaveItem((
        item(WATER, 0, "水", "food", "本", False, attributes=(directory.Attribute("size", ("500mL", "2L")),)),
        item(BLANKET, 0, "毛布", "blanket", "枚", False), item(RETIRED_ITEM, 0, "旧", "other", "個", False))))
    rev = world.query("directory.get_item", item_code=RETIRED_ITEM)["rev"]
    world.submit(admin, directory.SaveItem((item(RETIRED_ITEM, rev, "旧", "other", "個", False, retired=True),)))
    for site_id in (SHELTER, SCHOOL):
        world.submit(world.people["clerk"], relief.SetSiteStatus(NANAO, site_id, True, headcount=120))
    world.submit(foreign, relief.SetSiteStatus(OSHIMA, FOREIGN_SITE, True))
    return world


def _join(world: World, code6: str, members: list[str]) -> None:
    console = Person(make_creator(MSP[code6], "console"))
    node = Person(make_creator(MSP[code6], None, admin=True))
    world.submit(node, directory.RegisterMunicipality(code6, f"市{code6}", MSP[code6]))
    key = ActorKey.generate(world.ulid())
    admin = Person(make_creator(MSP[code6], "console"), Actor(key.account, "A", code6))
    world.submit(console, directory.OpenAccount((directory.AccountLine(key.account, ("A",), code6, "municipality"),)))
    world.submit(admin, directory.RegisterKey(key.public))
    world.submit(console, directory.ConfirmKey(key.account, key.key_id))
    world.admin_keys[code6] = key
    world.people[{NANAO: "admin", HACHIOJI: "hachioji_admin", OSHIMA: "oshima_admin"}[code6]] = admin
    if members:
        document = json.loads(world.ledger.state[keys.municipality(code6)])
        for member in members:
            voter = world.people[{HACHIOJI: "hachioji_admin", OSHIMA: "oshima_admin"}[member]]
            vote = directory.CastVote("municipality", code6, directory.vote_hash(document), "yes")
            world.submit(voter, vote, key=world.admin_keys[member])
        world.submit(world.people["hachioji_admin"], directory.ActivateMunicipality(code6),
                     key=world.admin_keys[HACHIOJI])


def _people(world: World) -> None:
    officials = {"clerk": (NANAO, "C", NANAO), "shelter": (NANAO, "S", f"{NANAO}/{SHELTER}"),
                 "school": (NANAO, "S", f"{NANAO}/{SCHOOL}"), "sender": (HACHIOJI, "C", f"{HACHIOJI}/D-BOSAI"),
                 "colleague": (HACHIOJI, "C", f"{HACHIOJI}/D-BOSAI"),
                 "other_office": (HACHIOJI, "C", f"{HACHIOJI}/D-ZEI"),
                 "oshima_clerk": (OSHIMA, "C", OSHIMA)}
    for name, (code6, role, office) in officials.items():
        account = world.ulid()
        line = directory.AccountLine(account, (role,), office, "municipality")
        world.submit(Person(make_creator(MSP[code6], "console")), directory.OpenAccount((line,)))
        world.people[name] = Person(make_creator(MSP[code6], "webui"), Actor(account, role, office))
    for name, code6 in (("supporter", HACHIOJI), ("neighbour", HACHIOJI), ("islander", OSHIMA)):
        account = world.ulid()
        creator = make_creator(MSP[code6], "webui")
        line = directory.AccountLine(account, ("P",), code6, "person")
        world.submit(Person(creator), directory.OpenAccount((line,)))
        world.people[name] = Person(creator, Actor(account, "P", code6))
    world.people["worker"] = Person(make_creator(MSP[NANAO], "worker"))


def _base32(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 32)
        digits = CROCKFORD[digit] + digits
    return digits or "0"
