"""Refusals out of a peer's sentence, and what is told to a person."""
from __future__ import annotations

import pytest
from fabric_protos.gateway import gateway_pb2
from google.protobuf import any_pb2

from moyai_client.errors import (
    EndorsementsDiffer, Invalidated, MoyaiError, NotSent, OutcomeUnknown, Refused, refusal_in)
from moyai_client.retry import ONCE, RETRIES, persist, plan_for
from moyai_client.rpc_status import METADATA_KEY, Status, peer_details


@pytest.mark.parametrize(("message", "code"), [
    ('chaincode response 404, {"code":"not_found","params":{}}', "not_found"),
    ('chaincode response 409, {"code":"need_covered","params":{"open":3}}', "need_covered"),
    ('chaincode response 400, {"code":"bad_argument"}', "bad_argument"),
])
def test_a_refusal_is_read_behind_the_fixed_prefix(message: str, code: str) -> None:
    refusal = refusal_in(message)
    assert refusal is not None and refusal.code == code


@pytest.mark.parametrize("message", [
    "chaincode response 500, ValueError", "chaincode response 409, []", 'chaincode response 409, {"code":7}',
    'the chaincode response 409, {"code":"need_covered"}', "", "chaincode response 9, {}"])
def test_anything_else_is_a_fault(message: str) -> None:
    assert refusal_in(message) is None


def test_the_sentence_has_the_figures() -> None:
    assert Refused("offer_short", {"available": 12}, 409).sentence == "提供できる残りは12です。"
    assert "―" in Refused("offer_short", {}, 409).sentence
    assert "unheard_of" in Refused("unheard_of", {}, 409).sentence


def test_details_of_other_kinds_and_damaged_ones_are_left_out() -> None:
    packed = any_pb2.Any()
    packed.Pack(gateway_pb2.ErrorDetail(address="a:1", msp_id="NanaoMSP", message="down"))
    status = Status(code=10, message="failed")
    status.details.add(type_url="type.googleapis.com/google.rpc.DebugInfo", value=b"x")
    status.details.add(type_url=packed.type_url, value=packed.value)
    found = peer_details((("other", b"x"), (METADATA_KEY, status.SerializeToString())))
    assert [(detail.address, detail.msp_id, detail.message) for detail in found] == [("a:1", "NanaoMSP", "down")]
    assert peer_details(((METADATA_KEY, b"\xff\xff"),)) == () and peer_details(None) == ()


@pytest.mark.parametrize(("error", "row"), [
    (Invalidated("MVCC_READ_CONFLICT"), RETRIES[Invalidated]),
    (EndorsementsDiffer(()), RETRIES[Invalidated]),
    (NotSent("busy"), RETRIES[NotSent]),
    (NotSent("raised", temporary=False), ONCE),
    (OutcomeUnknown("t", b"", "lost"), RETRIES[OutcomeUnknown]),
    (Refused("not_found", {}, 404), ONCE),
    (ValueError(), ONCE),
])
def test_the_table_decides_what_is_asked_again(error: Exception, row: object) -> None:
    assert plan_for(error) is row


def test_the_table_s_figures() -> None:
    row = RETRIES[Invalidated]
    assert (row.attempts, row.shortest, row.longest) == (5, 0.02, 0.2)


def test_errors_of_other_kinds_pass_at_once() -> None:
    calls: list[int] = []

    def action() -> None:
        calls.append(1)
        raise NotSent("busy")

    with pytest.raises(MoyaiError):
        persist(action, Invalidated)
    assert len(calls) == 1
