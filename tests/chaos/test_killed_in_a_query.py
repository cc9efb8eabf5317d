"""kill -9 of a contract service while it answers queries: the peer may go down with it, and both come back."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from moyai_client.transport import RpcFailure

from tests.contract.shim.channel import submit
from tests.contract.shim.conftest import CHAINCODE, fabric_channel, key  # noqa: F401 (fixtures)
from tests.contract.shim.fabric_channel import FabricChannel
from tests.network.consortium import RunningConsortium

Key = Callable[[str], str]
QUERIES_AT_ONCE = 16
RECORDS = 100
SECONDS_TO_RECOVER = 30.0


class Asker:
    """Counts a range in small pages, again and again, until told to stop."""

    def __init__(self, channel: FabricChannel, first: str, last: str) -> None:
        self.stop = threading.Event()
        self.counts: list[tuple[float, int]] = []
        self.failures: list[RpcFailure] = []
        self._channel = channel
        self._arguments = (first, last, "10", "0.05")

    def ask(self) -> None:
        """Each query ends in a number or in an error, and in time."""
        while not self.stop.is_set():
            try:
                outcome = self._channel.evaluate("all_pages", *self._arguments)
            except RpcFailure as failure:
                self.failures.append(failure)
                self.stop.wait(0.2)
                continue
            if outcome.status == 200:
                self.counts.append((time.monotonic(), int(outcome.result)))

    def succeeded_after(self, moment: float) -> bool:
        """Whether a query was answered later than a monotonic time."""
        return any(when > moment for when, _ in list(self.counts))


def test_a_service_killed_in_mid_query_leaves_no_query_unanswered(
        consortium: RunningConsortium, fabric_channel: FabricChannel, key: Key) -> None:  # noqa: F811 (fixtures)
    submit(fabric_channel, "put_many", key("n"), str(RECORDS))
    program = f"contract-{CHAINCODE}-{consortium.codes[0]}"
    asker = Asker(fabric_channel, key("n"), key("o"))
    with ThreadPoolExecutor(QUERIES_AT_ONCE) as pool:
        threads = [pool.submit(asker.ask) for _ in range(QUERIES_AT_ONCE)]
        time.sleep(1.5)
        former = consortium.kill(program)
        restarted = time.monotonic()
        consortium.wait_restarted(program, former)
        while not asker.succeeded_after(restarted + 1):
            assert time.monotonic() < restarted + SECONDS_TO_RECOVER, "no query is answered again"
            time.sleep(0.1)
        asker.stop.set()
        for thread in threads:
            thread.result()
    assert {count for _, count in asker.counts} == {RECORDS}
    assert asker.failures, "the kill came while queries ran"
    assert [failure for failure in asker.failures if failure.status == "DEADLINE_EXCEEDED"] == []
    consortium.wait_ready()
    assert submit(fabric_channel, "increment", key("after")).result == 1
