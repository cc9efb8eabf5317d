"""What the gateways' answers mean, and which peer is asked when."""
from __future__ import annotations

import json
from typing import Any

import pytest
from fabric_protos.common import common_pb2

from moyai_client import retry
from moyai_client.errors import Invalidated, NotSent, OutcomeUnknown, Refused
from moyai_client.ledger import Ledger
from moyai_client.retry import Retry
from tests.unit.client.conftest import COMMAND, OTHER, OWN
from tests.unit.client.fake_peer import (
    Failure, FakePeer, arguments_of, committed, endorsed, evaluated, failing, in_order, submitted)

REFUSAL = 'chaincode response 409, {"code":"need_covered","params":{"open":3}}'
NOT_FOUND = 'chaincode response 404, {"code":"not_found","params":{}}'


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table as it is, without its pauses."""
    for kind, row in retry.RETRIES.items():
        monkeypatch.setitem(retry.RETRIES, kind, Retry(row.attempts, 0.0, 0.001))


def test_evaluate_gives_the_decoded_answer_of_the_own_peer(ledger: Ledger, own: FakePeer, other: FakePeer) -> None:
    own.scripts["Evaluate"] = evaluated('{"name":"七尾市"}'.encode())
    assert ledger.evaluate("directory.get_municipality", {"code6": "172022"}) == {"name": "七尾市"}
    assert other.calls["Evaluate"] == 0


@pytest.mark.parametrize("method", ["Evaluate", "Endorse"])
def test_a_refusal_is_an_answer_and_is_not_asked_again(ledger: Ledger, own: FakePeer, other: FakePeer,
                                                       method: str) -> None:
    status = "UNKNOWN" if method == "Evaluate" else "ABORTED"
    own.scripts[method] = failing(status, "see attached details", (OWN, REFUSAL))
    with pytest.raises(Refused) as caught:
        ledger.evaluate("relief.get_need", {}) if method == "Evaluate" else ledger.prepare(COMMAND)
    assert (caught.value.code, caught.value.params, caught.value.status) == ("need_covered", {"open": 3}, 409)
    assert caught.value.sentence == "必要数は手当て済みです（残り3）。"
    assert own.calls[method] == 1 and other.calls[method] == 0


def test_a_contract_that_raises_is_a_fault_tried_at_each_gateway_once(ledger: Ledger, own: FakePeer,
                                                                      other: FakePeer) -> None:
    own.scripts["Endorse"] = failing("ABORTED", "failed to endorse", (OWN, "transaction returned with failure"))
    other.scripts["Endorse"] = failing("ABORTED", "failed to endorse", (OTHER, "chaincode response 500, boom"))
    with pytest.raises(NotSent) as caught:
        ledger.prepare(COMMAND)
    assert not caught.value.temporary and "transaction returned with failure" in str(caught.value)
    assert (own.calls["Endorse"], other.calls["Endorse"]) == (1, 1)


def test_the_other_gateway_endorses_when_the_own_contract_service_is_down(ledger: Ledger, own: FakePeer,
                                                                          other: FakePeer) -> None:
    own.scripts["Endorse"] = failing("ABORTED", "failed to endorse", (OWN, "connection to moyai failed"))
    other.scripts["Endorse"] = endorsed(b'{"op":"x"}')
    assert ledger.prepare(COMMAND).result == {"op": "x"}


def test_the_other_gateway_serves_while_the_own_peer_is_away_and_the_own_again_afterwards(
        ledger: Ledger, own: FakePeer, other: FakePeer, monkeypatch: pytest.MonkeyPatch) -> None:
    own.scripts["Evaluate"], other.scripts["Evaluate"] = evaluated(b'"own"'), evaluated(b'"other"')
    assert ledger.evaluate("q", {}) == "own"
    own.stop()
    assert ledger.evaluate("q", {}) == "other"
    asked = other.calls["Evaluate"]
    own.start()
    assert ledger.evaluate("q", {}) == "other", "an endpoint that was just away rests"
    assert other.calls["Evaluate"] == asked + 1
    assert retry.wait_until(lambda: ledger.evaluate("q", {}) == "own", 10.0, 0.2)


def test_nobody_reachable_is_not_sent_after_the_table_s_attempts(ledger: Ledger, own: FakePeer,
                                                                 other: FakePeer) -> None:
    busy = failing("UNKNOWN", "too many requests for /gateway.Gateway/Endorse")
    own.scripts["Endorse"] = other.scripts["Endorse"] = busy
    with pytest.raises(NotSent) as caught:
        ledger.prepare(COMMAND)
    assert caught.value.temporary
    assert own.calls["Endorse"] == retry.RETRIES[NotSent].attempts


def test_a_busy_gateway_is_asked_again(ledger: Ledger, own: FakePeer, other: FakePeer) -> None:
    own.scripts["Endorse"] = in_order(failing("UNKNOWN", "too many requests"), endorsed())
    other.scripts["Endorse"] = failing("UNKNOWN", "too many requests")
    assert ledger.prepare(COMMAND).result == {}


def test_peers_whose_answers_differ_are_asked_afresh(ledger: Ledger, own: FakePeer) -> None:
    differ = failing("ABORTED", "failed to collect", (OTHER, "ProposalResponsePayloads do not match"))
    own.scripts["Endorse"] = in_order(differ, differ, endorsed())
    assert ledger.prepare(COMMAND).result == {}
    own.scripts["Endorse"] = differ
    before = own.calls["Endorse"]
    with pytest.raises(Invalidated) as caught:
        ledger.prepare(COMMAND)
    assert caught.value.code == "ENDORSEMENTS_DIFFER"
    assert own.calls["Endorse"] - before == retry.RETRIES[Invalidated].attempts


def test_a_lasting_refusal_of_another_peer_is_told_as_such(ledger: Ledger, own: FakePeer) -> None:
    own.scripts["Endorse"] = failing("ABORTED", "failed to collect", (OTHER, REFUSAL))
    with pytest.raises(Refused) as caught:
        ledger.submit(COMMAND)
    assert caught.value.code == "need_covered"
    assert own.calls["Endorse"] == retry.RETRIES[Invalidated].attempts


def test_submit_gives_the_block_and_the_result(ledger: Ledger, own: FakePeer) -> None:
    own.scripts |= {"Endorse": endorsed(b'{"op":"x"}'), "Submit": submitted, "CommitStatus": committed()}
    stored: list[bytes] = []
    receipt = ledger.submit(COMMAND, envelope_store=lambda prepared: stored.append(prepared.envelope))
    assert (receipt.block_number, receipt.result, receipt.replayed) == (7, {"op": "x"}, False)
    assert len(stored) == 1 and common_pb2.Envelope.FromString(stored[0]).signature


def test_a_replayed_result_is_not_submitted(ledger: Ledger, own: FakePeer) -> None:
    own.scripts["Endorse"] = endorsed(b'{"op":"x","replayed":true}')
    receipt = ledger.submit(COMMAND)
    assert receipt.replayed and receipt.block_number is None
    assert own.calls["Submit"] == 0


def test_a_conflict_is_endorsed_afresh_with_the_same_command(ledger: Ledger, own: FakePeer) -> None:
    seen: list[bytes] = []

    def endorse(request: Any) -> Any:
        seen.append(request.proposed_transaction.proposal_bytes)
        return endorsed()(request)

    own.scripts |= {"Endorse": endorse, "Submit": submitted,
                    "CommitStatus": in_order(committed("MVCC_READ_CONFLICT"), committed())}
    receipt = ledger.submit(COMMAND, op="01KD000000000000000000000P")
    assert receipt.block_number == 7 and len(set(seen)) == 2
    assert all(b'"op":"01KD000000000000000000000P"' in proposal for proposal in seen)


def test_conflicts_without_end_are_invalidated(ledger: Ledger, own: FakePeer) -> None:
    own.scripts |= {"Endorse": endorsed(), "Submit": submitted, "CommitStatus": committed("MVCC_READ_CONFLICT")}
    with pytest.raises(Invalidated) as caught:
        ledger.submit(COMMAND)
    assert caught.value.code == "MVCC_READ_CONFLICT"
    assert own.calls["Submit"] == retry.RETRIES[Invalidated].attempts


def test_on_doubt_the_same_bytes_are_sent_again(ledger: Ledger, own: FakePeer, other: FakePeer) -> None:
    sent: list[bytes] = []

    def submit(request: Any) -> Any:
        sent.append(request.prepared_transaction.SerializeToString())
        return submitted(request)

    lost = failing("DEADLINE_EXCEEDED", "evaluate timeout expired")
    own.scripts |= {"Endorse": endorsed(), "Submit": submit, "CommitStatus": in_order(lost, committed())}
    other.scripts["CommitStatus"] = lost
    prepared = ledger.prepare(COMMAND)
    assert ledger.finish(prepared.envelope, prepared.transaction_id).block_number == 7
    assert sent == [prepared.envelope, prepared.envelope]


def test_no_orderer_is_no_proof_that_nothing_was_sent(ledger: Ledger, own: FakePeer, other: FakePeer) -> None:
    own.scripts |= {"Endorse": endorsed(), "Submit": failing("UNAVAILABLE", "no orderers", (OWN, "gone")),
                    "CommitStatus": in_order(failing("DEADLINE_EXCEEDED"), committed())}
    other.scripts |= {"Submit": own.scripts["Submit"], "CommitStatus": failing("DEADLINE_EXCEEDED")}
    assert ledger.submit(COMMAND).block_number == 7


def test_doubt_that_lasts_leaves_the_envelope_with_the_caller(ledger: Ledger, own: FakePeer, other: FakePeer) -> None:
    for peer in (own, other):
        peer.scripts |= {"Endorse": endorsed(), "Submit": failing("UNAVAILABLE", "no orderers"),
                         "CommitStatus": failing("DEADLINE_EXCEEDED")}
    prepared = ledger.prepare(COMMAND)
    with pytest.raises(OutcomeUnknown) as caught:
        ledger.finish(prepared.envelope, prepared.transaction_id)
    assert (caught.value.envelope, caught.value.transaction_id) == (prepared.envelope, prepared.transaction_id)
    assert own.calls["Submit"] == retry.RETRIES[OutcomeUnknown].attempts


def test_the_commit_is_asked_of_another_peer_when_the_own_one_dies(ledger: Ledger, own: FakePeer,
                                                                   other: FakePeer) -> None:
    own.scripts |= {"Endorse": endorsed(), "Submit": submitted, "CommitStatus": failing("UNAVAILABLE", "closing")}
    other.scripts["CommitStatus"] = committed(block_number=9)
    assert ledger.submit(COMMAND).block_number == 9


def test_what_is_missing_is_looked_for_again_at_the_caller_s_height(ledger: Ledger, own: FakePeer) -> None:
    heights = iter((4, 5, 6))

    def height(request: Any) -> Any:
        assert request.target_organizations == [OWN]
        return evaluated(bytes((0x08, next(heights))))(request)  # BlockchainInfo.height

    own.scripts |= {"Evaluate": height, "Endorse": in_order(failing("ABORTED", "", (OWN, NOT_FOUND)), endorsed())}
    assert ledger.prepare(COMMAND, at_height=6).result == {}
    assert own.calls["Evaluate"] == 3


def test_without_a_height_not_found_is_final(ledger: Ledger, own: FakePeer) -> None:
    own.scripts["Endorse"] = in_order(failing("ABORTED", "", (OWN, NOT_FOUND)), endorsed())
    with pytest.raises(Refused):
        ledger.prepare(COMMAND)


def test_the_generated_method_sends_the_transaction_of_its_name(ledger: Ledger, own: FakePeer) -> None:
    def endorse(request: Any) -> Any:
        if b"relief.register_need" not in request.proposed_transaction.proposal_bytes:
            raise Failure("ABORTED")
        return endorsed(b'{"op":"01KD000000000000000000000P"}')(request)

    own.scripts |= {"Endorse": endorse, "Submit": submitted, "CommitStatus": committed()}
    receipt = ledger.relief.register_need(None, needs=COMMAND.needs, op="01KD000000000000000000000P")
    assert json.dumps(receipt.result) == '{"op": "01KD000000000000000000000P"}'
    assert "register_need" in dir(ledger.relief) and not hasattr(ledger.relief, "open_account")


def test_the_generated_query_asks_under_its_name(ledger: Ledger, own: FakePeer) -> None:
    asked: list[list[bytes]] = []

    def answer(request: Any) -> Any:
        asked.append(arguments_of(request))
        return evaluated(b'{"state":"open"}')(request)

    own.scripts["Evaluate"] = answer
    assert ledger.relief.get_need(need_id="01KD000000000000000000000A") == {"state": "open"}
    assert asked == [[b"relief.get_need", b'{"need_id":"01KD000000000000000000000A"}']]
