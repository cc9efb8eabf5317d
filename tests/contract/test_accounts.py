"""Accounts: who opens, changes and ends whose."""
from __future__ import annotations

import pytest

from moyai_contracts.api import Actor
from moyai_contracts.api.directory import (
    AccountLine, ChangeAccount, CloseAccount, OpenAccount, ResumeAccount, SuspendAccount)
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.scene import Scene, random_id, ulid

SITE_OFFICE = f"{NANAO}/CC0000000504"


def line(*roles: str, office: str = NANAO, party: str = "institution", name: str | None = None) -> AccountLine:
    return AccountLine(random_id(), roles, office, party, name)


def account(scene: Scene, account_id: str) -> dict[str, object]:
    return dict(scene.evaluate(NANAO, "directory.get_account", account_id=account_id))


def test_s11_open_account_for_officials_needs_an_administrators_confirmed_key(scene: Scene) -> None:
    lines = (line("A", "C"), line("C"), line("S", office=SITE_OFFICE), line("X"), line("C", office=f"{NANAO}/D-bousai"))
    command, (actor, key) = OpenAccount(lines), scene.channel.administrator(NANAO)
    assert scene.refusal(NANAO, "webui", command, actor=actor).code == "key_required"
    clerk = scene.official(NANAO, "C")
    clerks_key = scene.key(clerk, confirmed=True)
    assert scene.refusal(NANAO, "webui", command, actor=clerk, keys=(clerks_key,)).code == "not_permitted"
    assert scene.refusal(NANAO, "webui", command).code == "not_permitted"
    op = ulid()
    receipt = scene.submit(NANAO, "webui", command, actor=actor, keys=(key,), op=op)
    assert scene.event(receipt) == {"accounts": [
        {"account_id": each.account_id, "roles": list(each.roles), "office": each.office} for each in lines]}
    assert scene.submit(NANAO, "webui", command, actor=actor, keys=(key,), op=op).replayed
    opened = account(scene, lines[2].account_id)
    assert (opened["roles"], opened["office"], opened["party"], opened["status"]) == (
        ["S"], SITE_OFFICE, "institution", "active")
    assert "display_name" not in opened


def test_the_console_opens_officials_by_itself(scene: Scene) -> None:
    scene.submit(NANAO, "console", OpenAccount((line("A"), line("S", office=SITE_OFFICE))))
    for roles in (("P",), ("M",)):
        assert scene.refusal(NANAO, "console", OpenAccount((line(*roles),))).code == "not_permitted"


@pytest.mark.parametrize("role", ["M", "V", "R", "F", "H", "U"])
def test_open_account_for_residents_is_a_clerks_act(scene: Scene, role: str) -> None:
    clerk = scene.official(NANAO, "C")
    scene.submit(NANAO, "webui", OpenAccount((line(role, party="person"),)), actor=clerk)
    assert scene.refusal(NANAO, "webui", OpenAccount((line(role),))).code == "not_permitted"
    staff = scene.official(NANAO, "S", SITE_OFFICE)
    assert scene.refusal(NANAO, "webui", OpenAccount((line(role),)), actor=staff).code == "not_permitted"


def test_s11_a_supporter_opens_the_own_account(scene: Scene) -> None:
    first = line("P", party="person")
    command, op = OpenAccount((first,)), ulid()
    receipt = scene.submit(NANAO, "webui", command, op=op)
    assert receipt.replayed is False
    assert scene.submit(NANAO, "webui", command, op=op).replayed
    assert account(scene, first.account_id)["by"] == "webui"

    second = line("P", party="company", name="もやい商店")
    itself = Actor(second.account_id, "P", NANAO)
    scene.submit(NANAO, "webui", OpenAccount((second,)), actor=itself)
    assert scene.submit(NANAO, "webui", OpenAccount((second,)), actor=itself).replayed
    opened = account(scene, second.account_id)
    assert (opened["by"], opened["display_name"]) == (second.account_id, "もやい商店")


def test_nobody_opens_another_supporters_account(scene: Scene) -> None:
    administrator, key = scene.channel.administrator(NANAO)
    supporter = scene.supporter(NANAO)
    for actor, keys in ((administrator, (key,)), (supporter, ())):
        refusal = scene.refusal(NANAO, "webui", OpenAccount((line("P"),)), actor=actor, keys=keys)
        assert refusal.code == "not_permitted"
    assert scene.refusal(NANAO, "webui", OpenAccount((line("P"), line("P")))).code == "not_permitted"
    refusal = scene.refusal(NANAO, "webui", OpenAccount((line("P"), line("M"))), actor=administrator)
    assert refusal.code == "not_permitted"
    stranger = Actor(random_id(), "P", NANAO)
    assert scene.refusal(NANAO, "webui", OpenAccount((line("P"),)), actor=stranger).code == "account_inactive"
    own = line("P", office=HACHIOJI)
    elsewhere = Actor(own.account_id, "P", HACHIOJI)
    assert scene.refusal(NANAO, "webui", OpenAccount((own,)), actor=elsewhere).code == "not_permitted"
    own = line("P")
    as_administrator = Actor(own.account_id, "A", NANAO)
    assert scene.refusal(NANAO, "webui", OpenAccount((own,)), actor=as_administrator).code == "not_permitted"


@pytest.mark.parametrize(("wrong", "field"), [
    (line("A", "P"), "roles"), (line("C", "C"), "roles"), (line("A", "M"), "roles"),
    (line("S"), "office"), (line("S", office=f"{NANAO}/D-bousai"), "office"),
    (line("C", party="person", name="七尾花子"), "display_name")])
def test_an_account_is_of_one_context(scene: Scene, wrong: AccountLine, field: str) -> None:
    actor, key = scene.channel.administrator(NANAO)
    refusal = scene.refusal(NANAO, "webui", OpenAccount((line("C"), wrong)), actor=actor, keys=(key,))
    assert (refusal.code, refusal.params) == ("bad_argument", {"field": field})


def test_an_account_is_opened_once_and_at_home(scene: Scene) -> None:
    actor, key = scene.channel.administrator(NANAO)
    first, second = line("C"), line("C")
    scene.administer(NANAO, OpenAccount((first,)))
    for lines in ((first, second), (second, second)):
        assert scene.refusal(NANAO, "webui", OpenAccount(lines), actor=actor, keys=(key,)).code == "id_reused"
    foreign = OpenAccount((line("C", office=HACHIOJI),))
    assert scene.refusal(NANAO, "webui", foreign, actor=actor, keys=(key,)).code == "foreign_record"


def test_s11_change_account_gives_other_roles_and_another_office(scene: Scene) -> None:
    clerk = scene.official(NANAO, "C")
    command = ChangeAccount(clerk.account, 1, ("C", "S"), SITE_OFFICE, "本町避難所")
    op = ulid()
    receipt = scene.administer(NANAO, command, op=op)
    assert scene.event(receipt) == {"account_id": clerk.account, "roles": ["C", "S"], "office": SITE_OFFICE}
    assert scene.administer(NANAO, command, op=op).replayed
    scene.administer(NANAO, ChangeAccount(clerk.account, 2, ("C",)))
    changed = account(scene, clerk.account)
    assert (changed["roles"], changed["office"], changed["display_name"], changed["rev"]) == (
        ["C"], SITE_OFFICE, "本町避難所", 3)


@pytest.mark.parametrize(("changes", "code"), [
    ({"rev": 2}, "stale_revision"), ({"roles": ("P",)}, "bad_argument"), ({"roles": ("A", "P")}, "bad_argument"),
    ({"roles": ("S",)}, "bad_argument"), ({"office": HACHIOJI}, "foreign_record")])
def test_an_account_keeps_its_context_and_home(scene: Scene, changes: dict[str, object], code: str) -> None:
    clerk, (actor, key) = scene.official(NANAO, "C"), scene.channel.administrator(NANAO)
    command = ChangeAccount(**({"account_id": clerk.account, "rev": 1} | changes))  # type: ignore[arg-type]
    assert scene.refusal(NANAO, "webui", command, actor=actor, keys=(key,)).code == code


def test_a_person_is_not_named(scene: Scene) -> None:
    resident = line("M", party="person")
    scene.submit(NANAO, "webui", OpenAccount((resident,)), actor=scene.official(NANAO, "C"))
    naming = ChangeAccount(resident.account_id, 1, display_name="七尾花子")
    refusal = scene.refusal(NANAO, "webui", naming, actor=scene.channel.administrator(NANAO)[0])
    assert (refusal.code, refusal.params) == ("bad_argument", {"field": "display_name"})


def test_s11_suspend_account_resume_account_close_account(scene: Scene) -> None:
    clerk = scene.official(NANAO, "C")
    resident = OpenAccount((line("M", party="person"),))
    steps = [(SuspendAccount, "suspended"), (ResumeAccount, "active"), (SuspendAccount, "suspended"),
             (CloseAccount, "closed")]
    for number, (command, status) in enumerate(steps, 2):
        op = ulid()
        receipt = scene.administer(NANAO, command(clerk.account, "異動"), op=op)
        assert scene.event(receipt) == {"account_id": clerk.account, "reason": "異動"}
        assert scene.administer(NANAO, command(clerk.account, "異動"), op=op).replayed
        found = account(scene, clerk.account)
        assert (found["status"], found["rev"]) == (status, number)
        if status == "active":
            scene.submit(NANAO, "webui", resident, actor=clerk)
        else:
            assert scene.refusal(NANAO, "webui", resident, actor=clerk).code == "account_inactive"


@pytest.mark.parametrize(("before", "command", "state"), [
    ((), ResumeAccount, "active"), ((SuspendAccount,), SuspendAccount, "suspended"),
    ((CloseAccount,), SuspendAccount, "closed"), ((CloseAccount,), ResumeAccount, "closed"),
    ((CloseAccount,), CloseAccount, "closed")])
def test_an_account_moves_along_its_states(scene: Scene, before: tuple[type, ...], command: type, state: str) -> None:
    clerk, (actor, key) = scene.official(NANAO, "C"), scene.channel.administrator(NANAO)
    for step in before:
        scene.administer(NANAO, step(clerk.account, ""))
    refusal = scene.refusal(NANAO, "webui", command(clerk.account, ""), actor=actor, keys=(key,))
    assert (refusal.code, refusal.params) == ("wrong_state", {"state": state})


def test_a_closed_account_does_not_change(scene: Scene) -> None:
    clerk, (actor, key) = scene.official(NANAO, "C"), scene.channel.administrator(NANAO)
    scene.administer(NANAO, CloseAccount(clerk.account, ""))
    command = ChangeAccount(clerk.account, 2, ("C", "X"))
    assert scene.refusal(NANAO, "webui", command, actor=actor, keys=(key,)).params == {"state": "closed"}


def test_officials_are_moved_under_a_confirmed_key_residents_are_not(scene: Scene) -> None:
    official, supporter = scene.official(NANAO, "C"), scene.supporter(NANAO)
    administrator = scene.official(NANAO, "A")
    for command in (SuspendAccount, ResumeAccount, CloseAccount):
        scene.submit(NANAO, "webui", command(supporter.account, ""), actor=administrator)
        refusal = scene.refusal(NANAO, "webui", command(official.account, ""), actor=administrator)
        assert refusal.code == "key_required"
    change = ChangeAccount(official.account, 1, ("C", "X"))
    assert scene.refusal(NANAO, "webui", change, actor=administrator).code == "key_required"


def test_nobody_ends_the_own_authority(scene: Scene) -> None:
    """So of two administrators one always stays; the console may end either."""
    actor, key = scene.channel.administrator(NANAO)
    for command in (SuspendAccount(actor.account, ""), CloseAccount(actor.account, ""),
                    ChangeAccount(actor.account, 1, ("C",))):
        assert scene.refusal(NANAO, "webui", command, actor=actor, keys=(key,)).code == "not_permitted"
    other = scene.official(NANAO, "A")
    scene.submit(NANAO, "console", SuspendAccount(other.account, "端末の紛失"))
    assert account(scene, other.account)["by"] == "console"


def test_accounts_of_others_are_left_alone(scene: Scene) -> None:
    foreign, (actor, key) = scene.official(HACHIOJI, "C"), scene.channel.administrator(NANAO)
    commands = [SuspendAccount(foreign.account, ""), CloseAccount(foreign.account, ""),
                ChangeAccount(foreign.account, 1, ("C", "X"))]
    for command in commands:
        assert scene.refusal(NANAO, "webui", command, actor=actor, keys=(key,)).code == "foreign_record"
        assert scene.refusal(NANAO, "console", command).code == "foreign_record"
    assert scene.refusal(NANAO, "console", SuspendAccount(random_id(), "")).code == "not_found"
    clerk = scene.official(NANAO, "C")
    assert scene.refusal(NANAO, "webui", SuspendAccount(clerk.account, ""), actor=clerk).code == "not_permitted"
