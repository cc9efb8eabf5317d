"""A meter's life on the real device CA and broker: registered on the page, publishing, proven, revoked."""
from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.reasoncodes import ReasonCode
from playwright.sync_api import Page, expect

from moyai_webui.presentation.formats import jst, now
from tests.browser.conftest import TownHalls
from tests.network.broker_site import until

NANAO, PROGRAMS = "172022", ("broker-172022", "access-172022", "bridge-172022-1")
CLERK, RESIDENT = "bousai@nanao.example", "jumin@nanao.example"
MANUAL = Path(__file__).parents[2] / "docs" / "meters.md"
REFUSED, NOT_AUTHORISED = 128, 135


@pytest.fixture(scope="module")
def meters(town_halls: TownHalls) -> Iterator[TownHalls]:
    """Broker, access and bridge of 七尾市; stopped at the end."""
    for program in PROGRAMS:
        town_halls.consortium.start(program)
    yield town_halls
    for program in reversed(PROGRAMS):
        town_halls.consortium.stop(program)


class Session:
    """A connection that a device holds open, with exactly the file it was given."""

    def __init__(self, folder: Path) -> None:
        self._device = json.loads((folder / "device.json").read_text("utf-8"))
        self._connected, self._answered, self.lost = threading.Event(), threading.Event(), threading.Event()
        self._reason = -1
        self._mqtt = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=self._device["device_id"],
                                 protocol=mqtt.MQTTv5, reconnect_on_failure=False)
        self._mqtt.tls_set(folder / "authority.pem", folder / "certificate.pem", folder / "private_key.pem")
        self._mqtt.on_connect = lambda *_: self._connected.set()
        self._mqtt.on_disconnect = lambda *_: self.lost.set()
        self._mqtt.on_publish = self._answer

    def open(self) -> bool:
        """Whether the broker let it in."""
        try:
            self._mqtt.connect(self._device["broker"]["host"], self._device["broker"]["port"])
        except OSError:
            return False
        self._mqtt.loop_start()
        return self._connected.wait(2)

    def publish(self) -> int:
        """The broker's reason code for one more message."""
        self._answered.clear()
        self._mqtt.publish(self._device["topics"]["registers"], b"{}", qos=1)
        assert self._answered.wait(10), "the broker does not answer"
        return self._reason

    def close(self) -> None:
        self._mqtt.disconnect()
        self._mqtt.loop_stop()

    def _answer(self, client: mqtt.Client, data: object, mid: int, reason: ReasonCode, properties: object) -> None:
        self._reason = reason.value
        self._answered.set()


def test_e01_a_meter_is_registered_publishes_is_proven_and_revoked(
        meters: TownHalls, phone: Callable[..., Page], tmp_path: Path) -> None:
    clerk = phone(NANAO, CLERK)
    label = f"計器{time.time_ns()}"
    device_id = register(clerk, label, tmp_path / "device.zip")
    folder = tmp_path / "device"
    zipfile.ZipFile(tmp_path / "device.zip").extractall(folder)
    publish_as_the_manual_says(folder)
    show_reading(clerk, device_id)
    anchor_all(meters)
    keep_proof(phone(NANAO, RESIDENT), label, meters, tmp_path / "proof.json")
    session = Session(folder)
    assert session.open() and session.publish() < REFUSED
    try:
        revoke(clerk, device_id)
        until(lambda: session.publish() == NOT_AUTHORISED)
        assert not session.lost.is_set()
    finally:
        session.close()
    until(lambda: not is_let_in(folder))


def is_let_in(folder: Path) -> bool:
    """Whether the device may connect anew."""
    session = Session(folder)
    try:
        return session.open()
    finally:
        session.close()


def register(clerk: Page, label: str, file: Path) -> str:
    """Registers the resident's meter, keeps its file, and returns its id."""
    clerk.goto("/eco/register_device")
    clerk.get_by_label("住民のメールアドレスまたはアカウント番号").fill(RESIDENT)
    clerk.get_by_text("住まい全体の計器").click()
    clerk.get_by_label("製造番号").fill(f"SM-{time.time_ns()}")
    clerk.get_by_label("呼び名").fill(label)
    clerk.get_by_label("最大の大きさ").fill("6000")
    clerk.get_by_label("指針の桁数").fill("8")
    clerk.get_by_role("button", name="登録する", exact=True).click()
    clerk.get_by_role("link", name="ファイルを保存する").click()
    expect(clerk.get_by_text("に、ここから消えます")).to_be_visible()
    with clerk.expect_download() as download:
        clerk.get_by_role("button", name="ファイルを保存する").click()
    download.value.save_as(file)
    clerk.reload()
    expect(clerk.get_by_role("button", name="ファイルを保存する")).to_have_count(0)
    return download.value.suggested_filename.removeprefix("moyai-").removesuffix(".zip")


def publish_as_the_manual_says(folder: Path) -> None:
    """Runs the ten lines beside the file that the page gave."""
    (lines,) = re.findall(r"```python\n(.+?)```", MANUAL.read_text("utf-8"), flags=re.DOTALL)
    subprocess.run([sys.executable, "-c", lines], cwd=folder, check=True, capture_output=True, timeout=60)


def show_reading(clerk: Page, device_id: str) -> None:
    """The reading is on the device's page as soon as the bridge has it; its proof waits for the ledger."""
    clerk.goto(f"/eco/devices/{device_id}?on={measured_on()}")
    reading = clerk.get_by_role("link", name="買った電気 1,234,567の証明")
    until(lambda: clerk.reload() and reading.count() == 1)
    reading.click()
    expect(clerk.get_by_role("heading", name="まだ台帳に載っていません")).to_be_visible()


def anchor_all(meters: TownHalls) -> None:
    """A bridge that drains anchors what it has."""
    status = meters.consortium.state.bridge(NANAO) / "spool-1.status.json"
    until(status.exists)
    done = meters.consortium.moyai("bridge", "drain", str(status))
    assert done.returncode == 0, done.stderr


def keep_proof(resident: Page, label: str, meters: TownHalls, file: Path) -> None:
    """The resident finds the reading in the own table and keeps its proof, which holds without us."""
    resident.goto(f"/eco/?on={measured_on()}")
    resident.get_by_role("link", name=label).click()
    resident.get_by_role("link", name="買った電気 1,234,567の証明").click()
    expect(resident.get_by_role("heading", name="この値は証明できます")).to_be_visible()
    with resident.expect_download() as download:
        resident.get_by_role("link", name="証明のファイルを保存する").click()
    download.value.save_as(file)
    done = meters.consortium.moyai("verify", str(file), MOYAI_STATE=str(file.parent))
    assert done.returncode == 0 and "import, 1234567 at " in done.stdout, done.stdout + done.stderr


def measured_on() -> str:
    """The day of the half-hour that was over last: what was read at midnight belongs to the day that ended."""
    return (jst(now()) - timedelta(minutes=30)).date().isoformat()


def revoke(clerk: Page, device_id: str) -> None:
    clerk.goto(f"/eco/revoke_device?device={device_id}")
    clerk.get_by_text("盗難・紛失").click()
    clerk.get_by_role("button", name="失効にする").click()
    expect(clerk.get_by_role("heading", name="機器を失効にしました")).to_be_visible()
