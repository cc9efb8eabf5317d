"""One ledger for all threads, and across the forks of a web server."""
from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.gateway import gateway_pb2

from moyai_client.lanes import Lanes
from moyai_client.ledger import Ledger
from tests.unit.client.conftest import COMMAND
from tests.unit.client.fake_peer import FakePeer, arguments_of, endorsed, evaluated, submitted

PROGRAM = Path(__file__).with_name("forking_program.py")


@pytest.mark.parametrize("used", ["used", "fresh"])
def test_children_of_a_fork_make_their_own_connections(own: FakePeer, profile_path: Path, used: str) -> None:
    own.scripts["Evaluate"] = evaluated(b'"own"')
    ended = subprocess.run([sys.executable, str(PROGRAM), str(profile_path), used], timeout=60, capture_output=True,
                           text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert own.calls["Evaluate"] == 3 * 5 + (2 if used == "used" else 1)


def test_many_threads_share_one_ledger(ledger: Ledger, own: FakePeer) -> None:
    own.scripts["Evaluate"] = lambda request: evaluated(arguments_of(request)[1])(request)
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda number: ledger.evaluate("echo", {"number": number}), range(400)))
    assert answers == [{"number": number} for number in range(400)]


def test_a_lane_lets_one_command_through_at_a_time(ledger: Ledger, own: FakePeer) -> None:
    inside: list[str] = []
    most: list[int] = []

    def endorse(request: Any) -> Any:
        inside.append(request.transaction_id)
        most.append(len(inside))
        return endorsed()(request)

    def commit(request: Any) -> Any:
        inside.pop()
        return gateway_pb2.CommitStatusResponse(result=0, block_number=1)

    own.scripts |= {"Endorse": endorse, "Submit": submitted, "CommitStatus": commit}
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: ledger.submit(COMMAND, lane="offer-1"), range(24)))
    assert len(receipts) == 24 and max(most) == 1


def test_lanes_of_other_keys_do_not_wait_and_leave_nothing_behind() -> None:
    lanes = Lanes()
    entered = threading.Event()
    with lanes.hold("a"):
        threading.Thread(target=lambda: _enter(lanes, "b", entered), daemon=True).start()
        assert entered.wait(5)
    with lanes.hold(None):
        assert lanes._lanes == {}


def _enter(lanes: Lanes, key: str, entered: threading.Event) -> None:
    with lanes.hold(key):
        entered.set()
