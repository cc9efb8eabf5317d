"""S10: the catalogue, a municipality's own and the common one."""
from __future__ import annotations

from moyai_contracts.api import Actor
from moyai_contracts.api.directory import (
    ActivateItem, Attribute, CastVote, Pack, ProposeItem, Ratio, SaveItem, vote_hash)
from tests.contract.channel import HACHIOJI, NANAO, OSHIMA
from tests.contract.scene import Scene, item_line, ulid

COMMON = "000000"
DETAILS = {"packs": (Pack("箱", 24),), "attributes": (Attribute("size", ("S", "M")),), "per_person": Ratio(3, 1)}
KEPT = {"packs": [{"name": "箱", "per": 24}], "attributes": [{"key": "size", "values": ["S", "M"]}],
        "per_person": {"n": 3, "d": 1}}


def document(scene: Scene, code: str) -> dict[str, object]:
    return dict(scene.evaluate(NANAO, "directory.get_item", item_code=code))


def activate(scene: Scene, *codes: str) -> None:
    """Lets two municipalities vote for proposals and takes them into the catalogue."""
    for code in codes:
        for code6 in (HACHIOJI, NANAO):
            scene.administer(code6, CastVote("item", code, vote_hash(document(scene, code)), "yes"))
    scene.administer(HACHIOJI, ActivateItem(codes))


def common(scene: Scene, **fields: object) -> str:
    """A new active item of the common catalogue."""
    code = scene.free_item(COMMON)
    scene.administer(NANAO, ProposeItem((item_line(code, **fields),)))
    activate(scene, code)
    return code


def administrator(scene: Scene, code6: str = NANAO) -> Actor:
    return scene.channel.administrator(code6)[0]


def test_s10_save_item_is_active_at_once(scene: Scene) -> None:
    actor, code, op = administrator(scene), scene.free_item(NANAO), ulid()
    receipt = scene.submit(NANAO, "webui", SaveItem((item_line(code, **DETAILS),)), actor=actor, op=op)
    assert scene.event(receipt) == {"new": [code], "changed": [], "same": []}
    assert scene.submit(NANAO, "webui", SaveItem((item_line(code, **DETAILS),)), actor=actor, op=op).replayed
    saved = document(scene, code)
    assert KEPT.items() <= saved.items()
    assert (saved["state"], saved["retired"], saved["rev"], saved["base_unit"]) == ("active", False, 1, "個")
    scene.submit(NANAO, "webui", SaveItem((item_line(code, 1, retired=True),)), actor=actor)
    saved = document(scene, code)
    assert (saved["retired"], saved["rev"]) == (True, 2) and "per_person" not in saved


def test_the_unit_of_an_item_stays(scene: Scene) -> None:
    actor, code = administrator(scene), scene.item(NANAO)
    refusal = scene.refusal(NANAO, "webui", SaveItem((item_line(code, 1, base_unit="箱"),)), actor=actor)
    assert (refusal.code, refusal.params) == ("wrong_state", {"state": "active"})
    shared = common(scene)
    signer = scene.channel.administrator(NANAO)[1]
    refusal = scene.refusal(NANAO, "console", ProposeItem((item_line(shared, 2, base_unit="箱"),)), actor=actor,
                            keys=(signer,))
    assert refusal.code == "wrong_state"


def test_the_own_catalogue_has_own_codes(scene: Scene) -> None:
    actor, signer = scene.channel.administrator(NANAO)
    for code in (scene.free_item(HACHIOJI), scene.free_item(COMMON)):
        assert scene.refusal(NANAO, "webui", SaveItem((item_line(code),)), actor=actor).code == "foreign_record"
    refusal = scene.refusal(NANAO, "console", ProposeItem((item_line(scene.free_item(NANAO)),)), actor=actor,
                            keys=(signer,))
    assert (refusal.code, refusal.params) == ("bad_argument", {"field": "item_code"})


def test_an_equal_item_must_exist(scene: Scene) -> None:
    actor, shared, missing = administrator(scene), common(scene), scene.free_item(COMMON)
    first, second = scene.free_item(NANAO), scene.free_item(NANAO)
    unknown = SaveItem((item_line(first, same_as=missing),))
    assert scene.refusal(NANAO, "webui", unknown, actor=actor).code == "not_found"
    together = SaveItem((item_line(first, same_as=shared), item_line(second, same_as=first)))
    scene.submit(NANAO, "webui", together, actor=actor)
    assert [document(scene, code)["same_as"] for code in (first, second)] == [shared, first]
    proposal = ProposeItem((item_line(missing, same_as=scene.free_item(COMMON)),))
    signer = scene.channel.administrator(NANAO)[1]
    assert scene.refusal(NANAO, "console", proposal, actor=actor, keys=(signer,)).code == "not_found"


def test_s10_propose_item_waits_and_activate_item_takes_it_in(scene: Scene) -> None:
    codes = (scene.free_item(COMMON), scene.free_item(COMMON))
    receipt = scene.administer(NANAO, ProposeItem(tuple(item_line(code, **DETAILS) for code in codes)))
    assert scene.event(receipt) == {"new": list(codes), "changed": [], "same": []}
    assert {document(scene, code)["state"] for code in codes} == {"proposed"}
    activate(scene, *codes)
    for code in codes:
        active = document(scene, code)
        assert KEPT.items() <= active.items() and (active["state"], active["rev"]) == ("active", 2)


def test_activate_item_takes_all_or_none(scene: Scene) -> None:
    voted, unvoted = scene.free_item(COMMON), scene.free_item(COMMON)
    scene.administer(NANAO, ProposeItem((item_line(voted), item_line(unvoted))))
    for code6 in (HACHIOJI, NANAO):
        scene.administer(code6, CastVote("item", voted, vote_hash(document(scene, voted)), "yes"))
    actor, key = scene.channel.administrator(OSHIMA)
    cases = [((voted, unvoted), "votes_missing"), ((voted, voted), "id_reused"),
             ((voted, scene.free_item(COMMON)), "not_found")]
    for codes, code in cases:
        assert scene.refusal(OSHIMA, "console", ActivateItem(codes), actor=actor, keys=(key,)).code == code
    assert document(scene, voted)["state"] == "proposed"
    op = ulid()
    scene.administer(OSHIMA, ActivateItem((voted,)), op=op)
    assert scene.administer(OSHIMA, ActivateItem((voted,)), op=op).replayed
    refusal = scene.refusal(OSHIMA, "console", ActivateItem((voted,)), actor=actor, keys=(key,))
    assert (refusal.code, refusal.params) == ("wrong_state", {"state": "active"})


def test_an_item_goes_on_while_its_change_is_voted_on(scene: Scene) -> None:
    code = common(scene, **DETAILS)
    scene.administer(OSHIMA, ProposeItem((item_line(code, 2, name="新しい名"),)))
    waiting = document(scene, code)
    assert (waiting["state"], waiting["name"]) == ("active", "試験品")
    assert waiting["proposed"]["name"] == "新しい名"  # type: ignore[index]
    activate(scene, code)
    changed = document(scene, code)
    assert (changed["state"], changed["name"], changed["rev"]) == ("active", "新しい名", 4)
    assert "proposed" not in changed and "per_person" not in changed and changed["packs"] == []
