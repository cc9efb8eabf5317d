"""What phones keep without a network: their copy of the records, and the commands they send later."""
from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from moyai_contracts.api.relief import ReceivePackage, RegisterNeed
from moyai_webui.forms.identifiers import new_op
from moyai_webui.home import Services
from moyai_webui.operation_rows import Drill
from moyai_webui.presentation.formats import now
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

OP = "01JH0000000000000000000000"
SCANNED_AT = 1_700_000_000


def receipt_of(snapshot: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A scanned box as a phone sends it."""
    box = snapshot["boxes"][0]
    lines = [{"dispatch_id": line["dispatch_id"], "good": line["quantity"], "short": 0, "damaged": 0, "refused": 0}
             for line in box["lines"]]
    fields = {"package_id": box["package"], "label_serial": 1, "lines": lines, "site": world.SANNO,
              "scanned_at": SCANNED_AT, "queued": True}
    return {"transaction": "relief.receive_package", "fields": fields | changes, "actor": snapshot["actor"],
            "page": f"/relief/receive_package?code={box['package']}", "form": {"good": "24", "damaged": "0"}}


def post(browser: Browser, message: dict[str, Any], op: str = OP, token: str | None = None) -> TestResponse:
    token = browser.get("/me/snapshot.json").get_json()["csrf"] if token is None else token
    return browser.client.post(f"/queue/{op}", data=json.dumps(message), content_type="application/json",
                               headers={"X-CSRFToken": token})


def test_s09_the_phone_s_copy_has_what_comes_and_no_names(shelter: Browser, services: Services) -> None:
    copy = shelter.get("/me/snapshot.json").get_json()
    assert {box["package"] for box in copy["boxes"]} == {world.package_id(1), world.package_id(2)}
    assert copy["boxes"][0]["lines"][0]["quantity"] == 24 and copy["site"] == world.SANNO
    assert copy["needs"] and all("あと" in need["text"] for need in copy["needs"])
    assert len(copy["items"]) == len(services.reading.catalogue)
    assert copy["actor"]["role"] == "S" and copy["scope"] == "live"


def test_s09_a_queued_receipt_is_sent_once_with_its_own_time(shelter: Browser, services: Services) -> None:
    message = receipt_of(shelter.get("/me/snapshot.json").get_json())
    answers = [post(shelter, message).get_json() for _ in range(3)]
    assert [answer["state"] for answer in answers] == ["recorded"] * 3
    assert shelter.get(f"/queue/{OP}").get_json() == answers[0]
    (command, *_), = services.submissions.commands
    assert isinstance(command, ReceivePackage) and (command.scanned_at, command.queued) == (SCANNED_AT, True)
    assert shelter.get(answers[0]["receipt"]).status_code == 200


def test_s09_a_phone_that_did_not_know_the_box_says_all_is_there(shelter: Browser, services: Services) -> None:
    message = receipt_of(shelter.get("/me/snapshot.json").get_json(), lines=[])
    assert post(shelter, message).get_json()["state"] == "recorded"
    assert services.submissions.commands[0][0].lines == ()


@pytest.mark.parametrize("changes", [
    {"transaction": "relief.request_dispatch"}, {"fields": {}}, {"fields": {"unknown": 1}}])
def test_s09_what_no_phone_of_ours_sends_is_refused(shelter: Browser, services: Services,
                                                    changes: dict[str, Any]) -> None:
    message = receipt_of(shelter.get("/me/snapshot.json").get_json()) | changes
    assert post(shelter, message).get_json()["state"] == "refused"
    assert services.submissions.commands == []


def test_s09_only_what_says_that_it_waited_is_taken(shelter: Browser, services: Services) -> None:
    message = receipt_of(shelter.get("/me/snapshot.json").get_json())
    del message["fields"]["queued"]
    assert post(shelter, message).get_json()["state"] == "refused" and services.submissions.commands == []


def test_s09_another_person_s_input_waits_for_that_person(shelter: Browser, office: Browser,
                                                          services: Services) -> None:
    message = receipt_of(shelter.get("/me/snapshot.json").get_json())
    answer = post(office, message)
    assert (answer.status_code, answer.get_json()["state"]) == (409, "kept") and services.submissions.commands == []


def test_s09_a_queue_needs_the_session_s_token(shelter: Browser, services: Services) -> None:
    message = receipt_of(shelter.get("/me/snapshot.json").get_json())
    assert post(shelter, message, token="").status_code == 400 and services.submissions.commands == []


def test_s09_a_refused_input_says_why_and_opens_its_form_again(shelter: Browser, services: Services) -> None:
    services.submissions.state, services.submissions.refusal = "refused", ("already_received", {"at": 1704793200})
    message = receipt_of(shelter.get("/me/snapshot.json").get_json())
    told = post(shelter, message).get_json()
    assert told["state"] == "refused" and "すでに受け取り済みです" in told["reason"]
    form = shelter.get(f"{message['page']}&again={OP}")
    assert form.status_code == 200 and 'name="good" value="24"' in form.text


def test_s09_nobody_reads_another_person_s_queue(shelter: Browser, office: Browser) -> None:
    post(shelter, receipt_of(shelter.get("/me/snapshot.json").get_json()))
    assert shelter.get(f"/queue/{OP}").status_code == 200
    assert office.get(f"/queue/{OP}").status_code == 404
    assert shelter.get(f"/queue/{new_op()}").status_code == 404 and shelter.get("/queue/x").status_code == 404


def test_s01_a_need_from_paper_keeps_its_time(shelter: Browser, services: Services) -> None:
    need = {"need_id": new_op(), "site": world.SANNO, "item": "000000-0201", "quantity": 30, "priority": "urgent"}
    message = {"transaction": "relief.register_need", "actor": shelter.get("/me/snapshot.json").get_json()["actor"],
               "fields": {"needs": [need], "made_at": SCANNED_AT, "queued": True}}
    assert post(shelter, message).get_json()["state"] == "recorded"
    command = services.submissions.commands[0][0]
    assert isinstance(command, RegisterNeed) and (command.made_at, command.queued) == (SCANNED_AT, True)


def test_the_service_worker_names_files_that_are_there(visitor: Browser, shelter: Browser) -> None:
    script = visitor.get("/service-worker.js")
    assert script.mimetype == "text/javascript" and script.headers["Cache-Control"] == "no-cache"
    given = json.loads(script.text.split("\n", 1)[0].removeprefix("const MOYAI = ").rstrip(";"))
    for address in (*given["assets"], *given["scripts"]):
        assert visitor.get(address).status_code == 200, address
    for address in given["pages"]:
        assert shelter.get(address).status_code == 200, address
    assert {"jsqr.js", "scan.js", "moyai.css"} <= {asset.split("/")[-1].split("?")[0] for asset in given["assets"]}


def test_every_form_that_may_wait_has_a_place_in_the_script(visitor: Browser, shelter: Browser) -> None:
    """Forms, builders and what the server takes are the same seven."""
    script = visitor.get("/static/moyai-queue.js").text
    for transaction in ("register_need", "close_need", "confirm_needs", "set_site_status", "receive_package",
                        "record_arrival", "hand_over_package"):
        assert f'"/relief/{transaction}"(' in script, transaction
        assert f'"relief.{transaction}"' in script, transaction


def test_the_page_of_the_queue_asks_before_somebody_leaves(shelter: Browser) -> None:
    page = shelter.get("/me/queue").text
    assert "送っていない入力はありません" in page and "送らずにサインアウトする" in page and "データ" not in page


def test_a_box_s_copy_changes_with_the_box(shelter: Browser, services: Services) -> None:
    services.reading.all_packages[0] = dataclasses.replace(services.reading.all_packages[0], state="received")
    boxes = shelter.get("/me/snapshot.json").get_json()["boxes"]
    assert [box["package"] for box in boxes] == [world.package_id(2)]


def test_s09_what_was_made_in_a_drill_stays_in_it(shelter: Browser, services: Services) -> None:
    drill = new_op()
    message = receipt_of(shelter.get("/me/snapshot.json").get_json()) | {"scope": drill}
    assert "訓練は終了しています" in post(shelter, message).get_json()["reason"]
    services.reading.all_drills = [Drill(world.NANAO, drill, "夜間の訓練", "open", now())]
    assert post(shelter, message).get_json()["state"] == "recorded"
    assert services.submissions.commands[0][1].scope == drill


def test_s09_a_signature_is_passed_on_and_a_key_revoked_meanwhile_stops_nothing(shelter: Browser,
                                                                                services: Services) -> None:
    proof = [{"key": "0" * 16, "signed_at": SCANNED_AT, "sig": "A" * 86}]
    message = receipt_of(shelter.get("/me/snapshot.json").get_json()) | {"proof": proof}
    assert post(shelter, message).get_json()["state"] == "recorded"
    assert services.submissions.by_op[OP].proof == tuple(proof)
