"""The table of docs/rights.md, cell by cell: every transaction of relief by everybody, as the service itself could send
it; who may not, is refused, and who may, does it."""
from __future__ import annotations

from dataclasses import dataclass

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api import TRANSACTIONS, Command
from moyai_contracts.api.directory import (
    AttestAccount, ChangeAccount, CloseAccount, CloseDrill, ConfirmKey, OpenDrill, ResumeAccount, RetireSite,
    RevokeKey, SuspendAccount)
from moyai_contracts.api.relief import HandOverPackage, PackedLine, PackedPackage, Place, RepackDispatch

from tests.contract.authority_table import ALL, ROWS, RULES, Rule
from tests.contract.channel import NANAO
from tests.contract.relief_commands import MAKE
from tests.contract.relief_story import MemoryStory, Story
from tests.contract.scene import ulid

REFUSALS = {"not_permitted", "foreign_record", "key_required", "not_found"}
PEOPLE = ("admin", "clerk", "deputy", "department", "shelter", "second_shift", "school", "hub", "verifier", "local",
          "oshima_admin", "oshima_clerk", "hachioji_admin", "sender", "other_office", "supporter", "neighbour",
          "islander")
NAMES_NOTHING = ("relief.set_intake", "relief.register_offer")
"""Whoever sends these speaks for the own municipality: there is nobody else's record in them."""


@dataclass(frozen=True)
class Case:
    """Which record a command is about: the supporter's, for the shelter, by way of the hub; `at_hub`: it is there."""

    name: str
    at_hub: bool = False


def may(story: Story, who: str, case: Case, rule: Rule) -> bool:
    """What the table says of a person."""
    person = story[who]
    assert person.actor is not None
    role, site = person.actor.role, person.actor.office.partition("/")[2]
    covers_all = not site or site.startswith("D-")
    here = person.code6 == NANAO
    whose = {
        "own": here or case.name in NAMES_NOTHING,
        "site": here and (covers_all or site == story.cast.shelter),
        "destination": here,
        "office": here and role in "AC",
        "owner": who == "supporter" and not (case.name == "relief.repack_dispatch" and case.at_hub),
        "hub": here and role in "ACS" and (covers_all or site == story.cast.hub) and (
            case.at_hub or case.name == "relief.hand_over_package")}
    return role in rule.roles and (rule.grade == "s" or bool(person.keys)) and any(
        whose[word] for word in rule.records)


def _repacked_at_the_hub(story: Story) -> tuple[str, Command]:
    box = story.request(route=(Place(NANAO, story.cast.hub),))
    story.ship(box)
    story.submit("hub", HandOverPackage(box.package_id, NANAO, story.cast.hub, story.channel.now))
    new = PackedPackage(story.package_id(), (PackedLine(box.dispatch_id, 60),))
    return "hub", RepackDispatch((box.package_id,), (new,))


CASES = {Case(name): make for name, make in MAKE.items()} | {
    Case("relief.repack_dispatch", at_hub=True): _repacked_at_the_hub}


def refusal_of(story: Story, who: str, command: Command) -> str:
    """The code, "" where it goes."""
    try:
        assert not story.submit(who, command).replayed
    except Refused as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}{'-at-the-hub' if case.at_hub else ''}")
def test_p06_everybody_against_every_transaction_of_relief(memory_story: MemoryStory, case: Case) -> None:
    story, rule = memory_story, RULES[case.name]
    allowed = {who for who in PEOPLE if may(story, who, case, rule)}
    assert CASES[case](story)[0] in allowed, "the one whom the other tests let do it"
    _, command = CASES[case](story)
    before = story.state
    codes = {who: refusal_of(story, who, command) for who in PEOPLE if who not in allowed}
    assert set(codes.values()) <= REFUSALS, codes
    assert story.state == before
    told = {who: refusal_of(story, who, CASES[case](story)[1]) for who in allowed}
    assert set(told.values()) == {""}, told


def test_p06_the_table_has_every_transaction_once() -> None:
    assert set(RULES) == set(TRANSACTIONS)
    assert {name.partition(" ")[0] for name in ROWS} == set(TRANSACTIONS)
    assert {case.name for case in CASES} == {name for name in TRANSACTIONS if name.startswith("relief.")}


# Accounts, sites and drills of another municipality

def _account(story: Story) -> str:
    return story["shelter"].account


def _key_of(story: Story) -> tuple[str, str]:
    return story["shelter"].account, story.scene.key(story["shelter"].actor).key_id  # type: ignore[arg-type]


def _suspended(story: Story) -> str:
    story.submit("admin", SuspendAccount(_account(story), ""))
    return _account(story)


def _drill(story: Story) -> str:
    drill = ulid()
    story.submit("admin", OpenDrill(drill, "訓練"))
    return drill


IN_DIRECTORY = {
    "directory.attest_account": ("clerk", "oshima_clerk", lambda s: AttestAccount(
        s["local"].account, "age_65", "2025-04-01")),
    "directory.change_account": ("admin", "hachioji_admin", lambda s: ChangeAccount(_account(s), 1, ("S",))),
    "directory.suspend_account": ("admin", "hachioji_admin", lambda s: SuspendAccount(_account(s), "")),
    "directory.resume_account": ("admin", "hachioji_admin", lambda s: ResumeAccount(_suspended(s), "")),
    "directory.close_account": ("admin", "hachioji_admin", lambda s: CloseAccount(_account(s), "")),
    "directory.confirm_key": ("admin", "hachioji_admin", lambda s: ConfirmKey(*_key_of(s))),
    "directory.revoke_key": ("admin", "hachioji_admin", lambda s: RevokeKey(*_key_of(s))),
    "directory.retire_site": ("admin", "hachioji_admin", lambda s: RetireSite(s.cast.school, 1)),
    "directory.close_drill": ("admin", "hachioji_admin", lambda s: CloseDrill(_drill(s))),
}


@pytest.mark.parametrize("name", IN_DIRECTORY)
def test_p06_nobody_manages_what_is_another_municipalitys(memory_story: MemoryStory, name: str) -> None:
    own, other, make = IN_DIRECTORY[name]
    command = make(memory_story)
    assert "own" in RULES[name].records and memory_story[other].code6 != NANAO
    assert refusal_of(memory_story, other, command) in {"foreign_record", "not_found"}
    assert refusal_of(memory_story, own, command) == ""


def test_p06_the_roles_of_the_table_are_those_that_accounts_have() -> None:
    assert set("".join(rule.roles for rule in RULES.values())) == set(ALL)
