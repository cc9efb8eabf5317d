"""E1: meters are registered, listed with their health, and end; the file to carry to a device is given once."""
from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest

from moyai_contracts.api.devices import RegisterDevice, RetireDevice, RevokeDevice
from moyai_contracts.api.directory import Ratio
from moyai_webui.home import Services
from moyai_webui.metering_devices import SILENT_AFTER
from moyai_webui.presentation.formats import full_moment, now, today
from tests.unit.webui.pages.conftest import Browser
from tests.unit.webui.pages.memory_metering import FINGERPRINT, HOME, MEMBER, PENDING, PRIVATE_KEY, SILENT

FORM = {"owner": "member@example.jp", "measure": "home", "label": "一階の計器", "serial": "ＳＭ-９９９", "supply_point":
        "03-0011-2233-4455-6677-8899", "capacity": "6,000", "coefficient": "0.1", "digits": "6"}


def typed(**changes: str) -> dict[str, str]:
    return FORM | {"installed_on": (today() - timedelta(days=3)).isoformat()} | changes


def registered(office: Browser, **changes: str) -> str:
    """Address of the device's file after its receipt."""
    answer = office.send("/eco/register_device", typed(**changes))
    assert answer.status_code == 303, answer.text
    receipt = office.get(answer.headers["Location"]).text
    found = re.search(r'href="(/eco/device_file/[^"]+)"', receipt)
    assert found is not None
    return found[1]


def test_e1_a_device_is_registered_with_the_fingerprint_of_its_certificate(office: Browser, services: Services) -> None:
    registered(office)
    (command, actor), = services.submissions.commands
    assert isinstance(command, RegisterDevice) and actor.role == "A"
    assert command.account == MEMBER and command.certificate == FINGERPRINT
    assert (command.kind, command.registers, command.unit) == ("meter", ("import", "export", "generation"), "Wh")
    assert (command.capacity, command.coefficient, command.digits) == (6000, Ratio(1, 10), 6)
    assert [tag.kind for tag in command.tags] == ["serial", "supply_point"]
    (new,) = services.metering.enrolled
    assert (new.serial, new.supply_point, new.label) == ("SM999", "0300112233445566778899", "一階の計器")
    assert services.metering.device(new.device_id).state == "active"
    assert new.serial not in json.dumps(services.submissions.submission(new.op).fields)


def test_e1_the_file_has_certificate_key_and_settings_and_is_given_once(office: Browser, services: Services) -> None:
    page = registered(office)
    accepted = services.submissions.submission(services.metering.enrolled[0].op).accepted_at
    assert f"{full_moment(accepted + timedelta(hours=24))}に、ここから消えます" in office.get(page).text
    answer = office.send(page)
    assert answer.mimetype == "application/zip" and "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert set(archive.namelist()) == {
        "device.json", "certificate.pem", "private_key.pem", "authority.pem", "README.txt"}
    assert archive.read("private_key.pem") == PRIVATE_KEY
    settings = json.loads(archive.read("device.json"))
    device_id = services.metering.enrolled[0].device_id
    assert settings["broker"] == {"host": "broker.example.jp", "port": 8883, "client_id": device_id, "qos": 1}
    assert settings["topics"]["registers"] == f"m/{device_id}/registers"
    assert settings["coefficient"] == {"n": 1, "d": 10} and settings["digits"] == 6
    again = office.get(page)
    assert "保存済み" in again.text and "ファイルを保存する" not in again.text
    assert office.send(page, page=again).mimetype == "text/html"
    assert services.home.drafts == {}


def test_e1_nobody_else_gets_the_file(office: Browser, signed_in: Callable[[str], Browser]) -> None:
    page = registered(office)
    assert signed_in("clerk").get(page).status_code == 404
    other = signed_in("office")  # the same person elsewhere: the way to the file is in the first browser only
    assert "ファイルを保存する" not in other.get(page).text
    assert office.send(page).mimetype == "application/zip"


def test_e1_a_form_sent_twice_makes_one_device(office: Browser, services: Services) -> None:
    form = office.get("/eco/register_device")
    for _ in range(2):
        assert office.send("/eco/register_device", typed(), page=form).status_code == 303
    assert len(services.metering.enrolled) == len(services.submissions.commands) == 1


def test_e1_a_taken_device_is_refused_and_its_certificate_discarded(office: Browser, services: Services) -> None:
    services.submissions.state, services.submissions.refusal = "refused", ("device_taken", {})
    answer = office.send("/eco/register_device", typed())
    receipt = office.get(answer.headers["Location"]).text
    assert "この機器または供給地点はすでに登録されています。" in receipt and "ファイルを保存する" not in receipt
    (new,) = services.metering.enrolled
    assert services.metering.device(new.device_id) is None
    page = office.get(f"/eco/device_file/{new.op}")
    assert "記録されませんでした" in page.text and "ファイルを保存する" not in page.text


def test_e1_the_file_waits_until_the_ledger_has_the_device(office: Browser, services: Services) -> None:
    services.submissions.state = "pending"
    office.send("/eco/register_device", typed())
    (new,) = services.metering.enrolled
    page = f"/eco/device_file/{new.op}"
    assert "登録を記録しています" in office.get(page).text
    assert office.send(page).mimetype == "text/html"
    recorded = services.submissions.by_op[new.op]
    services.submissions.by_op[new.op] = type(recorded)(**(vars(recorded) | {"state": "recorded"}))
    assert "ファイルを保存する" in office.get(page).text
    assert services.metering.device(new.device_id).state == "active"


def test_e1_without_the_device_ca_nothing_is_sent(office: Browser, services: Services) -> None:
    services.metering.away = True
    answer = office.send("/eco/register_device", typed())
    assert answer.status_code == 422 and "いまは、機器の証明書を作れません" in answer.text
    assert "ＳＭ-９９９" in answer.text or "SM-999" in answer.text
    assert services.submissions.commands == []


@pytest.mark.parametrize(("field", "value", "words"), [
    ("owner", "nobody@example.jp", "この住民は登録されていません"), ("owner", "clerk@example.jp", "この住民は登録されていません"),
    ("measure", "lamp", "機器の種類を選んでください"), ("serial", "", "製造番号を英数字で入れてください"),
    ("supply_point", "123", "供給地点特定番号を22桁の数字で"), ("capacity", "0", "最大の大きさを1以上の数字で"),
    ("coefficient", "0", "係数を"), ("coefficient", "-1", "係数を"), ("coefficient", "1/0", "係数を"),
    ("digits", "13", "指針の桁数は12以下に"), ("installed_on", "2999-01-01", "設置日を、今日までの日付で")])
def test_e1_what_cannot_be_is_said_at_its_field(field: str, value: str, words: str, office: Browser,
                                                services: Services) -> None:
    answer = office.send("/eco/register_device", typed(**{field: value}))
    assert answer.status_code == 422 and words in answer.text
    assert services.submissions.commands == [] and services.metering.enrolled == []


@pytest.mark.parametrize(("coefficient", "ratio"), [("100", Ratio(100, 1)), ("１", Ratio(1, 1)), ("2/4", Ratio(1, 2))])
def test_e1_a_coefficient_is_exact(coefficient: str, ratio: Ratio, office: Browser, services: Services) -> None:
    registered(office, coefficient=coefficient, owner="9" * 26)
    command = services.submissions.commands[0][0]
    assert command.coefficient == ratio and command.account == "9" * 26


def test_e1_the_list_shows_health_and_leads_to_what_is_possible(office: Browser) -> None:
    text = office.get("/eco/devices").text
    for words in ("住まい全体の計器", "正常", "受信なし", "登録中", "96回", f"retire_device?device={HOME}"):
        assert words in text
    assert "外した計器" not in text and f"retire_device?device={PENDING}" not in text
    assert "外した計器" in office.get("/eco/devices?state=ended").text
    silent = office.get("/eco/devices?state=silent").text
    assert "屋根の太陽光" in silent and "住まい全体の計器" not in silent
    assert "この条件の機器はありません" in office.get("/eco/devices?q=none").text


def test_e1_health_follows_from_the_last_message(services: Services) -> None:
    device, at = services.metering.device(HOME), now()
    seen = device.last_seen_at
    assert device.health(seen + SILENT_AFTER) == "fine" and device.health(seen + 2 * SILENT_AFTER) == "silent"
    assert services.metering.device(PENDING).health(at) == "pending"


@pytest.mark.parametrize(("page", "command", "reason", "state"), [
    ("revoke_device", RevokeDevice, "盗難・紛失", "revoked"), ("retire_device", RetireDevice, "取り外し", "retired")])
def test_e1_a_device_ends_with_a_reason(page: str, command: type, reason: str, state: str, office: Browser,
                                        services: Services) -> None:
    address = f"/eco/{page}?device={HOME}"
    assert office.send(address).status_code == 422 and services.submissions.commands == []
    assert office.send(address, {"reason": "なんとなく"}).status_code == 422
    answer = office.send(address, {"reason": reason})
    assert services.submissions.commands[0][0] == command(device_id=HOME, reason=reason)
    assert services.metering.device(HOME).state == state
    assert reason in office.get(answer.headers["Location"]).text
    assert office.get(f"/eco/{page}?device={'0' * 26}").status_code == 404


def test_e1_what_the_ledger_does_not_have_yet_stays_in_the_registry(office: Browser, services: Services) -> None:
    services.submissions.state = "pending"
    office.send(f"/eco/revoke_device?device={HOME}", {"reason": "盗難・紛失"})
    assert services.metering.device(HOME).state == "active"


def test_e1_a_town_without_meters_says_so(office: Browser, app: object, services: Services) -> None:
    app.extensions["moyai"] = Services(services.reading, services.home, services.submissions, services.proofs)
    assert office.get("/eco/devices").status_code == 503
    assert "/eco/devices" not in office.get("/directory/").text


def test_e1_the_tags_of_the_coming_year_are_renewed_at_one_press(signed_in: Callable[[str], Browser],
                                                                 services: Services) -> None:
    clerk = signed_in("clerk")
    services.metering.untagged["2027"] = [f"{number:026}" for number in range(250)]
    assert "250台の印を更新する" in clerk.get("/eco/renew_tag").text
    answer = clerk.send("/eco/renew_tag")
    commands = [command for command, actor in services.submissions.commands if actor.role == "C"]
    assert [len(command.devices) for command in commands] == [100, 100, 50]
    assert {command.epoch for command in commands} == {"2027"} and services.metering.untagged["2027"] == []
    assert "250件（3回に分けて記録）" in clerk.get(answer.headers["Location"]).text
    assert "2027年度の印があります" in clerk.get("/eco/renew_tag?year=2027").text


def test_e1_what_was_forgotten_of_this_year_comes_first(signed_in: Callable[[str], Browser],
                                                        services: Services) -> None:
    clerk = signed_in("clerk")
    services.metering.untagged["2026"] = [HOME]
    assert "1台の印を更新する" in clerk.get("/eco/renew_tag").text
    clerk.send("/eco/renew_tag")
    assert services.submissions.commands[0][0].epoch == "2026"


def test_e1_without_the_year_s_key_nothing_is_sent(signed_in: Callable[[str], Browser], services: Services) -> None:
    clerk = signed_in("clerk")
    services.metering.away = True
    answer = clerk.send("/eco/renew_tag")
    assert answer.status_code == 422 and "この年度の鍵がまだありません" in answer.text
    assert services.submissions.commands == []


def test_e1_what_is_not_on_the_ledger_yet_is_asked_for_again(signed_in: Callable[[str], Browser],
                                                             services: Services) -> None:
    services.submissions.state = "pending"
    signed_in("clerk").send("/eco/renew_tag")
    assert services.metering.untagged["2027"] == [HOME, SILENT]
