"""A transaction ends only between requests: by its deadline, and when the service stops."""
from __future__ import annotations

import threading
import time

from moyai_shim import Response, Stub, success
from moyai_shim.service import Limits
from tests.unit.shim.conftest import Bench
from tests.unit.shim.fake_peer import FakePeer, Message, response_of, tx_ids


def read_twice(stub: Stub) -> Response:
    """Two requests."""
    stub.get_state("first")
    stub.get_state("second")
    return success()


def test_deadline_waits_for_the_reply_and_lets_no_further_request_out(bench: Bench) -> None:
    peer = bench.peer(read_twice, Limits(time_limit=0.2))
    peer.before_reply = lambda message: time.sleep(0.6)
    started = time.monotonic()
    answer = peer.run("1" * 64, "read_twice")
    assert time.monotonic() - started >= 0.6, "the answer came while the peer was at work"
    assert peer.breaches == []
    assert answer.type == Message.ERROR
    assert answer.payload.startswith(b"DeadlineExceeded")
    assert peer.types("1" * 64) == ["GET_STATE", "ERROR"]


def test_deadline_counts_from_arrival_not_from_the_first_free_thread(bench: Bench) -> None:
    def slow(stub: Stub) -> Response:
        time.sleep(0.4)
        return success()

    peer = bench.peer(slow, Limits(time_limit=0.2, threads=1))
    first, second = tx_ids(2)
    peer.begin(first, "slow")
    peer.begin(second, "slow")
    assert response_of(peer.answer(first)).status == 200, "a contract that asks nothing of the peer may finish"
    assert peer.answer(second).payload.startswith(b"DeadlineExceeded")


def test_writes_are_not_sent_after_the_deadline(bench: Bench) -> None:
    def dawdle(stub: Stub) -> Response:
        stub.put_state("key", b"value")
        time.sleep(0.3)
        return success()

    peer = bench.peer(dawdle, Limits(time_limit=0.1))
    assert peer.run("1" * 64, "dawdle").payload.startswith(b"DeadlineExceeded")
    assert peer.types("1" * 64) == ["ERROR"]


def test_drain_answers_running_work_refuses_new_work_then_closes(bench: Bench) -> None:
    server = bench.serve(read_twice)
    peer = bench.connect(server)
    asked, released = threading.Event(), threading.Event()
    peer.before_reply = lambda message: (asked.set(), released.wait(10))
    peer.begin("1" * 64, "read_twice")
    assert asked.wait(5)
    stopping = threading.Thread(target=server.stop, args=(10,))
    stopping.start()
    refused = first_refusal(peer)
    assert refused.payload == b"the contract service is shutting down"
    assert not peer.closed.is_set()
    released.set()
    assert response_of(peer.answer("1" * 64)).status == 200
    assert peer.closed.wait(5)
    stopping.join(5)
    assert not stopping.is_alive()


def first_refusal(peer: FakePeer) -> Message:
    """Send transactions until the drain has begun and one of them is refused."""
    for tx_id in list(tx_ids(100))[2:]:
        peer.begin(tx_id, "read_twice")
        deadline = time.monotonic() + 0.1
        while time.monotonic() < deadline:
            if peer.types(tx_id) == ["ERROR"]:
                return peer.answer(tx_id)
            time.sleep(0.01)
    raise AssertionError("nothing was refused")


def test_drain_of_an_idle_service_is_immediate(bench: Bench) -> None:
    server = bench.serve(read_twice)
    peer = bench.connect(server)
    started = time.monotonic()
    server.stop(10)
    assert peer.closed.wait(5)
    assert time.monotonic() - started < 3


def test_drain_under_load_leaves_no_transaction_without_an_answer(bench: Bench) -> None:
    server = bench.serve(read_twice, Limits(threads=8))
    peer = bench.connect(server)
    peer.before_reply = lambda message: time.sleep(0.02)
    ids = list(tx_ids(60))
    for tx_id in ids:
        peer.begin(tx_id, "read_twice")
    peer.answer(ids[0])
    server.stop(10)
    assert peer.closed.wait(5)
    answered = [tx_id for tx_id in ids[1:] if peer.types(tx_id)[-1:] in (["COMPLETED"], ["ERROR"])]
    assert answered == ids[1:]
