"""Who may publish: keeps the broker's access file and revocation list in step with the ledger and the device CA.

The list keeps a revoked device from connecting; a session that it holds open goes on until the access file denies its
topics too. The broker reads both again at SIGHUP.
"""
from __future__ import annotations

import fcntl
import logging
import os
import re
import signal
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from moyai_client import Block, Ledger, MoyaiError, Profile
from moyai_client.certificate_authority import AuthorityAway

from moyai_bridge.device_certificates import DeviceCaSettings, DeviceCertificates

ENDED = ("devices.device_revoked", "devices.device_retired")
"""Events after which a device sends nothing any more."""
REFRESH_SECONDS = 6 * 3600.0
"""How often all is asked afresh; a list is good for a year."""
RETRY_SECONDS = 2.0
_BLOCKS_A_NOTE = 500
_DENIED = re.compile(r"^user (\S+)\ntopic deny #$", re.MULTILINE)
_BROKER = "mosquitto"

log = logging.getLogger(__name__)


class AccessSettings(DeviceCaSettings):
    """Files of the broker, and how to follow the ledger; from the environment (prefix `MOYAI_`)."""

    bridge_profile: Path
    broker_access_file: Path
    broker_rules_file: Path
    broker_crl_file: Path
    broker_pid_file: Path
    access_cursor: Path


def access_file(rules: str, denied: Iterable[str]) -> str:
    """The broker's access file: the rules for everybody, then those who may do nothing."""
    return rules.rstrip("\n") + "\n" + "".join(f"\nuser {name}\ntopic deny #\n" for name in sorted(denied))


def denied_in(text: str) -> frozenset[str]:
    """Who may do nothing according to an access file."""
    return frozenset(_DENIED.findall(text))


class Access:
    """The broker's files. Whoever was denied stays so: a device's id never comes back.

    Safe among threads and processes.
    """

    def __init__(self, settings: AccessSettings, certificates: DeviceCertificates) -> None:
        self._settings, self._certificates = settings, certificates

    def revoke(self, device_id: str) -> None:
        """Puts a device out at once, its open session too, and has its certificate revoked.

        Raises AuthorityAway where the device CA cannot be asked: until it is told again, the device may connect and
        is denied every topic.
        """
        self._update({device_id})
        if not self._certificates.revoke(device_id):
            log.info("device %s never had a certificate here", device_id)
        self.refresh()

    def refresh(self) -> None:
        """Everything as the device CA says it is now, whoever revoked it there."""
        with _exclusive(self._settings.broker_crl_file):
            revoked = self._certificates.revoked()
            self._update(revoked, self._certificates.revocation_list())

    def _update(self, denied: Iterable[str], revocation_list: bytes | None = None) -> None:
        settings = self._settings
        with _exclusive(settings.broker_access_file):
            before = settings.broker_access_file.read_text("utf-8") if settings.broker_access_file.exists() else ""
            after = access_file(settings.broker_rules_file.read_text("utf-8"), denied_in(before) | set(denied))
            if after != before:
                _write(settings.broker_access_file, after.encode())
            if revocation_list is not None:
                _write(settings.broker_crl_file, revocation_list)
            if after != before or revocation_list is not None:
                self._tell_broker()

    def _tell_broker(self) -> None:
        """SIGHUP. A broker that is away or still starting reads the files by itself."""
        try:
            pid = int(self._settings.broker_pid_file.read_text("ascii"))
            # After a kill -9 the number may be somebody else's by now.
            if Path(f"/proc/{pid}/comm").read_text("utf-8").strip() == _BROKER:
                os.kill(pid, signal.SIGHUP)
        except (FileNotFoundError, ProcessLookupError, ValueError):
            log.info("the broker does not run; it reads its files when it starts")


class Follower:
    """Puts out every device of the own municipality that the ledger says has ended, from a stored block on."""

    def __init__(self, access: Access, msp_id: str, cursor: Path, stop: threading.Event) -> None:
        self._access, self._msp_id, self._cursor, self._stop = access, msp_id, cursor, stop

    @property
    def start(self) -> int:
        """Number of the first block that was not looked at yet."""
        return int(self._cursor.read_text("ascii")) if self._cursor.exists() else 0

    def follow(self, blocks: Iterable[Block]) -> None:
        """Works through blocks as they come; returns when they end or `stop` is set."""
        for block in blocks:
            ended = devices_ended(block, self._msp_id)
            for device_id in ended:
                log.info("block %d: device %s is put out", block.number, device_id)
                self._revoke(device_id)
            if self._stop.is_set():
                return
            if ended or block.number % _BLOCKS_A_NOTE == 0:
                _write(self._cursor, str(block.number + 1).encode())

    def _revoke(self, device_id: str) -> None:
        while not self._stop.is_set():
            try:
                return self._access.revoke(device_id)
            except AuthorityAway as error:
                log.warning("%s; device %s is denied its topics, its certificate waits", error, device_id)
                self._stop.wait(RETRY_SECONDS)


def devices_ended(block: Block, msp_id: str) -> list[str]:
    """Devices of a municipality that a block revokes or retires."""
    return [transaction.event.payload["data"]["device_id"] for transaction in block.transactions
            if transaction.valid and transaction.msp_id == msp_id
            and transaction.event is not None and transaction.event.name in ENDED]


def run(settings: AccessSettings, stop: threading.Event) -> None:
    """The program: follows the ledger and asks the device CA now and then, until `stop` is set."""
    access = Access(settings, DeviceCertificates(settings))
    ledger = Ledger.open(Profile.load(settings.bridge_profile))
    follower = Follower(access, ledger.profile.msp_id, settings.access_cursor, stop)
    refreshing = threading.Thread(target=_refresh_again_and_again, args=(access, stop), daemon=True)
    refreshing.start()
    try:
        follower.follow(ledger.blocks(follower.start, stop=stop))
    finally:
        stop.set()
        refreshing.join()
        ledger.close()


def _refresh_again_and_again(access: Access, stop: threading.Event) -> None:
    pause = 0.0
    while not stop.wait(pause):
        try:
            access.refresh()
            pause = REFRESH_SECONDS
        except (MoyaiError, OSError) as error:
            log.warning("the broker's files stay as they are: %s", error)
            pause = RETRY_SECONDS


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """One at a time rewrites the file at `path`: web UI and program do it both."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, content: bytes) -> None:
    """Puts content at `path` in one step: the broker may read it at any time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
