"""What a contract asks, as it stands on the wire."""
from __future__ import annotations

from fabric_protos.ledger.queryresult.kv_query_result_pb2 import KeyModification
from fabric_protos.peer import chaincode_shim_pb2 as shim
from fabric_protos.peer.chaincode_pb2 import ChaincodeAdditionalParams

from moyai_shim import KeyModification as Change
from moyai_shim import Page, Response, Stub, success
from moyai_shim.service import Limits
from tests.unit.shim.conftest import Bench
from tests.unit.shim.fake_peer import FakePeer, Message, response_of

TX = "1" * 64
SMALL_BATCHES = ChaincodeAdditionalParams(
    use_write_batch=True, max_size_write_batch=100, use_get_multiple_keys=True, max_size_get_multiple_keys=100
)


def run(peer: FakePeer, expected: bytes = b"") -> None:
    """Run the contract once; it must succeed."""
    assert response_of(peer.run(TX, "run")).payload == expected


def records(peer: FakePeer) -> list[list[shim.WriteRecord]]:
    """Records of each write batch."""
    sent = peer.requests(Message.WRITE_BATCH_STATE)
    return [list(shim.WriteBatchState.FromString(message.payload).rec) for message in sent]


def test_writes_leave_in_batches_of_the_peers_size(bench: Bench) -> None:
    def write(stub: Stub) -> Response:
        for number in range(250):
            stub.put_state(f"key{number:03}", b"value")
        return success()

    peer = bench.peer(write, offered=SMALL_BATCHES)
    run(peer)
    batches = records(peer)
    assert [len(batch) for batch in batches] == [100, 100, 50]
    assert [record.key for batch in batches for record in batch] == [f"key{number:03}" for number in range(250)]


def test_last_write_to_a_key_wins_for_data_and_metadata_apart(bench: Bench) -> None:
    def write(stub: Stub) -> Response:
        stub.put_state("key", b"first")
        stub.set_state_validation_parameter("key", b"policy")
        stub.del_state("key")
        stub.put_state("key", b"last")
        stub.put_private_data("members", "key", b"private")
        stub.purge_private_data("members", "gone")
        stub.del_private_data("members", "key")
        stub.del_state("other")
        return success()

    peer = bench.peer(write)
    run(peer)
    (batch,) = records(peer)
    kinds = shim.WriteRecord.Type
    assert [(kinds.Name(record.type), record.collection, record.key, record.value) for record in batch] == [
        ("PUT_STATE", "", "key", b"last"),
        ("PUT_STATE_METADATA", "", "key", b""),
        ("DEL_STATE", "members", "key", b""),
        ("PURGE_PRIVATE_DATA", "members", "gone", b""),
        ("DEL_STATE", "", "other", b""),
    ]
    assert (batch[1].metadata.metakey, batch[1].metadata.value) == ("VALIDATION_PARAMETER", b"policy")


def test_peer_without_batches_gets_single_requests(bench: Bench) -> None:
    def mixed(stub: Stub) -> Response:
        values = stub.get_multiple_states(["a", "b"])
        stub.put_state("a", b"new")
        stub.del_state("b")
        stub.set_state_validation_parameter("a", b"policy")
        stub.purge_private_data("members", "p")
        return success(repr(values).encode())

    peer = bench.peer(mixed, offered=None)
    peer.state["b"] = b"B"
    run(peer, b"[None, b'B']")
    assert peer.types(TX) == [
        "GET_STATE", "GET_STATE", "PUT_STATE", "DEL_STATE", "PUT_STATE_METADATA", "PURGE_PRIVATE_DATA", "COMPLETED",
    ]
    put = shim.PutState.FromString(peer.requests(Message.PUT_STATE)[0].payload)
    assert (put.key, put.value) == ("a", b"new")


def test_refused_write_fails_the_transaction(bench: Bench) -> None:
    def write(stub: Stub) -> Response:
        stub.put_state("key", b"value")
        return success()

    peer = bench.peer(write)
    peer.override[Message.WRITE_BATCH_STATE] = lambda message: RuntimeError("no write access")
    answer = peer.run(TX, "write")
    assert answer.type == Message.ERROR
    assert answer.payload == b"LedgerError: no write access"


def test_batch_reads_are_split_and_keep_their_order(bench: Bench) -> None:
    keys = [f"key{number:03}" for number in range(250)]

    def read(stub: Stub) -> Response:
        values = stub.get_multiple_states(keys)
        assert values == [key.encode() if key != "key007" else None for key in keys]
        return success()

    peer = bench.peer(read, offered=SMALL_BATCHES)
    peer.state = {key: key.encode() for key in keys if key != "key007"}
    run(peer)
    sent = [shim.GetStateMultiple.FromString(message.payload) for message in peer.requests(Message.GET_STATE_MULTIPLE)]
    assert [len(request.keys) for request in sent] == [100, 100, 50]


def test_fewer_values_than_keys_is_a_failure_never_absence(bench: Bench) -> None:
    def read(stub: Stub) -> Response:
        return success(repr(stub.get_multiple_states(["a", "b"])).encode())

    peer = bench.peer(read)
    for values in ([], [b"a"]):
        short = shim.GetStateMultipleResult(values=values).SerializeToString()
        peer.override[Message.GET_STATE_MULTIPLE] = lambda message, short=short: short
        answer = peer.run(TX, "read")
        assert answer.type == Message.ERROR
        assert answer.payload.startswith(b"LedgerError: the peer returned")


def test_error_of_the_peer_is_raised_not_returned(bench: Bench) -> None:
    caught: list[str] = []

    def read(stub: Stub) -> Response:
        try:
            stub.get_private_data("members", "key")
        except Exception as failure:
            caught.append(f"{type(failure).__name__}: {failure}")
        return success()

    peer = bench.peer(read)
    peer.override[Message.GET_STATE] = lambda message: RuntimeError("does not have read access")
    run(peer)
    assert caught == ["LedgerError: does not have read access"]


def test_open_start_keeps_composite_keys_out(bench: Bench) -> None:
    pages: list[Page] = []

    def page(stub: Stub) -> Response:
        bookmark = ""
        while True:
            pages.append(stub.get_state_by_range_with_pagination("", "", 2, bookmark))
            bookmark = pages[-1].bookmark
            if not bookmark:
                return success()

    peer = bench.peer(page)
    peer.state = {"a": b"1", "b": b"2", "c": b"3", "\x00type\x00x\x00": b"composite"}
    run(peer)
    assert pages == [Page([("a", b"1"), ("b", b"2")], "c"), Page([("c", b"3")], "")]
    first = shim.GetStateByRange.FromString(peer.requests(Message.GET_STATE_BY_RANGE)[0].payload)
    assert first.startKey == "\x01"


def test_partial_composite_key_pages_its_own_keys(bench: Bench) -> None:
    found: list[tuple[str, list[str]]] = []

    def page(stub: Stub) -> Response:
        result = stub.get_state_by_partial_composite_key_with_pagination("need", ["live"], 10, "")
        found.extend(stub.split_composite_key(key) for key, _ in result.items)
        return success()

    peer = bench.peer(page)
    peer.state = {
        f"\x00{name}\x00{scope}\x00{number}\x00": b"x"
        for name in ("need", "needle") for scope in ("live", "lively") for number in (1, 2)
    }
    run(peer)
    assert found == [("need", ["live", "1"]), ("need", ["live", "2"])]


def test_history_goes_on_until_the_peer_has_no_more(bench: Bench) -> None:
    changes: list[Change] = []

    def read(stub: Stub) -> Response:
        changes.extend(stub.get_history_for_key("key"))
        return success()

    peer = bench.peer(read)
    modifications = [KeyModification(tx_id=str(number), value=b"v") for number in range(250)]
    modifications[0] = KeyModification(tx_id="0", is_delete=True)
    modifications[0].timestamp.seconds = 7
    peer.history["key"] = modifications
    run(peer)
    assert [change.tx_id for change in changes] == [str(number) for number in range(250)]
    assert changes[0] == Change("0", 7, None)
    assert peer.types(TX) == ["GET_HISTORY_FOR_KEY", "QUERY_STATE_NEXT", "QUERY_STATE_NEXT", "COMPLETED"]


def test_history_of_exactly_the_peers_limit_is_an_error(bench: Bench) -> None:
    def read(stub: Stub) -> Response:
        return success(str(len(list(stub.get_history_for_key("key")))).encode())

    peer = bench.peer(read, Limits(total_query_limit=50))
    peer.history["key"] = [KeyModification(tx_id=str(number), value=b"v") for number in range(49)]
    run(peer, b"49")
    peer.history["key"].append(KeyModification(tx_id="49", value=b"v"))
    answer = peer.run(TX, "read")
    assert answer.type == Message.ERROR
    assert answer.payload.startswith(b"ResultTruncated")


def test_policy_and_private_hash_are_read(bench: Bench) -> None:
    def read(stub: Stub) -> Response:
        policy = stub.get_state_validation_parameter("key")
        digest = stub.get_private_data_hash("members", "key")
        return success(repr([policy, digest]).encode())

    peer = bench.peer(read)
    entry = shim.StateMetadata(metakey="VALIDATION_PARAMETER", value=b"policy")
    peer.override[Message.GET_STATE_METADATA] = lambda message: (
        shim.StateMetadataResult(entries=[entry]).SerializeToString()
    )
    peer.override[Message.GET_PRIVATE_DATA_HASH] = lambda message: b"digest"
    run(peer, b"[b'policy', b'digest']")
    asked = shim.GetState.FromString(peer.requests(Message.GET_PRIVATE_DATA_HASH)[0].payload)
    assert (asked.key, asked.collection) == ("key", "members")


def test_request_too_large_for_the_stream_fails_alone(bench: Bench) -> None:
    def write(stub: Stub) -> Response:
        size = int(stub.get_function_and_parameters()[1][0])
        stub.put_state("key", bytes(size))
        return success()

    peer = bench.peer(write)
    answer = peer.run(TX, "write", str(101 << 20))
    assert answer.payload.startswith(b"MessageTooLarge")
    assert response_of(peer.run("2" * 64, "write", "10")).status == 200
