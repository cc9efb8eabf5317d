"""S11: a phone's key is registered by ticket, confirmed by another, revoked in one step."""
from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from moyai_contracts.api.directory import ConfirmKey, RegisterKey, RevokeKey
from moyai_webui.home import Services
from tests.unit.webui.pages.conftest import Browser

POINT = "02" + "ab" * 32


def _ticket(office: Browser, services: Services) -> str:
    second = services.reading.all_accounts[-1]
    page = office.send("/directory/enrol_device", {"account": second.account_id})
    assert page.status_code == 200 and "<svg" in page.text
    return re.search(r"/directory/register_key\?ticket=[\w-]+", page.text)[0]  # type: ignore[index]


def test_s11_a_ticket_lets_one_phone_register_its_key(office: Browser, visitor: Browser, services: Services) -> None:
    address = _ticket(office, services)
    assert "もう1人の管理者" in visitor.get(address).text
    answer = visitor.send(address, {"name": "予備の電話", "public": POINT})
    key_id = hashlib.sha256(bytes.fromhex(POINT)).hexdigest()[:16]
    assert answer.headers["Location"] == f"/directory/registered_key/{key_id}"
    ((command, actor),) = services.submissions.commands
    second = services.reading.all_accounts[-1]
    assert command == RegisterKey(POINT) and (actor.account, actor.role) == (second.account_id, "A")
    assert services.home.key_names[second.account_id, key_id] == "予備の電話"
    assert visitor.get(address).status_code == 410
    assert f"{key_id[:4]} {key_id[4:8]}" in visitor.get(answer.headers["Location"]).text


def test_s11_without_name_or_key_the_ticket_is_not_used_up(office: Browser, visitor: Browser,
                                                           services: Services) -> None:
    address = _ticket(office, services)
    assert "端末の呼び名を入れてください" in visitor.send(address, {"name": "", "public": POINT}).text
    assert visitor.send(address, {"name": "電話", "public": "04" + "ab" * 64}).status_code == 422
    assert services.submissions.commands == [] and visitor.get(address).status_code == 200


def test_s11_nobody_registers_a_key_without_a_ticket(visitor: Browser, office: Browser) -> None:
    for browser in (visitor, office):
        assert browser.get("/directory/register_key").status_code == 410
        assert browser.get("/directory/register_key?ticket=guess").status_code == 410


def test_s11_another_s_key_is_confirmed_by_signature(office: Browser, services: Services) -> None:
    key = services.reading.all_keys[0]
    answer = office.send(f"/directory/confirm_key?account={key.account_id}&key={key.key_id}")
    assert answer.headers["Location"].startswith("/sign/") and services.submissions.commands == []
    ((command, _),) = services.submissions.held.values()
    assert command == ConfirmKey(key.account_id, key.key_id)


def test_s11_nobody_confirms_the_own_phone(office: Browser, services: Services) -> None:
    key = services.reading.all_keys[1]
    address = f"/directory/confirm_key?account={key.account_id}&key={key.key_id}"
    page = office.get(address)
    assert "自分の端末は自分では確認できません" in page.text
    other = services.reading.all_keys[0]
    form = office.get(f"/directory/confirm_key?account={other.account_id}&key={other.key_id}")
    assert office.send(address, page=form).status_code == 422 and services.submissions.held == {}


def test_s11_a_lost_phone_is_revoked_in_one_step(office: Browser, services: Services) -> None:
    key = services.reading.all_keys[0]
    answer = office.send(f"/directory/revoke_key?account={key.account_id}&key={key.key_id}")
    assert answer.headers["Location"].startswith("/recorded/")
    assert services.submissions.commands[0][0] == RevokeKey(key.account_id, key.key_id)


def test_s11_everybody_sees_and_revokes_the_own_keys_alone(
        signed_in: Callable[[str], Browser], services: Services) -> None:
    shelter = signed_in("shelter")
    page = shelter.get("/directory/keys")
    assert "予備の電話" not in page.text and "登録された端末はまだありません" in page.text
    key = services.reading.all_keys[0]
    assert shelter.get(f"/directory/revoke_key?account={key.account_id}&key={key.key_id}").status_code == 403
    assert shelter.get("/directory/revoke_key?account=&key=" + key.key_id).status_code == 404
