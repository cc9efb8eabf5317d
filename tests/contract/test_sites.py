"""S10: shelters of the own municipality."""
from __future__ import annotations

from moyai_contracts.api import Actor
from moyai_contracts.api.directory import RetireSite, SaveSite, SiteLine
from moyai_contracts.api.relief import SetSiteStatus
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.scene import Scene, random_id, ulid

FULL = {"kana": "シケン", "district": "本町", "town_id": "0001", "lat": 37_040_000, "lon": 136_960_000,
        "capacity_indoor": 120, "capacity_outdoor": 0, "capacity_text": "約120", "phone": "0767-53-1111",
        "hazards": (True, False, True, False, True, False, True, False)}


def line(site_id: str, rev: int = 0, name: str = "体育館", **fields: object) -> SiteLine:
    return SiteLine(site_id, rev, "shelter", name, "本町1-1", **fields)  # type: ignore[arg-type]


def new_id() -> str:
    return random_id()[:20]


def administrator(scene: Scene, code6: str = NANAO) -> Actor:
    return scene.channel.administrator(code6)[0]


def test_s10_save_site_adds_changes_and_leaves_as_they_are(scene: Scene) -> None:
    actor = administrator(scene)
    first, second, third = new_id(), new_id(), new_id()
    receipt = scene.submit(NANAO, "webui", SaveSite((line(first, **FULL), line(second))), actor=actor)
    assert scene.event(receipt) == {"new": [first, second], "changed": [], "same": []}
    document = scene.evaluate(NANAO, "directory.get_site", code6=NANAO, site_id=first)
    kept = {name: list(value) if isinstance(value, tuple) else value for name, value in FULL.items()}
    assert kept.items() <= document.items()
    assert (document["retired"], document["rev"], document["by"], document["m"]) == (False, 1, actor.account, NANAO)

    mixed = SaveSite((line(first, 1, **FULL), line(second, 1, "公民館"), line(third)))
    receipt = scene.submit(NANAO, "webui", mixed, actor=actor)
    assert scene.event(receipt) == {"new": [third], "changed": [second], "same": [first]}
    assert [scene.evaluate(NANAO, "directory.get_site", code6=NANAO, site_id=site)["rev"]
            for site in (first, second, third)] == [1, 2, 1]


def test_what_a_saved_site_leaves_out_is_gone(scene: Scene) -> None:
    actor, site = administrator(scene), new_id()
    scene.submit(NANAO, "webui", SaveSite((line(site, **FULL),)), actor=actor)
    scene.submit(NANAO, "webui", SaveSite((line(site, 1),)), actor=actor)
    assert not set(FULL) & set(scene.evaluate(NANAO, "directory.get_site", code6=NANAO, site_id=site))


def test_sites_sent_twice_are_saved_once(scene: Scene) -> None:
    actor, first, second = administrator(scene), new_id(), new_id()
    op, command = ulid(), SaveSite((line(first), line(second)))
    height = scene.channel.height
    assert not scene.submit(NANAO, "webui", command, actor=actor, op=op).replayed
    assert scene.submit(NANAO, "webui", command, actor=actor, op=op).replayed
    assert scene.submit(NANAO, "webui", command, actor=actor).replayed, "the same content under another id"
    assert scene.submit(NANAO, "webui", SaveSite((line(first, 1), line(second, 1))), actor=actor).replayed
    assert scene.channel.height == height + 1

    op, change = ulid(), SaveSite((line(first, 1, "公民館"), line(second, 1)))
    assert not scene.submit(NANAO, "webui", change, actor=actor, op=op).replayed
    assert scene.submit(NANAO, "webui", change, actor=actor, op=op).replayed


def test_sites_are_saved_all_or_none(scene: Scene) -> None:
    actor, known, fresh = administrator(scene), new_id(), new_id()
    scene.submit(NANAO, "webui", SaveSite((line(known),)), actor=actor)
    cases = [
        (SaveSite((line(fresh), line(known, 0, "公民館"))), "id_reused", {}),
        (SaveSite((line(fresh), line(known))), "id_reused", {}),
        (SaveSite((line(fresh), line(fresh))), "id_reused", {}),
        (SaveSite((line(known, 1, "公民館"), line(known, 1, "図書館"))), "id_reused", {}),
        (SaveSite((line(fresh), line(known, 2))), "stale_revision", {"rev": 1}),
        (SaveSite((line(fresh, 1),)), "not_found", {}),
        (SaveSite(tuple(line(f"N-{number}") for number in range(101))), "too_many", {"max": 100}),
    ]
    for command, code, params in cases:
        refusal = scene.refusal(NANAO, "webui", command, actor=actor)
        assert (refusal.code, refusal.params) == (code, params), command
        assert not scene.exists("directory.get_site", code6=NANAO, site_id=fresh)


def test_a_site_belongs_to_the_municipality_that_saves_it(scene: Scene) -> None:
    site = new_id()
    scene.submit(NANAO, "webui", SaveSite((line(site),)), actor=administrator(scene))
    scene.submit(HACHIOJI, "webui", SaveSite((line(site, 0, "別の施設"),)), actor=administrator(scene, HACHIOJI))
    assert scene.evaluate(NANAO, "directory.get_site", code6=NANAO, site_id=site)["name"] == "体育館"
    refusal = scene.refusal(HACHIOJI, "webui", SaveSite((line(site, 1),)), actor=administrator(scene))
    assert refusal.code == "not_permitted", "another municipality's account"
    clerk = scene.official(NANAO, "C")
    assert scene.refusal(NANAO, "webui", SaveSite((line(site, 1),)), actor=clerk).code == "not_permitted"


def test_s10_retire_site_and_saving_brings_it_back(scene: Scene) -> None:
    actor, site, op = administrator(scene), scene.site(NANAO, is_open=False), ulid()
    receipt = scene.submit(NANAO, "webui", RetireSite(site, 1), actor=actor, op=op)
    assert scene.event(receipt) == {"site_id": site}
    assert scene.submit(NANAO, "webui", RetireSite(site, 1), actor=actor, op=op).replayed
    document = scene.evaluate(NANAO, "directory.get_site", code6=NANAO, site_id=site)
    assert (document["retired"], document["rev"]) == (True, 2)
    assert scene.refusal(NANAO, "webui", RetireSite(site, 1), actor=actor).code == "stale_revision"
    assert scene.refusal(NANAO, "webui", RetireSite(site, 2), actor=actor).params == {"state": "retired"}
    assert scene.refusal(NANAO, "webui", RetireSite(new_id(), 1), actor=actor).code == "not_found"
    opening = SetSiteStatus(NANAO, site, True)
    assert scene.refusal(NANAO, "webui", opening, actor=actor).code == "wrong_state"

    back = SaveSite((line(site, 2, document["name"]),))
    assert scene.event(scene.submit(NANAO, "webui", back, actor=actor))["changed"] == [site]
    scene.submit(NANAO, "webui", opening, actor=actor)
    assert scene.evaluate(NANAO, "directory.get_site", code6=NANAO, site_id=site)["retired"] is False
