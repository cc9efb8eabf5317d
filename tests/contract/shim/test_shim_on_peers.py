"""What only real peers can show: many at once, time limits, the end of a service under load."""
from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Iterator

import pytest

from moyai_client.transport import RpcFailure
from tests.contract.shim.channel import Outcome, submit
from tests.contract.shim.conftest import CHAINCODE
from tests.contract.shim.fabric_channel import FabricChannel
from tests.network.consortium import RunningConsortium

Key = Callable[[str], str]
PEERS_LIMIT = 1000
pytestmark = pytest.mark.process


@pytest.fixture
def steady_peers(consortium: RunningConsortium) -> Iterator[None]:
    """No peer may die during the test."""
    before = [consortium.pids(f"peer-{code}") for code in consortium.codes]
    yield
    assert [consortium.pids(f"peer-{code}") for code in consortium.codes] == before


@pytest.mark.usefixtures("steady_peers")
def test_200_submissions_at_once_with_a_tenth_raising_are_all_answered(fabric_channel: FabricChannel, key: Key) -> None:
    def work(number: int) -> Outcome:
        organisation = number % 3
        if number % 10 == 0:
            return submit(fabric_channel, "fail", "value", organisation=organisation)
        return submit(fabric_channel, "increment", key(str(number)), organisation=organisation)

    with ThreadPoolExecutor(200) as pool:
        outcomes = list(pool.map(work, range(200)))
    for number, outcome in enumerate(outcomes):
        if number % 10 == 0:
            assert (outcome.status, outcome.message, outcome.code) == (500, "ValueError", "")
        else:
            assert (outcome.result, outcome.code) == (1, "VALID")


@pytest.mark.usefixtures("steady_peers")
def test_slow_contracts_are_answered_and_harm_nobody(fabric_channel: FabricChannel, key: Key) -> None:
    with ThreadPoolExecutor(2) as pool:
        overdue = pool.submit(fabric_channel.evaluate, "dawdle", key("a"), "6")
        asleep = pool.submit(fabric_channel.evaluate, "sleep", "11")
        assert overdue.result().message.startswith("DeadlineExceeded")
        with pytest.raises(RpcFailure) as cut:
            asleep.result()
    assert "timeout expired while executing transaction" in cut.value.details[0].message
    assert submit(fabric_channel, "increment", key("a")).result == 1


@pytest.mark.usefixtures("steady_peers")
def test_history_that_the_peer_cuts_is_an_error(fabric_channel: FabricChannel, key: Key) -> None:
    def write(number: int) -> str:
        return submit(fabric_channel, "put", key("a"), str(number), organisation=number % 3).code

    with ThreadPoolExecutor(60) as pool:
        assert set(pool.map(write, range(PEERS_LIMIT - 1))) == {"VALID"}
        assert len(fabric_channel.evaluate("history", key("a")).result) == PEERS_LIMIT - 1
        assert set(pool.map(write, range(2))) == {"VALID"}
    refused = fabric_channel.evaluate("history", key("a"))
    assert refused.message.startswith("ResultTruncated")


@pytest.mark.usefixtures("steady_peers")
def test_sigterm_under_queries_leaves_no_answer_missing_and_no_peer_dead(
    fabric_channel: FabricChannel, consortium: RunningConsortium, key: Key
) -> None:
    submit(fabric_channel, "put_many", key("n"), "100")
    program = f"contract-{CHAINCODE}-{consortium.codes[0]}"
    asker = Asker(fabric_channel, key)
    with ThreadPoolExecutor(20) as pool:
        rounds = [pool.submit(asker.ask_until_stopped) for _ in range(20)]
        time.sleep(1.5)
        signalled = time.monotonic()
        former = consortium.kill(program, signal.SIGTERM)
        consortium.wait_restarted(program, former)
        asker.wait_for_success_after(time.monotonic())
        asker.stop.set()
        for done in rounds:
            done.result()
    before = [answer for started, _, answer in asker.answers if started < signalled - 0.5]
    assert len(before) >= 20 and set(before) == {"100"}, "work that was running is finished"
    assert {answer for _, _, answer in asker.answers} <= {"100", "refused", "no service"}
    assert any(started < signalled < ended for started, ended, _ in asker.answers), "queries ran when the signal came"


class Asker:
    """Counts a range in small pages, again and again; `answers` are (started, ended, what came back)."""

    def __init__(self, channel: FabricChannel, key: Key) -> None:
        self.stop = threading.Event()
        self.answers: list[tuple[float, float, str]] = []
        self._channel = channel
        self._range = (key("n"), key("o"), "10", "0.05")

    def ask_until_stopped(self) -> None:
        """One query after the other."""
        while not self.stop.is_set():
            started = time.monotonic()
            answer = self._ask()
            self.answers.append((started, time.monotonic(), answer))
            if answer == "no service":
                self.stop.wait(0.1)

    def wait_for_success_after(self, moment: float, seconds: float = 15) -> None:
        """Wait until a query that began after `moment` has succeeded."""
        deadline = time.monotonic() + seconds
        while not any(started > moment and answer == "100" for started, _, answer in list(self.answers)):
            assert time.monotonic() < deadline, "the service does not answer again"
            time.sleep(0.05)

    def _ask(self) -> str:
        try:
            outcome = self._channel.evaluate("all_pages", *self._range)
        except RpcFailure as failure:
            assert failure.status != "DEADLINE_EXCEEDED", "a query was never answered"
            return "no service"
        if outcome.status == 200:
            return str(outcome.result)
        assert outcome.message == "the contract service is shutting down"
        return "refused"
