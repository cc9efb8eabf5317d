"""People of all roles in three municipalities, sites and items: what relief needs before it begins."""
from __future__ import annotations

from dataclasses import dataclass

from moyai_client.actor_key import ActorKey
from moyai_contracts.api import Actor
from moyai_contracts.api.directory import Attribute, SaveItem

from tests.contract.channel import HACHIOJI, NANAO, OSHIMA
from tests.contract.scene import Scene, item_line


@dataclass(frozen=True)
class Person:
    """Who acts, through which service of the own municipality."""

    code6: str
    service: str
    actor: Actor | None
    keys: tuple[ActorKey, ...] = ()

    @property
    def account(self) -> str:
        """The account's id, "" of a service."""
        return self.actor.account if self.actor else ""


@dataclass(frozen=True)
class Cast:
    """Who and what there is. 七尾市 needs; 八王子市 and 大島町 offer, and 大島町 has a shelter too."""

    people: dict[str, Person]
    shelter: str
    school: str
    closed: str
    foreign_site: str
    hub: str
    water: str
    blanket: str
    retired_item: str


def make_cast(scene: Scene) -> Cast:
    """Opens the accounts, sites and items afresh."""
    shelter, school = scene.site(NANAO), scene.site(NANAO)
    hub = scene.site(NANAO, is_open=False, kind="hub")
    water = scene.item(NANAO, attributes=(Attribute("size", ("500mL", "2L")),))
    return Cast(_people(scene, shelter, school, hub), shelter, school, scene.site(NANAO, is_open=False),
                scene.site(OSHIMA), hub, water, scene.item(NANAO), _retired_item(scene))


def _people(scene: Scene, shelter: str, school: str, hub: str) -> dict[str, Person]:
    people = {"worker": Person(NANAO, "worker", None)}
    for name, code6 in (("admin", NANAO), ("hachioji_admin", HACHIOJI), ("oshima_admin", OSHIMA)):
        actor, key = scene.channel.administrator(code6)
        people[name] = Person(code6, "console", actor, (key,))
    for name, code6, role, office in (
            ("clerk", NANAO, "C", NANAO), ("shelter", NANAO, "S", f"{NANAO}/{shelter}"),
            ("school", NANAO, "S", f"{NANAO}/{school}"), ("hub", NANAO, "S", f"{NANAO}/{hub}"),
            ("second_shift", NANAO, "S", f"{NANAO}/{shelter}"), ("oshima_clerk", OSHIMA, "C", OSHIMA)):
        people[name] = Person(code6, "webui", scene.official(code6, role, office))
    for name, role, office in (("department", "C", f"{NANAO}/D-BOSAI"), ("verifier", "X", NANAO)):
        people[name] = Person(NANAO, "webui", scene.official(NANAO, role, office))
    deputy = scene.official(NANAO, "C")
    people["deputy"] = Person(NANAO, "webui", deputy, (scene.key(deputy),))
    for name, office in (("sender", "D-BOSAI"), ("colleague", "D-BOSAI"), ("other_office", "D-ZEI")):
        people[name] = Person(HACHIOJI, "webui", scene.official(HACHIOJI, "C", f"{HACHIOJI}/{office}"))
    people["company"] = Person(HACHIOJI, "webui", scene.supporter(HACHIOJI, "company"))
    people["town"] = Person(HACHIOJI, "webui", scene.supporter(HACHIOJI, "municipality"))
    for name, code6 in (("supporter", HACHIOJI), ("neighbour", HACHIOJI), ("islander", OSHIMA),
                        ("local", NANAO)):
        people[name] = Person(code6, "webui", scene.supporter(code6, "person"))
    return people


def _retired_item(scene: Scene) -> str:
    code = scene.item(NANAO)
    actor, _ = scene.channel.administrator(NANAO)
    rev = scene.evaluate(NANAO, "directory.get_item", item_code=code)["rev"]
    scene.submit(NANAO, "webui", SaveItem((item_line(code, rev, retired=True),)), actor=actor)
    return code
