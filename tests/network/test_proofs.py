"""Proofs of real transactions and readings: made on the network, checked offline, and worthless after any change."""
from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from moyai_contracts.api import merkle

from moyai_client.errors import MoyaiError, NotSent
from moyai_client.ledger import Ledger
from moyai_client.profile import Profile
from moyai_client.proof import Authorities, NotProven, Reading, ReadingProof, dump, load, verify_reading
from moyai_client.proof.reading import leaf_hash, reading_proof
from tests.contract.channel import NANAO
from tests.contract.devices_story import DevicesStory
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene, random_id
from tests.network.consortium import RunningConsortium
from tests.proof_damage import damaged

MSP_IDS = ["HachiojiMSP", "NanaoMSP", "OshimaMSP"]


@pytest.fixture(scope="module")
def ledger(consortium: RunningConsortium) -> Iterator[Ledger]:
    """七尾市's bridge."""
    opened = Ledger.open(Profile.load(consortium.profile(NANAO, "bridge")))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def proof(consortium: RunningConsortium, ledger: Ledger) -> ReadingProof:
    """Reading 4 of seven, whose root the bridge anchored."""
    channel = FabricChannel(consortium.state.root).bootstrap()
    story, device = DevicesStory(Scene(channel)), random_id()
    readings = [Reading(story.now - 1800 * number, device, 1000 + number, "import", number) for number in range(7)]
    salts = [secrets.token_bytes(16) for _ in readings]
    leaves = [leaf_hash(reading, salt) for reading, salt in zip(readings, salts, strict=True)]
    receipt = story.by_bridge(story.batch(root=merkle.root(leaves).hex(), size=7))
    channel.close()
    return reading_proof(readings[4], salts[4], 4, leaves, ledger.prove(receipt.tx_id))


@pytest.fixture(scope="module")
def certificates(consortium: RunningConsortium, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificates that municipalities would publish."""
    folder = tmp_path_factory.mktemp("certificates")
    for member in consortium.definition.municipalities:
        root = consortium.state.home(member.code).organisation_msp / "cacerts" / "ca.pem"
        shutil.copy(root, folder / f"{member.msp_id}.pem")
    return folder


def test_all_municipalities_vouch_for_a_transaction(proof: ReadingProof, certificates: Path) -> None:
    facts = verify_reading(load(dump(proof)), Authorities.in_folder(certificates)).transaction  # type: ignore[arg-type]
    assert list(facts.witnesses) == MSP_IDS and list(facts.fingerprints) == MSP_IDS and len(facts.endorsers) >= 2
    assert (facts.sender, facts.function, facts.chaincode) == ("NanaoMSP", "devices.anchor_batch", "moyai")


def test_the_command_verifies_with_nothing_but_files(consortium: RunningConsortium, proof: ReadingProof,
                                                     certificates: Path, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    file.write_bytes(dump(proof))
    nowhere = {"MOYAI_STATE": str(tmp_path / "nothing"), "MOYAI_DEFINITION": str(tmp_path / "nothing.yaml")}
    done = consortium.moyai("verify", str(file), "--certificates", str(certificates), **nowhere)
    assert done.returncode == 0 and done.stdout.startswith("CORRECT: "), done.stderr
    assert f"{proof.reading.raw} at " in done.stdout and "fingerprints" not in done.stdout
    done = consortium.moyai("verify", str(file), **nowhere)
    assert done.returncode == 0 and done.stdout.count("MSP ") >= 3 and "compare the fingerprints" in done.stdout
    file.write_bytes(dump(replace(proof, reading=replace(proof.reading, raw=proof.reading.raw + 1))))
    done = consortium.moyai("verify", str(file), **nowhere)
    assert (done.returncode, done.stdout) == (1, "") and done.stderr.startswith("DOES NOT MATCH: ")


def test_no_change_passes(proof: ReadingProof) -> None:
    survivors = [where for where, changed in damaged(dump(proof)) if _passes(changed)]
    # A proof with one answer less is a proof as well, as long as a majority is left.
    assert survivors == [f"('transaction', 'answers', {number}) removed" for number in range(len(MSP_IDS))]


def _passes(data: bytes) -> bool:
    try:
        verify_reading(load(data))  # type: ignore[arg-type]
    except MoyaiError:
        return False
    return True


def test_a_majority_suffices_and_less_does_not(consortium: RunningConsortium, proof: ReadingProof,
                                               ledger: Ledger) -> None:
    former = consortium.pids("peer-132012")[0]
    consortium.stop("peer-132012")
    try:
        again = ledger.prove(proof.transaction.transaction_id)
        assert len(again.answers) == 2
        consortium.stop("peer-133612")
        with pytest.raises(NotProven, match="1 of 3"):
            ledger.prove(proof.transaction.transaction_id)
    finally:
        consortium.start("peer-132012")
        consortium.start("peer-133612")
        consortium.wait_restarted("peer-132012", former)
        consortium.wait_ready()


def test_nobody_proves_what_is_not_there(ledger: Ledger) -> None:
    with pytest.raises(NotSent):
        ledger.prove("0" * 64)
