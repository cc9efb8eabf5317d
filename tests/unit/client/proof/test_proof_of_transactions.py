"""Whatever a forger changes and signs anew with what he has, the proof of a transaction does not hold."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from fabric_protos.common import common_pb2
from fabric_protos.peer import proposal_pb2

from moyai_client.errors import MoyaiError
from moyai_client.identity import P256_ORDER
from moyai_client.proof import Authorities, NotProven, UnreadableProof, dump, load, verify_transaction
from moyai_client.proof.files import from_base64, to_base64
from tests.proof_damage import damaged
from tests.unit.client.proof.invented_consortium import (
    MSP_IDS, NOW, Forge, expired, municipality, somebody)


def test_what_a_true_proof_tells() -> None:
    facts = verify_transaction(Forge().proof())
    assert (facts.function, facts.arguments, facts.chaincode) == ("devices.anchor_batch", (b"{}",), "moyai")
    assert (facts.sender, facts.at, facts.asked_at) == ("NanaoMSP", NOW, NOW + 60)
    assert (facts.endorsers, facts.witnesses) == (MSP_IDS[:2], MSP_IDS)
    assert (facts.block_number, facts.is_alone) == (7, True)
    assert facts.fingerprints.keys() == set(MSP_IDS)


def test_a_block_with_others_is_named_but_not_proven() -> None:
    assert not verify_transaction(Forge(others_in_block=[b"other"]).proof()).is_alone


def test_two_of_three_are_enough() -> None:
    assert verify_transaction(Forge(witnesses=[somebody(msp_id, "peer") for msp_id in MSP_IDS[1:]]).proof()).witnesses \
        == MSP_IDS[1:]


PEERS = [somebody(msp_id, "peer") for msp_id in MSP_IDS]
CLIENT, ORDERER = somebody("NanaoMSP", "client"), somebody("NanaoMSP", "orderer")
STRANGER = municipality("HachiojiMSP", 1).identity("peer")
OLD = municipality("HachiojiMSP").identity("peer", ends=expired())
FORGERIES: dict[str, tuple[dict[str, Any], str]] = {
    "one witness": ({"witnesses": PEERS[:1]}, "1 of 3"),
    "two peers of one": ({"witnesses": [PEERS[0], municipality("HachiojiMSP").identity("peer")]}, "answers twice"),
    "a stranger's peer": ({"witnesses": [STRANGER, *PEERS[1:]]}, "not issued by the authority of HachiojiMSP"),
    "a client as witness": ({"witnesses": [*PEERS[:2], CLIENT]}, "not that of a peer"),
    "an orderer as witness": ({"witnesses": [*PEERS[:2], ORDERER]}, "not that of a peer"),
    "an old certificate": ({"witnesses": [OLD, *PEERS[1:]]}, "was not valid at"),
    "one endorser": ({"endorsers": PEERS[:1]}, "endorsements come from 1 of 3"),
    "one endorser twice": ({"endorsers": [PEERS[0]] * 2}, "endorsements come from 1 of 3"),
    "no endorser": ({"endorsers": []}, "endorsements come from 0 of 3"),
    "a client as endorser": ({"endorsers": [PEERS[0], CLIENT]}, "not that of a peer"),
    "a stranger as endorser": ({"endorsers": [STRANGER, PEERS[1]]}, "not issued"),
    "an endorser of old": ({"endorsers": [OLD, PEERS[1]]}, "was not valid at"),
    "a peer as sender": ({"sender": PEERS[1]}, "not that of a admin or client"),
    "a stranger as sender": ({"sender": municipality("NanaoMSP", 1).identity("client")}, "not issued"),
    "nobody's municipality": ({"authorities": [municipality(msp_id) for msp_id in MSP_IDS[:2]]},
                              "OshimaMSP is none of the municipalities"),
    "an authority twice": ({"authorities": [municipality(msp_id) for msp_id in (*MSP_IDS, MSP_IDS[0])]},
                           "two authorities"),
    "another channel": ({"channel": "other"}, "another channel"),
    "a configuration": ({"header_type": common_pb2.CONFIG}, "no transaction of a contract"),
    "another chaincode asked": ({"chaincode": "other"}, "another chaincode"),
    "another chaincode ran": ({"ran": "other"}, "another chaincode"),
    "another id": ({"transaction_id": "0" * 64}, "does not follow from the transaction"),
    "no action": ({"actions": 0}, "not one action"), "two actions": ({"actions": 2}, "not one action"),
    "another header": ({"action_header": b"x"}, "two headers differ"),
    "another's endorsements": ({"endorsed_hash": b"x" * 32}, "belongs to another proposal"),
    "asked on another channel": ({"question_channel": "other"}, "asked something else"),
    "asked another chaincode": ({"question_chaincode": "moyai"}, "asked something else"),
    "asked for another": ({"question_arguments": [b"GetTransactionByID", b"moyai", b"0" * 64]}, "something else"),
    "asked for a block": ({"question_arguments": [b"GetBlockByTxID", b"moyai", b"0" * 64]}, "something else"),
    "asked with more": ({"question_extension": b"x"}, "more than its hash covers"),
    "asked with secrets": ({"transient": {"a": b"b"}}, "more than its hash covers"),
    "answered another question": ({"answer_hash": b"x" * 32}, "to another question"),
    "answered by a contract": ({"answering_chaincode": "moyai"}, "does not come from its ledger"),
    "answered with an error": ({"status": 500}, "does not come from its ledger"),
    "held to be invalid": ({"code": 11}, "holds the transaction to be invalid"),
    "another transaction": ({"told_envelope": common_pb2.Envelope(payload=b"x").SerializeToString()},
                            "has another transaction under this id"),
    "a peer as orderer": ({"orderer": PEERS[0]}, "not that of a orderer"),
}


@pytest.mark.parametrize(("changes", "why"), FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_does_not_hold(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(NotProven, match=why):
        verify_transaction(Forge(**changes).proof())


def test_time_is_that_of_the_act_not_of_the_reader() -> None:
    old = municipality("HachiojiMSP").identity("peer", ends=expired())
    facts = verify_transaction(Forge(witnesses=[old, *PEERS[1:]], asked_at=NOW - 3600).proof())
    assert facts.witnesses == MSP_IDS


def test_the_readers_own_certificates_decide(tmp_path: Path) -> None:
    for msp_id in MSP_IDS:
        (tmp_path / f"{msp_id}.pem").write_bytes(municipality(msp_id).pem)
    trusted = Authorities.in_folder(tmp_path)
    verify_transaction(Forge().proof(), trusted)
    strangers = [municipality(msp_id, 1) for msp_id in MSP_IDS]
    peers = [each.identity("peer") for each in strangers]
    invented = Forge(authorities=strangers, sender=strangers[1].identity("client"), endorsers=peers[:2],
                     witnesses=peers, orderer=strangers[0].identity("orderer")).proof()
    assert verify_transaction(invented).fingerprints != trusted.fingerprints
    with pytest.raises(NotProven, match="other certificates than those given"):
        verify_transaction(invented, trusted)
    (tmp_path / "OshimaMSP.pem").unlink()
    with pytest.raises(NotProven, match="other certificates than those given"):
        verify_transaction(Forge().proof(), Authorities.in_folder(tmp_path))


def test_a_folder_holds_certificates(tmp_path: Path) -> None:
    with pytest.raises(UnreadableProof, match="holds no certificate"):
        Authorities.in_folder(tmp_path)
    (tmp_path / "NanaoMSP.pem").write_text("nothing")
    with pytest.raises(UnreadableProof, match="NanaoMSP.pem is not a certificate"):
        Authorities.in_folder(tmp_path)


def test_the_other_half_of_a_signature_is_none() -> None:
    """r and −s sign the same; Fabric takes one of the two."""
    proof = Forge().proof()
    r, s = decode_dss_signature(from_base64(proof.answers[0].signature))
    other = replace(proof.answers[0], signature=to_base64(encode_dss_signature(r, P256_ORDER - s)))
    with pytest.raises(NotProven, match="signature under an answer"):
        verify_transaction(replace(proof, answers=(other, *proof.answers[1:])))


def test_nothing_is_hidden_where_no_signature_looks() -> None:
    proof = Forge().proof()
    unknown = b"\xa2\x06\x01x"  # field 100
    question = from_base64(proof.question) + unknown
    with pytest.raises(NotProven, match="not written as Fabric writes it"):
        verify_transaction(replace(proof, question=to_base64(question)))
    inner = proposal_pb2.Proposal.FromString(from_base64(proof.question))
    inner.header += unknown
    with pytest.raises(NotProven, match="not written as Fabric writes it"):
        verify_transaction(replace(proof, question=to_base64(inner.SerializeToString())))
    metadata = common_pb2.Metadata.FromString(from_base64(proof.block.signatures))
    metadata.signatures[0].identifier_header = b"x"
    block = replace(proof.block, signatures=to_base64(metadata.SerializeToString()))
    with pytest.raises(NotProven, match="say more than they sign"):
        verify_transaction(replace(proof, block=block))
    block = replace(proof.block, signatures=to_base64(common_pb2.Metadata(value=b"x").SerializeToString()))
    with pytest.raises(NotProven, match="no orderer signed"):
        verify_transaction(replace(proof, block=block))


def test_every_change_of_a_file_is_found() -> None:
    data = dump(Forge().proof())
    survivors = [where for where, changed in damaged(data) if _passes(changed)]
    # A proof with one answer less is a proof as well, as long as a majority is left.
    assert survivors == [f"('answers', {number}) removed" for number in range(3)]


def _passes(data: bytes) -> bool:
    try:
        proof = load(data)
        verify_transaction(proof)  # type: ignore[arg-type]
    except MoyaiError:
        return False
    return True


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'"x"', b'{"format":1}', b'{"format":[]}', b"\xff",
                                  b'{"format":"moyai-transaction-proof"}', b'{"format":"moyai-other-proof"}'])
def test_what_is_no_proof_file_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(UnreadableProof):
        load(data)


def test_a_file_too_long_is_not_read() -> None:
    with pytest.raises(UnreadableProof, match="longer than"):
        load(b" " * (16 * 1024 * 1024 + 1))


def test_a_file_is_read_as_it_was_written() -> None:
    proof = Forge().proof()
    assert load(dump(proof)) == proof
