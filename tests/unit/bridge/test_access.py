"""The broker's access file and revocation list, as revocations and failures of the device CA leave them."""
from __future__ import annotations

import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from moyai_client import Block, Event, Transaction
from moyai_client.certificate_authority import AuthorityAway
from moyai_network.waiting import wait_for

from moyai_bridge import access
from moyai_bridge.access import Access, AccessSettings, Follower, access_file, denied_in, devices_ended

FIRST, SECOND, FOREIGN = ("0123456789ABCDEFGHJKMNPQR" + last for last in "STV")
RULES = "user bridge-1\ntopic read m/+/registers\n\npattern write m/%u/registers\n"


class FakeDeviceCa:
    """Remembers who was revoked, as long as it is not away."""

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self.asked = 0
        self.away = False

    def revoke(self, device_id: str) -> bool:
        self._answer()
        self.gone.add(device_id)
        return True

    def revoked(self) -> frozenset[str]:
        self._answer()
        return frozenset(self.gone)

    def revocation_list(self) -> bytes:
        self._answer()
        return ",".join(sorted(self.gone)).encode()

    def _answer(self) -> None:
        self.asked += 1
        if self.away:
            raise AuthorityAway("CA deviceca does not answer")


@pytest.fixture
def settings(tmp_path: Path) -> AccessSettings:
    (tmp_path / "rules.acl").write_text(RULES)
    return AccessSettings(
        device_ca_url="https://127.0.0.1:7354", device_ca_name="deviceca", device_ca_root=tmp_path / "root.pem",
        device_ca_organisation="Nanao", device_registrar=tmp_path / "registrar.json",
        bridge_profile=tmp_path / "bridge.json", broker_access_file=tmp_path / "access.acl",
        broker_rules_file=tmp_path / "rules.acl", broker_crl_file=tmp_path / "revoked.pem",
        broker_pid_file=tmp_path / "mosquitto.pid", access_cursor=tmp_path / "cursor")


@pytest.fixture
def ca() -> FakeDeviceCa:
    return FakeDeviceCa()


@pytest.fixture
def accessing(settings: AccessSettings, ca: FakeDeviceCa) -> Access:
    return Access(settings, ca)  # type: ignore[arg-type]


def test_an_access_file_tells_who_is_denied_and_gives_it_back() -> None:
    text = access_file(RULES, {SECOND, FIRST})
    assert text.startswith(RULES)
    assert text[len(RULES):] == f"\nuser {FIRST}\ntopic deny #\n\nuser {SECOND}\ntopic deny #\n"
    assert denied_in(text) == {FIRST, SECOND}
    assert denied_in(RULES) == frozenset()


def test_a_revoked_device_is_in_both_files(accessing: Access, settings: AccessSettings) -> None:
    accessing.revoke(FIRST)
    assert denied_in(settings.broker_access_file.read_text()) == {FIRST}
    assert settings.broker_crl_file.read_bytes() == FIRST.encode()


def test_a_device_is_denied_even_while_the_device_ca_is_away(
        accessing: Access, settings: AccessSettings, ca: FakeDeviceCa) -> None:
    ca.away = True
    with pytest.raises(AuthorityAway):
        accessing.revoke(FIRST)
    assert denied_in(settings.broker_access_file.read_text()) == {FIRST}


def test_who_was_denied_stays_so(accessing: Access, settings: AccessSettings, ca: FakeDeviceCa) -> None:
    accessing.revoke(FIRST)
    ca.gone = {SECOND}
    accessing.refresh()
    assert denied_in(settings.broker_access_file.read_text()) == {FIRST, SECOND}


def test_new_rules_are_taken_and_the_denied_are_kept(accessing: Access, settings: AccessSettings) -> None:
    accessing.revoke(FIRST)
    settings.broker_rules_file.write_text("pattern write m/%u/other\n")
    accessing.refresh()
    text = settings.broker_access_file.read_text()
    assert text.startswith("pattern write m/%u/other\n") and denied_in(text) == {FIRST}


def test_two_revocations_at_once_lose_none(settings: AccessSettings, ca: FakeDeviceCa) -> None:
    names = [f"{number:026}" for number in range(20)]
    threads = [threading.Thread(target=Access(settings, ca).revoke, args=(name,))  # type: ignore[arg-type]
               for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert denied_in(settings.broker_access_file.read_text()) == set(names)
    assert settings.broker_crl_file.read_text().split(",") == names


@pytest.mark.parametrize(("program", "told"), [("mosquitto", True), ("another", False)])
def test_the_broker_alone_is_told(accessing: Access, settings: AccessSettings, tmp_path: Path, program: str,
                                  told: bool) -> None:
    """A number from before a kill -9 may be another program's: SIGHUP would end it."""
    shutil.copy(shutil.which("sleep") or "", tmp_path / program)
    process = subprocess.Popen([tmp_path / program, "60"])
    try:
        # Popen returns a moment before the kernel names the process after its program.
        wait_for(lambda: Path(f"/proc/{process.pid}/comm").read_text().strip() == program, seconds=10,
                 failure=lambda: f"{program} never got its name")
        settings.broker_pid_file.write_text(f"{process.pid}\n")
        accessing.revoke(FIRST)
        if told:
            assert process.wait(timeout=10) == -signal.SIGHUP
        else:
            assert process.poll() is None
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("content", [None, "", "4194305\n"])
def test_a_broker_that_does_not_run_is_no_trouble(accessing: Access, settings: AccessSettings,
                                                  content: str | None) -> None:
    if content is not None:
        settings.broker_pid_file.write_text(content)
    accessing.revoke(FIRST)
    assert denied_in(settings.broker_access_file.read_text()) == {FIRST}


def transaction(device_id: str, name: str = "devices.device_revoked", msp_id: str = "NanaoMSP",
                valid: bool = True) -> Transaction:
    return Transaction(tx_id="1", number_in_block=0, valid=valid, code="VALID" if valid else "MVCC_READ_CONFLICT",
                       timestamp=0, msp_id=msp_id, function="", arguments=[],
                       event=Event(name, {"data": {"device_id": device_id}}), writes=[])


def block(number: int, *transactions: Transaction) -> Block:
    return Block(number, b"", b"", b"", transactions)


def test_the_ledger_says_which_devices_have_ended() -> None:
    found = devices_ended(block(
        7, transaction(FIRST), transaction(SECOND, "devices.device_retired"), transaction(FOREIGN, msp_id="OshimaMSP"),
        transaction(FOREIGN, "devices.device_registered"), transaction(FOREIGN, valid=False)), "NanaoMSP")
    assert found == [FIRST, SECOND]


def test_following_goes_on_after_the_last_device_that_was_put_out(
        accessing: Access, settings: AccessSettings, ca: FakeDeviceCa) -> None:
    follower = Follower(accessing, "NanaoMSP", settings.access_cursor, threading.Event())
    assert follower.start == 0
    follower.follow([block(1), block(2, transaction(FIRST)), block(3)])
    assert (ca.gone, follower.start) == ({FIRST}, 3)


def test_a_device_waits_for_a_device_ca_that_is_away(
        accessing: Access, settings: AccessSettings, ca: FakeDeviceCa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "RETRY_SECONDS", 0.01)
    ca.away = True
    stop = threading.Event()
    follower = Follower(accessing, "NanaoMSP", settings.access_cursor, stop)
    following = threading.Thread(target=follower.follow, args=([block(2, transaction(FIRST))],))
    following.start()
    while ca.asked < 5:
        assert following.is_alive()
    assert denied_in(settings.broker_access_file.read_text()) == {FIRST} and follower.start == 0
    ca.away = False
    following.join(timeout=10)
    assert (ca.gone, follower.start) == ({FIRST}, 3)


def test_one_that_is_told_to_stop_remembers_only_what_it_did(
        accessing: Access, settings: AccessSettings, ca: FakeDeviceCa) -> None:
    ca.away = True
    stop = threading.Event()
    follower = Follower(accessing, "NanaoMSP", settings.access_cursor, stop)
    threading.Timer(0.2, stop.set).start()
    follower.follow([block(2, transaction(FIRST)), block(3)])
    assert follower.start == 0 and ca.gone == set()
