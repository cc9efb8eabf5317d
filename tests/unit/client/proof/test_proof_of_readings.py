"""A reading is proven by its salt, its way to the root, and the anchored root; the command tells it in sentences."""
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from moyai_contracts.api import canonical, merkle
from moyai_contracts.api.command import Command, compose
from moyai_contracts.api.devices import AnchorBatch, Flags, RecordSubstitution, SubstitutedRow

from moyai_client.command_line import main
from moyai_client.errors import MoyaiError
from moyai_client.proof import NotProven, Reading, ReadingProof, TransactionProof, dump, load, verify_reading
from moyai_client.proof.reading import leaf_hash, reading_proof
from tests.proof_damage import damaged
from tests.unit.client.proof.invented_consortium import MSP_IDS, NOW, Forge, municipality

DEVICE, OP = "0123456789ABCDEFGHJKMNPQRS", "01KD000000000000000000000A"


def readings(size: int) -> list[Reading]:
    """One register's half-hours."""
    return [Reading(NOW + 1800 * number, DEVICE, 5000 + number, "import", number) for number in range(size)]


def anchored(command: Command, function: str = "") -> TransactionProof:
    """A bridge's transaction, with its proof."""
    text = canonical.encode(compose(command, op=OP))
    return Forge(arguments=[(function or command.transaction).encode(), text]).proof()


def batch(leaves: Sequence[bytes]) -> AnchorBatch:
    """The batch of these leaves."""
    return AnchorBatch("20240109T0900", "bridge-1", 0, merkle.root(leaves).hex(), len(leaves), NOW, NOW + 9000, Flags())


def proof_of(index: int, size: int) -> ReadingProof:
    """The proof of one of a batch's readings."""
    content, salts = readings(size), [bytes([number]) * 16 for number in range(size)]
    leaves = [leaf_hash(reading, salt) for reading, salt in zip(content, salts, strict=True)]
    return reading_proof(content[index], salts[index], index, leaves, anchored(batch(leaves)))


@given(st.integers(1, 20).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_every_reading_of_a_batch_is_proven(case: tuple[int, int]) -> None:
    facts = verify_reading(load(dump(proof_of(*case))))  # type: ignore[arg-type]
    assert facts.reading == readings(case[1])[case[0]]
    assert (facts.batch.size, facts.batch.bridge, facts.transaction.sender) == (case[1], "bridge-1", "NanaoMSP")


def test_the_leaf_is_that_of_the_description() -> None:
    """SHA-256 over 0x00, the salt and the canonical reading, written by hand."""
    text = b'{"at":1704790800,"device":"0123456789ABCDEFGHJKMNPQRS","raw":5000,"register":"import","seq":0}'
    assert leaf_hash(readings(1)[0], b"s" * 16) == merkle.leaf_hash(b"s" * 16 + text)


def test_every_change_of_a_reading_is_found() -> None:
    proof = proof_of(4, 7)
    bare = json.loads(dump(proof))
    transaction = bare.pop("transaction")
    survivors = []
    for where, changed in damaged(json.dumps(bare).encode()):
        data = json.dumps(json.loads(changed) | {"transaction": transaction}).encode()
        try:
            verify_reading(load(data))  # type: ignore[arg-type]
            survivors.append(where)
        except MoyaiError:
            continue
    assert survivors == []


def test_another_batch_does_not_prove_it() -> None:
    proof, other = proof_of(1, 3), proof_of(1, 4)
    with pytest.raises(NotProven, match="not in the batch"):
        verify_reading(replace(proof, transaction=other.transaction))


@pytest.mark.parametrize(("transaction", "why"), [
    (anchored(RecordSubstitution(OP, (SubstitutedRow(DEVICE, "import", "20240109T0900", "bill", "通信断"),))),
     "anchors no batch"),
    (anchored(batch([b"x" * 32]), "devices.record_totals"), "command cannot be read"),
    (anchored(batch([b"x" * 32]), "no.such"), "command cannot be read"),
    (Forge(arguments=[b"devices.anchor_batch"]).proof(), "none of Moyai's contract"),
    (Forge(arguments=[b"devices.anchor_batch", b"{}"], chaincode="other", ran="other").proof(),
     "none of Moyai's contract")])
def test_only_an_anchored_batch_counts(transaction: TransactionProof, why: str) -> None:
    with pytest.raises(NotProven, match=why):
        verify_reading(replace(proof_of(0, 1), transaction=transaction))


# The command

def run(folder: Path, data: bytes, *options: str) -> Result:
    """`moyai verify` on a file."""
    file = folder / "proof.json"
    file.write_bytes(data)
    return CliRunner().invoke(main, ["verify", str(file), *options])


def test_the_command_tells_what_is_proven_and_by_whom(tmp_path: Path) -> None:
    result = run(tmp_path, dump(proof_of(4, 7)))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "CORRECT: the reading is one of those anchored on the ledger."
    assert f"device {DEVICE}, register import, 5004 at 2024-01-09 11:00:00 UTC" in lines[1]
    assert "slot" not in lines[2] and "20240109T0900 number 0 of bridge bridge-1, 7 readings" in lines[2]
    assert "found valid on 2024-01-09 09:01:00 UTC by peers of HachiojiMSP, NanaoMSP, OshimaMSP" in result.stdout
    assert [line.split()[0] for line in lines[-3:]] == list(MSP_IDS) and "compare the fingerprints" in lines[-4]


def test_the_command_takes_the_readers_certificates(tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    folder.mkdir()
    for msp_id in MSP_IDS:
        (folder / f"{msp_id}.pem").write_bytes(municipality(msp_id).pem)
    result = run(tmp_path, dump(Forge().proof()), "--certificates", str(folder))
    assert result.exit_code == 0 and result.stdout.startswith("CORRECT: the transaction is on the ledger.\n")
    assert "fingerprints" not in result.stdout
    (folder / "NanaoMSP.pem").write_bytes(municipality("NanaoMSP", 1).pem)
    result = run(tmp_path, dump(Forge().proof()), "--certificates", str(folder))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "DOES NOT MATCH: the file rests on other certificates than those given.\n"


def test_the_command_says_no_in_one_sentence(tmp_path: Path) -> None:
    proof = proof_of(0, 2)
    wrong = replace(proof, reading=replace(proof.reading, raw=1))
    result = run(tmp_path, dump(wrong))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "DOES NOT MATCH: the reading is not in the batch that was anchored.\n"
    result = run(tmp_path, b"%PDF-1.7")
    assert (result.exit_code, result.stdout) == (2, "") and result.stderr.startswith("CANNOT BE READ: ")
    assert CliRunner().invoke(main, ["verify", str(tmp_path / "nothing")]).exit_code == 2


def test_times_beyond_the_calendar_are_told_in_seconds(tmp_path: Path) -> None:
    content, salt = replace(readings(1)[0], at=253402300799), b"s" * 16
    leaf = leaf_hash(content, salt)
    result = run(tmp_path, dump(reading_proof(content, salt, 0, [leaf], anchored(batch([leaf])))))
    assert result.exit_code == 0 and "9999-12-31 23:59:59 UTC" in result.stdout
