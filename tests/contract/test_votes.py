"""Votes on proposals: one voice a municipality, on exactly what stands there."""
from __future__ import annotations

from moyai_contracts.api.directory import ActivateItem, CastVote, ProposeItem, vote_hash
from tests.contract.channel import CODES, HACHIOJI, NANAO, OSHIMA
from tests.contract.scene import Scene, item_line, ulid


def propose(scene: Scene, *, base_unit: str = "個") -> str:
    """A new item of the common catalogue, waiting for votes."""
    code = scene.free_item("000000")
    scene.administer(NANAO, ProposeItem((item_line(code, base_unit=base_unit),)))
    return code


def content(scene: Scene, code: str) -> str:
    return vote_hash(scene.evaluate(NANAO, "directory.get_item", item_code=code))


def test_cast_vote_is_one_voice_of_a_municipality(scene: Scene) -> None:
    code = propose(scene)
    proposal = content(scene, code)
    op = ulid()
    receipt = scene.administer(HACHIOJI, CastVote("item", code, proposal, "yes"), op=op)
    assert scene.event(receipt) == {"kind": "item", "ref": code, "hash": proposal, "choice": "yes"}
    assert scene.transaction(receipt).event.payload["attested"] == "device"  # type: ignore[union-attr]
    assert scene.administer(HACHIOJI, CastVote("item", code, proposal, "yes"), op=op).replayed
    key = {"kind": "item", "ref": code, "hash": proposal, "code6": HACHIOJI}
    assert scene.evaluate(HACHIOJI, "directory.get_vote", **key)["choice"] == "yes"
    scene.administer(HACHIOJI, CastVote("item", code, proposal, "no"))
    assert scene.evaluate(HACHIOJI, "directory.get_vote", **key)["choice"] == "no"


def test_a_vote_is_on_what_stands_there(scene: Scene) -> None:
    code = propose(scene)
    seen = content(scene, code)
    scene.administer(OSHIMA, ProposeItem((item_line(code, 1, name="別の名"),)))
    actor, key = scene.channel.administrator(HACHIOJI)
    refusal = scene.refusal(HACHIOJI, "console", CastVote("item", code, seen, "yes"), actor=actor, keys=(key,))
    assert (refusal.code, refusal.status) == ("stale_revision", 409)
    nobody = CastVote("municipality", "999999", seen, "yes")
    assert scene.refusal(HACHIOJI, "console", nobody, actor=actor, keys=(key,)).code == "not_found"


def test_votes_for_another_content_do_not_count(scene: Scene) -> None:
    code = propose(scene)
    for code6 in (HACHIOJI, NANAO):
        scene.administer(code6, CastVote("item", code, content(scene, code), "yes"))
    scene.administer(OSHIMA, ProposeItem((item_line(code, 1, name="別の名"),)))
    actor, key = scene.channel.administrator(OSHIMA)
    refusal = scene.refusal(OSHIMA, "console", ActivateItem((code,)), actor=actor, keys=(key,))
    assert (refusal.code, refusal.params) == ("votes_missing", {"have": 0, "need": 2})


def test_a_vote_needs_a_confirmed_key(scene: Scene) -> None:
    code = propose(scene)
    command = CastVote("item", code, content(scene, code), "yes")
    administrator = scene.official(NANAO, "A")
    assert scene.refusal(NANAO, "webui", command, actor=administrator).code == "key_required"
    key = scene.key(administrator)
    assert scene.refusal(NANAO, "webui", command, actor=administrator, keys=(key,)).code == "key_required"
    confirmed = scene.key(administrator, confirmed=True)
    scene.submit(NANAO, "webui", command, actor=administrator, keys=(confirmed,))
    clerk = scene.official(NANAO, "C")
    clerks_key = scene.key(clerk, confirmed=True)
    assert scene.refusal(NANAO, "webui", command, actor=clerk, keys=(clerks_key,)).code == "not_permitted"
    assert scene.refusal(NANAO, "console", command).code == "not_permitted", "no console votes by itself"


def test_a_majority_decides(scene: Scene) -> None:
    code = propose(scene)
    proposal = content(scene, code)
    actor, key = scene.channel.administrator(NANAO)
    choices = dict(zip(CODES, ("yes", "no", "yes"), strict=True))
    for have, (code6, choice) in zip((0, 1, 1), choices.items(), strict=True):
        refusal = scene.refusal(NANAO, "console", ActivateItem((code,)), actor=actor, keys=(key,))
        assert (refusal.code, refusal.params) == ("votes_missing", {"have": have, "need": 2})
        scene.administer(code6, CastVote("item", code, proposal, choice))
    receipt = scene.administer(OSHIMA, ActivateItem((code,)))
    assert scene.event(receipt) == {"item_codes": [code]}
    assert scene.evaluate(NANAO, "directory.get_item", item_code=code)["state"] == "active"
