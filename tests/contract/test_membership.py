"""How municipalities join and leave; from an empty ledger, so in memory only. The real network joins the same way."""
from __future__ import annotations

from pathlib import Path

import pytest

from moyai_client.actor_key import ActorKey
from moyai_contracts.api import Actor
from moyai_contracts.api.directory import (
    AccountLine, ActivateMunicipality, CastVote, ConfirmKey, DeactivateMunicipality, OpenAccount, RegisterKey,
    RegisterMunicipality, SaveSite, SetPolicy, SiteLine, vote_hash)
from tests.contract.channel import CODES, HACHIOJI, NANAO, OSHIMA
from tests.contract.memory_channel import MSP_IDS, NAMES, NODE_ADMIN, MemoryChannel
from tests.contract.scene import Scene, random_id

SITE = SaveSite((SiteLine("CC1", 0, "shelter", "体育館", "本町1"),))


@pytest.fixture
def empty(tmp_path: Path) -> Scene:
    """A ledger on which nobody has joined."""
    return Scene(MemoryChannel(tmp_path))


def register(scene: Scene, code6: str, service: str = "console") -> None:
    scene.submit(code6, service, RegisterMunicipality(code6, NAMES[code6], MSP_IDS[code6]))


def make_administrator(scene: Scene, code6: str) -> tuple[Actor, ActorKey]:
    """As the bootstrap has it: the console opens the account, registers its key and confirms it."""
    actor = Actor(random_id(), "A", code6)
    scene.submit(code6, "console", OpenAccount((AccountLine(actor.account, ("A",), code6, "institution"),)))
    key = ActorKey.generate(actor.account)
    scene.submit(code6, "console", RegisterKey(key.public), actor=actor)
    scene.submit(code6, "console", ConfirmKey(actor.account, key.key_id))
    return actor, key


def vote(scene: Scene, code6: str, ref: str, who: tuple[Actor, ActorKey], choice: str = "yes") -> None:
    content = vote_hash(scene.evaluate(code6, "directory.get_municipality", code6=ref))
    scene.submit(code6, "console", CastVote("municipality", ref, content, choice), actor=who[0], keys=(who[1],))


def status(scene: Scene, code6: str) -> str:
    return str(scene.evaluate(HACHIOJI, "directory.get_municipality", code6=code6)["status"])


@pytest.mark.parametrize("service", ["console", NODE_ADMIN])
def test_p01_the_first_register_municipality_is_active_at_once(empty: Scene, service: str) -> None:
    receipt = empty.submit(HACHIOJI, service, RegisterMunicipality(HACHIOJI, "八王子市", "HachiojiMSP"))
    document = empty.evaluate(HACHIOJI, "directory.get_municipality", code6=HACHIOJI)
    assert (document["status"], document["dispatch_approval"], document["m"], document["by"]) == (
        "active", "none", HACHIOJI, service)
    assert empty.evaluate(HACHIOJI, "directory.get_roster")["codes"] == [HACHIOJI]
    assert empty.evaluate(HACHIOJI, "directory.get_msp", msp_id="HachiojiMSP")["code6"] == HACHIOJI
    assert empty.event(receipt) == {
        "code6": HACHIOJI, "name": "八王子市", "msp_id": "HachiojiMSP", "status": "active"}


def test_p01_the_next_one_waits(empty: Scene) -> None:
    register(empty, HACHIOJI)
    register(empty, OSHIMA)
    assert status(empty, OSHIMA) == "pending"
    assert empty.evaluate(HACHIOJI, "directory.get_roster")["codes"] == [HACHIOJI]


def test_register_municipality_speaks_for_the_own_msp_only(empty: Scene) -> None:
    refusal = empty.refusal(HACHIOJI, "console", RegisterMunicipality(OSHIMA, "大島町", "OshimaMSP"))
    assert refusal.code == "foreign_record"
    assert empty.refusal(HACHIOJI, "webui", RegisterMunicipality(HACHIOJI, "八王子市", "HachiojiMSP")).code == (
        "not_permitted")


def test_a_code_and_an_msp_are_taken_once(empty: Scene) -> None:
    register(empty, HACHIOJI)
    assert empty.refusal(OSHIMA, "console", RegisterMunicipality(HACHIOJI, "大島町", "OshimaMSP")).code == "id_reused"
    assert empty.refusal(HACHIOJI, "console", RegisterMunicipality(OSHIMA, "大島町", "HachiojiMSP")).code == "id_reused"
    again = empty.submit(HACHIOJI, "console", RegisterMunicipality(HACHIOJI, "八王子市", "HachiojiMSP"))
    assert again.replayed


def test_nobody_acts_for_an_unknown_municipality(empty: Scene) -> None:
    line = AccountLine(random_id(), ("A",), HACHIOJI, "institution")
    assert empty.refusal(HACHIOJI, "console", OpenAccount((line,))).code == "municipality_inactive"


def test_a_pending_municipality_makes_its_administrator_and_nothing_else(empty: Scene) -> None:
    register(empty, HACHIOJI)
    register(empty, OSHIMA)
    actor, key = make_administrator(empty, OSHIMA)
    assert empty.refusal(OSHIMA, "webui", SITE, actor=actor).code == "municipality_inactive"
    vote_for_itself = CastVote("municipality", OSHIMA, "0" * 64, "yes")
    for command in (SetPolicy("office", 1), ActivateMunicipality(OSHIMA), vote_for_itself):
        refusal = empty.refusal(OSHIMA, "console", command, actor=actor, keys=(key,))
        assert (refusal.code, refusal.status) == ("municipality_inactive", 403)


def test_the_third_municipality_needs_both_others(empty: Scene) -> None:
    register(empty, HACHIOJI)
    first = make_administrator(empty, HACHIOJI)
    register(empty, OSHIMA)
    second = make_administrator(empty, OSHIMA)
    activate = ActivateMunicipality(OSHIMA)
    refusal = empty.refusal(HACHIOJI, "console", activate, actor=first[0], keys=(first[1],))
    assert (refusal.code, refusal.params) == ("votes_missing", {"have": 0, "need": 1})
    vote(empty, HACHIOJI, OSHIMA, first)
    receipt = empty.submit(HACHIOJI, "console", activate, actor=first[0], keys=(first[1],))
    assert empty.event(receipt) == {"code6": OSHIMA}

    register(empty, NANAO)
    vote(empty, HACHIOJI, NANAO, first)
    refusal = empty.refusal(HACHIOJI, "console", ActivateMunicipality(NANAO), actor=first[0], keys=(first[1],))
    assert refusal.params == {"have": 1, "need": 2}
    vote(empty, OSHIMA, NANAO, second)
    empty.submit(OSHIMA, "console", ActivateMunicipality(NANAO), actor=second[0], keys=(second[1],))
    assert status(empty, NANAO) == "active"
    assert empty.evaluate(NANAO, "directory.get_roster")["codes"] == list(CODES)


def test_a_vote_taken_back_does_not_count(empty: Scene) -> None:
    register(empty, HACHIOJI)
    first = make_administrator(empty, HACHIOJI)
    register(empty, OSHIMA)
    vote(empty, HACHIOJI, OSHIMA, first)
    vote(empty, HACHIOJI, OSHIMA, first, "no")
    refusal = empty.refusal(HACHIOJI, "console", ActivateMunicipality(OSHIMA), actor=first[0], keys=(first[1],))
    assert refusal.params == {"have": 0, "need": 1}


def test_activate_municipality_wants_a_known_one_that_waits(memory: MemoryChannel) -> None:
    scene = Scene(memory)
    actor, key = memory.administrator(NANAO)
    assert scene.refusal(NANAO, "console", ActivateMunicipality("999999"), actor=actor, keys=(key,)).code == "not_found"
    refusal = scene.refusal(NANAO, "console", ActivateMunicipality(OSHIMA), actor=actor, keys=(key,))
    assert (refusal.code, refusal.params) == ("wrong_state", {"state": "active"})


def test_deactivate_municipality_ends_its_rights_and_votes_bring_it_back(memory: MemoryChannel) -> None:
    scene = Scene(memory)
    people = {code6: memory.administrator(code6) for code6 in CODES}
    leaving = DeactivateMunicipality(OSHIMA)
    vote(scene, HACHIOJI, OSHIMA, people[HACHIOJI])
    actor, key = people[HACHIOJI]
    assert scene.refusal(HACHIOJI, "console", leaving, actor=actor, keys=(key,)).params == {"have": 1, "need": 2}
    vote(scene, NANAO, OSHIMA, people[NANAO])
    receipt = scene.administer(HACHIOJI, leaving, op="01HKP6T3A00000000000000001")
    assert scene.event(receipt) == {"code6": OSHIMA}
    assert scene.administer(HACHIOJI, leaving, op="01HKP6T3A00000000000000001").replayed
    assert scene.evaluate(NANAO, "directory.get_roster")["codes"] == [HACHIOJI, NANAO]
    assert scene.refusal(OSHIMA, "webui", SITE, actor=people[OSHIMA][0]).code == "municipality_inactive"
    assert scene.refusal(HACHIOJI, "console", leaving, actor=actor, keys=(key,)).params == {"state": "left"}

    refusal = scene.refusal(NANAO, "console", ActivateMunicipality(OSHIMA), actor=people[NANAO][0],
                            keys=(people[NANAO][1],))
    assert refusal.code == "votes_missing", "the votes were for its leaving"
    for code6 in (HACHIOJI, NANAO):
        vote(scene, code6, OSHIMA, people[code6])
    scene.administer(NANAO, ActivateMunicipality(OSHIMA))
    scene.submit(OSHIMA, "webui", SITE, actor=people[OSHIMA][0])
    assert scene.evaluate(NANAO, "directory.get_roster")["codes"] == [HACHIOJI, NANAO, OSHIMA]


def test_the_last_municipality_stays(empty: Scene) -> None:
    register(empty, HACHIOJI)
    who = make_administrator(empty, HACHIOJI)
    vote(empty, HACHIOJI, HACHIOJI, who)
    refusal = empty.refusal(HACHIOJI, "console", DeactivateMunicipality(HACHIOJI), actor=who[0], keys=(who[1],))
    assert (refusal.code, refusal.params) == ("wrong_state", {"state": "active"})


def test_set_policy_is_for_the_own_municipality(scene: Scene) -> None:
    rev = scene.evaluate(OSHIMA, "directory.get_municipality", code6=OSHIMA)["rev"]
    receipt = scene.administer(OSHIMA, SetPolicy("office", rev))
    assert scene.event(receipt) == {"code6": OSHIMA, "dispatch_approval": "office"}
    document = scene.evaluate(OSHIMA, "directory.get_municipality", code6=OSHIMA)
    assert (document["dispatch_approval"], document["rev"], document["status"]) == ("office", rev + 1, "active")
    actor, key = scene.channel.administrator(OSHIMA)
    refusal = scene.refusal(OSHIMA, "console", SetPolicy("none", rev), actor=actor, keys=(key,))
    assert (refusal.code, refusal.params) == ("stale_revision", {"rev": rev + 1})
    scene.administer(OSHIMA, SetPolicy("none", rev + 1))
