"""The demonstration on the real contracts, in memory."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from moyai_client.directory.accounts import open_official
from moyai_client.directory.bootstrap import bootstrap
from moyai_client.directory.console import Console
from moyai_contracts.api import Actor
from moyai_contracts.api.relief import SetSiteStatus
from moyai_contracts.contract import MoyaiContract
from moyai_shim.memory import MemoryLedger
from moyai_shim.memory.identities import make_creator
from moyai_webui.demonstration import catalogue, scenario, shelters
from moyai_webui.demonstration.identifiers import package_id
from moyai_webui.demonstration.load import Demonstration, Outcome, Town
from moyai_webui.demonstration.steps import need_id, offer_id
from tests.unit.demonstration.memory_client import MemoryClient, profile

MEMBERS = {"132012": ("八王子市", "HachiojiMSP"), "133612": ("大島町", "OshimaMSP"), "172022": ("七尾市", "NanaoMSP")}
SANNO_PEOPLE = 180


class Hearing:
    """A listener that keeps the outcomes."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.steps: list[int] = []

    def begin(self, title: str, total: int) -> None:
        self.steps.append(0)

    def advance(self) -> None:
        self.steps[-1] += 1

    def end(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


@pytest.fixture
def memory() -> MemoryLedger:
    return MemoryLedger(MoyaiContract(), organisations=[msp_id for _, msp_id in MEMBERS.values()], now=1_800_000_000)


@pytest.fixture
def towns(memory: MemoryLedger, tmp_path: Path) -> dict[str, Town]:
    consoles = {code6: _console(memory, code6, tmp_path) for code6 in MEMBERS}
    bootstrap(list(consoles.values()), lambda text: None)
    return {code6: _town(memory, console, tmp_path) for code6, console in consoles.items()}


def _client(memory: MemoryLedger, code6: str, service: str, folder: Path) -> MemoryClient:
    name, msp_id = MEMBERS[code6]
    return MemoryClient(memory, make_creator(msp_id, service), profile(code6, name, msp_id, service, folder))


def _console(memory: MemoryLedger, code6: str, folder: Path) -> Console:
    client: Any = _client(memory, code6, "console", folder)
    return Console(client.profile, client, folder / code6)


def _town(memory: MemoryLedger, console: Console, folder: Path) -> Town:
    client: Any = _client(memory, console.code6, "webui", folder)
    offices = {"C": console.code6, "S": f"{console.code6}/{scenario.SANNO}"}
    officials = {role: Actor(open_official(console, role, office), role, office) for role, office in offices.items()}
    return Town(client, console, {"A": console.administrator()[0]} | officials)


def _play(towns: dict[str, Town]) -> Hearing:
    hearing = Hearing()
    Demonstration(towns, hearing).play()
    return hearing


def test_the_whole_story_is_recorded(memory: MemoryLedger, towns: dict[str, Town]) -> None:
    heard = _play(towns)
    assert [(outcome.recorded, outcome.standing) for outcome in heard.outcomes] == [
        (112, 0), (29, 0), (8, 0), (8 * 29, 0), (len(scenario.OFFERS), 0), (len(scenario.ASKED), 0), (6, 0), (3, 0)]
    assert all(transaction.code == "VALID" for block in memory.blocks for transaction in block.transactions)


def test_running_it_again_changes_nothing(memory: MemoryLedger, towns: dict[str, Town]) -> None:
    first = _play(towns)
    blocks, state = len(memory.blocks), memory.state
    again = _play(towns)
    assert len(memory.blocks) == blocks
    assert memory.state == state
    assert [(outcome.recorded, outcome.standing) for outcome in again.outcomes] == [
        (0, outcome.recorded) for outcome in first.outcomes]


def test_what_people_did_in_between_stays(memory: MemoryLedger, towns: dict[str, Town]) -> None:
    _play(towns)
    town = towns[shelters.MUNICIPALITY]
    town.ledger.submit(SetSiteStatus(shelters.MUNICIPALITY, scenario.SANNO, True, 12), town.actors["C"])
    _play(towns)
    status = town.ledger.evaluate("relief.get_site_status", {"code6": shelters.MUNICIPALITY, "site_id": scenario.SANNO})
    assert status["headcount"] == 12


def test_needs_follow_from_the_head_counts(towns: dict[str, Town]) -> None:
    _play(towns)
    ledger = towns[shelters.MUNICIPALITY].ledger
    for item in catalogue.common_items():
        assert item.per_person is not None
        need = ledger.evaluate("relief.get_need", {"need_id": need_id(scenario.SANNO, item.item_code)})
        exact = SANNO_PEOPLE * item.per_person.n / item.per_person.d
        assert need["headcount"] == SANNO_PEOPLE
        assert exact <= need["quantity"] < exact + 1


def test_one_box_is_short_and_its_need_open_again(towns: dict[str, Town]) -> None:
    _play(towns)
    ledger = towns[shelters.MUNICIPALITY].ledger
    short = next(asked for asked in scenario.ASKED if asked.short)
    box = ledger.evaluate("relief.get_package", {"package_id": package_id(short.label)})
    need = ledger.evaluate("relief.get_need", {"need_id": need_id(short.site, catalogue.BLANKET)})
    offer = ledger.evaluate("relief.get_offer", {"offer_id": offer_id(short.offer)})
    assert box["state"] == "received"
    assert sum(line["short"] for line in box["receipt"]["lines"]) == short.short
    assert need["committed"] == short.quantity - short.short
    assert offer["requested"] == sum(asked.quantity for asked in scenario.ASKED if asked.offer == short.offer)


def test_every_item_is_a_common_one_with_its_own_kind(towns: dict[str, Town]) -> None:
    _play(towns)
    items = [towns["132012"].ledger.evaluate("directory.get_item", {"item_code": item.item_code})
             for item in catalogue.common_items()]
    assert {item["state"] for item in items} == {"active"}
    assert [item["name"] for item in items] == [
        "食料", "毛布", "乳児用ミルク", "乳児・小児用おむつ", "大人用おむつ", "携帯・簡易トイレ", "トイレットペーパー", "生理用品"]
    assert len({item["category"] for item in items}) == 8


def test_every_open_shelter_is_on_the_published_list() -> None:
    matched, unknown = shelters.matched(shelters.head_counts(), shelters.published_sites())
    assert (len(matched), unknown) == (29, [])
