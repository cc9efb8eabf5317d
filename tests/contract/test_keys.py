"""Keys of accounts, and the signatures they give."""
from __future__ import annotations

import pytest

from moyai_client.actor_key import ActorKey
from moyai_contracts.api import Actor, canonical
from moyai_contracts.api.command import compose, signing_bytes
from moyai_contracts.api.directory import (
    AccountLine, ConfirmKey, OpenAccount, RegisterKey, RevokeKey, SetPolicy, SuspendAccount)
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.memory_channel import MemoryChannel, refused
from tests.contract.scene import Scene, random_id, ulid

HOUR = 3600


def key_document(scene: Scene, key: ActorKey) -> dict[str, object]:
    return dict(scene.evaluate(NANAO, "directory.get_key", account_id=key.account, key_id=key.key_id))


def new_accounts() -> OpenAccount:
    """A command of grade K."""
    return OpenAccount((AccountLine(random_id(), ("C",), NANAO, "institution"),))


def test_register_key_is_the_accounts_own_act(scene: Scene) -> None:
    supporter = scene.supporter(NANAO)
    key, op = ActorKey.generate(supporter.account), ulid()
    receipt = scene.submit(NANAO, "webui", RegisterKey(key.public), actor=supporter, op=op)
    assert scene.event(receipt) == {"account_id": supporter.account, "key_id": key.key_id}
    assert scene.submit(NANAO, "webui", RegisterKey(key.public), actor=supporter, op=op).replayed
    document = key_document(scene, key)
    assert (document["public"], document["grade"], document["status"]) == (key.public, "self", "active")
    assert scene.refusal(NANAO, "console", RegisterKey(key.public)).code == "not_permitted"


@pytest.mark.parametrize("public", ["02" + "ff" * 32, "03" + "00" * 31 + "01"])
def test_a_key_is_a_point_of_the_curve(scene: Scene, public: str) -> None:
    refusal = scene.refusal(NANAO, "webui", RegisterKey(public), actor=scene.supporter(NANAO))
    assert (refusal.code, refusal.params) == ("bad_argument", {"field": "public"})


def test_p06_confirm_key_is_another_administrators_act(scene: Scene) -> None:
    administrator, key = scene.channel.administrator(NANAO)
    second = scene.official(NANAO, "A")
    seconds_key, op = scene.key(second), ulid()
    command = ConfirmKey(second.account, seconds_key.key_id)
    assert scene.refusal(NANAO, "webui", command, actor=second, keys=(seconds_key,)).code == "key_required"
    assert scene.refusal(NANAO, "webui", command, actor=administrator).code == "key_required"
    receipt = scene.submit(NANAO, "webui", command, actor=administrator, keys=(key,), op=op)
    assert scene.event(receipt) == {"account_id": second.account, "key_id": seconds_key.key_id}
    assert scene.submit(NANAO, "webui", command, actor=administrator, keys=(key,), op=op).replayed
    assert key_document(scene, seconds_key)["grade"] == "confirmed"
    refusal = scene.refusal(NANAO, "webui", command, actor=administrator, keys=(key,))
    assert (refusal.code, refusal.params) == ("wrong_state", {"state": "confirmed"})
    scene.submit(NANAO, "webui", new_accounts(), actor=second, keys=(seconds_key,))


def test_nobody_confirms_the_own_key(scene: Scene) -> None:
    second = scene.official(NANAO, "A")
    confirmed, new = scene.key(second, confirmed=True), scene.key(second)
    refusal = scene.refusal(NANAO, "webui", ConfirmKey(second.account, new.key_id), actor=second, keys=(confirmed,))
    assert (refusal.code, refusal.status) == ("self_confirmation", 403)


def test_keys_of_others_are_left_alone(scene: Scene) -> None:
    administrator, key = scene.channel.administrator(NANAO)
    foreign = scene.key(scene.official(HACHIOJI, "A"))
    confirm = ConfirmKey(foreign.account, foreign.key_id)
    assert scene.refusal(NANAO, "webui", confirm, actor=administrator, keys=(key,)).code == "foreign_record"
    assert scene.refusal(NANAO, "console", confirm).code == "foreign_record"
    revoke = RevokeKey(foreign.account, foreign.key_id)
    assert scene.refusal(NANAO, "webui", revoke, actor=administrator).code == "foreign_record"
    unknown = ConfirmKey(administrator.account, "0" * 16)
    assert scene.refusal(NANAO, "console", unknown).code == "not_found"


def test_revoke_key_ends_what_it_signs(scene: Scene) -> None:
    administrator = scene.official(NANAO, "A")
    key, op = scene.key(administrator, confirmed=True), ulid()
    scene.submit(NANAO, "webui", new_accounts(), actor=administrator, keys=(key,))
    revoke = RevokeKey(administrator.account, key.key_id)
    assert scene.refusal(NANAO, "webui", revoke, actor=scene.official(NANAO, "C")).code == "not_permitted"
    receipt = scene.submit(NANAO, "webui", revoke, actor=administrator, op=op)
    assert scene.event(receipt) == {"account_id": administrator.account, "key_id": key.key_id}
    assert scene.submit(NANAO, "webui", revoke, actor=administrator, op=op).replayed
    assert scene.refusal(NANAO, "webui", revoke, actor=administrator).params == {"state": "revoked"}
    refusal = scene.refusal(NANAO, "webui", new_accounts(), actor=administrator, keys=(key,))
    assert (refusal.code, refusal.status) == ("key_revoked", 403)
    assert scene.refusal(NANAO, "console", ConfirmKey(administrator.account, key.key_id)).code == "key_revoked"
    assert scene.refusal(NANAO, "webui", RegisterKey(key.public), actor=administrator).code == "id_reused"


def test_an_administrator_revokes_a_lost_key(scene: Scene) -> None:
    supporter = scene.supporter(NANAO)
    key = scene.key(supporter)
    scene.submit(NANAO, "webui", RevokeKey(supporter.account, key.key_id), actor=scene.official(NANAO, "A"))
    assert key_document(scene, key)["status"] == "revoked"


def test_a_key_of_another_account_signs_for_nobody_else(scene: Scene) -> None:
    second = scene.official(NANAO, "A")
    _, key = scene.channel.administrator(NANAO)
    as_if_own = ActorKey(key.key, second.account)
    assert scene.refusal(NANAO, "webui", new_accounts(), actor=second, keys=(as_if_own,)).code == "key_required"
    unknown = ActorKey.generate(second.account)
    assert scene.refusal(NANAO, "webui", new_accounts(), actor=second, keys=(unknown,)).code == "key_required"


def test_a_suspended_accounts_key_signs_nothing(scene: Scene) -> None:
    first, second = scene.official(NANAO, "A"), scene.official(NANAO, "A")
    keys = (scene.key(first, confirmed=True), scene.key(second, confirmed=True))
    scene.submit(NANAO, "webui", new_accounts(), actor=first, keys=keys)
    scene.administer(NANAO, SuspendAccount(second.account, ""))
    assert scene.refusal(NANAO, "webui", new_accounts(), actor=first, keys=keys).code == "account_inactive"


def test_a_signature_on_a_command_that_needs_none_still_holds(scene: Scene) -> None:
    clerk = scene.official(NANAO, "C")
    key = scene.key(clerk)
    resident = OpenAccount((AccountLine(random_id(), ("M",), NANAO, "person"),))
    receipt = scene.submit(NANAO, "webui", resident, actor=clerk, keys=(key,))
    event = scene.transaction(receipt).event
    assert event is not None and event.payload["attested"] == "self"


def signed(memory: MemoryChannel, *, signed_at: int, spoil: str = "") -> str:
    """The refusal that a command of the administrator meets, "" if none; `spoil` replaces a member after signing."""
    actor, key = memory.administrator(NANAO)
    command = SetPolicy("office", 4)
    message = compose(command, op=ulid(), actor=actor)
    message["proof"] = [key.proof(signed_at, actor.account)]
    message["proof"][0]["sig"] = key.sign(signing_bytes(command.transaction, message))
    if spoil == "sig":
        sig = message["proof"][0]["sig"]
        message["proof"][0]["sig"] = ("A" if sig[0] != "A" else "B") + sig[1:]
    elif spoil == "zero":
        message["proof"][0]["sig"] = "A" * 86
    elif spoil:
        message[spoil] = {"op": ulid(), "dispatch_approval": "none", "rev": 5}[spoil]
    answer = memory.access(NANAO, "console").endorse_raw(command.transaction, canonical.encode(message)).response
    return refused(answer).code if answer.is_error else ""


@pytest.mark.parametrize(("age", "code"), [
    (0, "stale"), (24 * HOUR, "stale"), (24 * HOUR + 1, "time_out_of_range"), (-15 * 60, "stale"),
    (-15 * 60 - 1, "time_out_of_range")])
def test_a_signature_is_fresh(memory: MemoryChannel, age: int, code: str) -> None:
    assert signed(memory, signed_at=memory.now - age).partition("_")[0] == code.partition("_")[0]


@pytest.mark.parametrize("spoil", ["sig", "zero", "op", "dispatch_approval", "rev"])
def test_a_signature_covers_all_of_the_command(memory: MemoryChannel, spoil: str) -> None:
    assert signed(memory, signed_at=memory.now) == "stale_revision"
    assert signed(memory, signed_at=memory.now, spoil=spoil) == "signature_invalid"


def test_the_actor_is_who_the_ledger_says(scene: Scene) -> None:
    clerk = scene.official(NANAO, "C")
    resident = OpenAccount((AccountLine(random_id(), ("M",), NANAO, "person"),))
    for wrong in (Actor(clerk.account, "A", NANAO), Actor(clerk.account, "C", f"{NANAO}/D-x"),
                  Actor(clerk.account, "C", HACHIOJI)):
        assert scene.refusal(NANAO, "webui", resident, actor=wrong).code == "not_permitted"
    assert scene.refusal(HACHIOJI, "webui", resident, actor=clerk).code == "not_permitted"
    nobody = Actor(random_id(), "C", NANAO)
    assert scene.refusal(NANAO, "webui", resident, actor=nobody).code == "account_inactive"
