"""The stream between a contract service and its peer."""
from __future__ import annotations

import threading
from collections import Counter

from moyai_shim import Response, Stub, error, success
from moyai_shim.service import Limits
from tests.unit.shim.conftest import PACKAGE_ID, Bench, wait_for
from tests.unit.shim.fake_peer import CHANNEL, Message, response_of, tx_ids


def echo(stub: Stub) -> Response:
    """Answer with the first parameter."""
    return success(stub.get_function_and_parameters()[1][0].encode())


def test_registers_first_under_its_package_id(bench: Bench) -> None:
    peer = bench.peer(echo)
    assert peer.received[0].type == Message.REGISTER
    assert peer.package_id == PACKAGE_ID


def test_proposal_reaches_the_contract(bench: Bench) -> None:
    seen: dict[str, object] = {}

    def look(stub: Stub) -> Response:
        seen.update(
            tx_id=stub.tx_id, channel=stub.channel_id, at=stub.get_tx_timestamp(), args=stub.get_args(),
            msp_id=stub.creator.msp_id, service=stub.creator.attributes["moyai.service"],
            admin=stub.creator.is_admin, transient=dict(stub.get_transient()),
        )
        return success()

    peer = bench.peer(look)
    response_of(peer.run("ab" * 32, "look", b"\xff", transient={"salt": b"secret"}))
    assert seen == {
        "tx_id": "ab" * 32, "channel": CHANNEL, "at": 1_704_790_800, "args": [b"look", b"\xff"], "msp_id": "Org1MSP",
        "service": "webui", "admin": False, "transient": {"salt": b"secret"},
    }


def test_answer_carries_status_message_payload_and_the_last_event(bench: Bench) -> None:
    def speak(stub: Stub) -> Response:
        stub.set_event("first", b"1")
        stub.set_event("second", b"2")
        return Response(201, "made", b"payload")

    answer = bench.peer(speak).run("1" * 64, "speak")
    response = response_of(answer)
    assert (response.status, response.message, response.payload) == (201, "made", b"payload")
    event = answer.chaincode_event
    assert (event.event_name, event.payload, event.tx_id) == ("second", b"2", "1" * 64)


def test_refusal_is_completed_without_writes_and_event(bench: Bench) -> None:
    def refuse(stub: Stub) -> Response:
        stub.put_state("key", b"value")
        stub.set_event("never", b"")
        return error('{"code":"not_found"}', 404)

    peer = bench.peer(refuse)
    answer = peer.run("1" * 64, "refuse")
    assert response_of(answer).status == 404
    assert response_of(answer).message == '{"code":"not_found"}'
    assert not answer.HasField("chaincode_event")
    assert peer.types("1" * 64) == ["COMPLETED"]


def test_every_exception_becomes_an_error_without_its_text(bench: Bench) -> None:
    raised = [ValueError("secret"), SystemExit("secret"), KeyError("secret"), RecursionError("secret")]

    def fail(stub: Stub) -> Response:
        raise raised[int(stub.get_function_and_parameters()[1][0])]

    peer = bench.peer(fail)
    for number, tx_id in enumerate(tx_ids(len(raised))):
        answer = peer.run(tx_id, "fail", str(number))
        assert answer.type == Message.ERROR
        assert answer.payload.decode() == raised[number].__class__.__name__


def test_answers_that_cannot_be_sent_become_errors(bench: Bench) -> None:
    answers = {"none": None, "text": success("text"), "huge": success(bytes(101 << 20))}

    def fail(stub: Stub) -> Response:
        return answers[stub.get_function_and_parameters()[0]]

    peer = bench.peer(fail)
    found = {name: peer.run(tx_id, name) for name, tx_id in zip(answers, tx_ids(3))}
    assert {name: answer.type for name, answer in found.items()} == dict.fromkeys(answers, Message.ERROR)
    assert found["huge"].payload.startswith(b"MessageTooLarge")


def test_malformed_proposal_is_answered(bench: Bench) -> None:
    peer = bench.peer(echo)
    peer.send(Message(type=Message.TRANSACTION, txid="1" * 64, channel_id=CHANNEL, payload=b"\xff\xff"))
    assert peer.answer("1" * 64).type == Message.ERROR
    assert response_of(peer.run("2" * 64, "echo", "still here")).payload == b"still here"


def test_200_transactions_at_once_with_a_tenth_raising_are_all_answered(bench: Bench) -> None:
    together = threading.Barrier(20)

    def work(stub: Stub) -> Response:
        number = int(stub.get_function_and_parameters()[1][0])
        together.wait(10)  # twenty at a time are in the contract, whatever the scheduler does
        value = stub.get_state(f"key{number}")
        if number % 10 == 0:
            raise RuntimeError("on purpose")
        stub.get_multiple_states([f"key{number}", "other"])
        stub.put_state(f"key{number}", b"new")
        return success(value or b"absent")

    peer = bench.peer(work, Limits(threads=40))
    peer.state = {f"key{number}": str(number).encode() for number in range(200)}
    ids = list(tx_ids(200))
    for number, tx_id in enumerate(ids):
        peer.begin(tx_id, "work", str(number))
    answers = [peer.answer(tx_id, 30) for tx_id in ids]
    for number, (tx_id, answer) in enumerate(zip(ids, answers)):
        if number % 10 == 0:
            assert answer.type == Message.ERROR
            assert peer.types(tx_id) == ["GET_STATE", "ERROR"]
        else:
            assert response_of(answer).payload == str(number).encode()
            assert peer.types(tx_id) == ["GET_STATE", "GET_STATE_MULTIPLE", "WRITE_BATCH_STATE", "COMPLETED"]
    assert Counter(answer.type for answer in answers) == {Message.COMPLETED: 180, Message.ERROR: 20}


def test_keepalive_is_returned(bench: Bench) -> None:
    peer = bench.peer(echo)
    peer.send(Message(type=Message.KEEPALIVE))
    response_of(peer.run("1" * 64, "echo", "x"))
    assert len(peer.requests(Message.KEEPALIVE)) == 1


def test_unexpected_messages_harm_nobody(bench: Bench) -> None:
    peer = bench.peer(echo)
    peer.send(Message(type=Message.RESPONSE, txid="nobody's", channel_id=CHANNEL))
    peer.send(Message(type=Message.QUERY_STATE_CLOSE, txid="nobody's", channel_id=CHANNEL))
    assert response_of(peer.run("1" * 64, "echo", "x")).payload == b"x"


def test_second_transaction_of_a_running_id_does_not_end_the_first(bench: Bench) -> None:
    entered, released = threading.Event(), threading.Event()

    def wait(stub: Stub) -> Response:
        entered.set()
        released.wait(10)
        return success(stub.get_args()[1])

    peer = bench.peer(wait)
    peer.begin("1" * 64, "wait", "first")
    assert entered.wait(5)
    peer.begin("1" * 64, "wait", "second")
    peer.send(Message(type=Message.KEEPALIVE))  # comes back once the second one has been looked at
    wait_for(lambda: peer.requests(Message.KEEPALIVE))
    released.set()
    assert response_of(peer.answer("1" * 64)).payload == b"first"
    assert peer.types("1" * 64) == ["COMPLETED"]
    assert response_of(peer.run("1" * 64, "wait", "third")).payload == b"third"


def test_same_id_again_right_after_its_answer(bench: Bench) -> None:
    peer = bench.peer(echo)
    for number in range(300):
        assert response_of(peer.run("1" * 64, "echo", str(number))).payload == str(number).encode()


def test_two_peers_share_one_service(bench: Bench) -> None:
    server = bench.serve(echo)
    first, second = bench.connect(server), bench.connect(server)
    first.begin("1" * 64, "echo", "a")
    second.begin("1" * 64, "echo", "b")
    assert response_of(first.answer("1" * 64)).payload == b"a"
    assert response_of(second.answer("1" * 64)).payload == b"b"


def test_lost_peer_ends_its_transactions_and_the_next_connects(bench: Bench) -> None:
    entered, ended = threading.Event(), threading.Event()
    raised: list[str] = []

    def read(stub: Stub) -> Response:
        try:
            stub.get_state("key")
        except Exception as failure:
            raised.append(type(failure).__name__)
            raise
        finally:
            ended.set()
        return success()

    server = bench.serve(read)
    peer = bench.connect(server)
    never = threading.Event()
    peer.before_reply = lambda message: (entered.set(), never.wait(10))
    peer.begin("1" * 64, "read")
    assert entered.wait(5)
    peer.close()
    assert ended.wait(5)
    never.set()
    assert raised == ["StreamClosed"]
    assert response_of(bench.connect(server).run("2" * 64, "read")).status == 200


def test_contract_that_uses_its_stub_in_parallel_is_stopped(bench: Bench) -> None:
    raised: list[BaseException] = []

    def parallel(stub: Stub) -> Response:
        def read() -> None:
            try:
                stub.get_state("key")
            except Exception as failure:
                raised.append(failure)

        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
        return success(stub.get_state("key") or b"")

    peer = bench.peer(parallel)
    peer.state["key"] = b"value"
    assert response_of(peer.run("1" * 64, "parallel")).payload == b"value"
    assert [type(failure).__name__ for failure in raised] == ["WrongThread"]
    assert peer.types("1" * 64) == ["GET_STATE", "COMPLETED"]
