"""The auditor on a consortium that has had chaos and traffic, from every municipality's peer."""
from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from tests.contract.fabric_channel import FabricChannel
from tests.contract.relief_story import Story
from tests.network.consortium import RunningConsortium
from tests.unit.auditor.record import block_folder, traffic


@pytest.fixture(scope="module")
def network(honest_consortium: RunningConsortium) -> RunningConsortium:
    """The network that the chaos of meters went through, with traffic of every kind besides."""
    channel = FabricChannel(honest_consortium.state.root).bootstrap()
    try:
        traffic(channel, honest_consortium)
    finally:
        channel.close()
    return honest_consortium


def test_a_consortium_after_traffic_agrees(network: RunningConsortium, tmp_path: Path) -> None:
    """Readings are compared where the bridge's own roots are alone on the ledger: with the chaos of meters."""
    (tmp_path / "canaries").write_text("能登 花子\nhanako@home.example\n0767-00-1234\n", "utf-8")
    done = network.moyai("audit", "--every-document", "--canaries", str(tmp_path / "canaries"), "--logs",
                         str(network.state.logs))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All agrees" in done.stdout
    kept = json.loads((network.state.root / "audit" / "last.json").read_text("utf-8"))
    assert kept["agrees"] and kept["source"] == "peers" and kept["state"]["documents"] > 50
    assert {copy["name"] for copy in kept["copies"]} == set(network.codes)
    assert {copy["height"] for copy in kept["copies"]} == {kept["height"]}
    unused = {check["check"] for check in kept["checks"] if not check["examined"]}
    assert unused <= {"readings"}, "a check looked at nothing"
    assert kept["canaries"]["log_bytes"] > 0


def test_another_municipality_s_auditor_finds_the_same(network: RunningConsortium) -> None:
    done = network.moyai("audit", "--json", "--as", network.codes[1])
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    kept = json.loads((network.state.root / "audit" / "last.json").read_text("utf-8"))
    assert (told["genesis"], told["height"]) == (kept["genesis"], kept["height"])


def test_it_reads_while_others_write(network: RunningConsortium) -> None:
    channel = FabricChannel(network.state.root).bootstrap()
    story, stop = Story(channel), threading.Event()

    def write() -> None:
        while not stop.is_set():
            story.need(5)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        done = network.moyai("audit")
    finally:
        stop.set()
        writer.join()
        channel.close()
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_peer_that_is_away_is_named_and_the_others_are_examined(network: RunningConsortium) -> None:
    away = network.codes[2]
    network.stop(f"peer-{away}")
    try:
        done = network.moyai("audit", "--json")
    finally:
        network.start(f"peer-{away}")
        network.wait_ready()
    assert done.returncode == 1, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert {copy["name"] for copy in told["copies"]} == set(network.codes) - {away}
    (found,) = told["findings"]
    assert (found["check"], found["peer"]) == ("heights", away) and f"{away} does not answer" in found["sentence"]


def test_copies_of_block_files_agree_and_a_lie_in_one_is_named(network: RunningConsortium, tmp_path: Path) -> None:
    folders = [block_folder(network, code) for code in network.codes]
    words = [word for folder in folders for word in ("--blocks", str(folder))]
    assert network.moyai("audit", *words).returncode == 0
    false = tmp_path / "false"
    false.mkdir()
    data = bytearray((folders[2] / "blockfile_000000").read_bytes())
    data[len(data) // 2] ^= 0xFF
    (false / "blockfile_000000").write_bytes(data)
    done = network.moyai("audit", "--blocks", str(folders[0]), "--blocks", str(folders[1]), "--blocks", str(false))
    assert done.returncode == 1 and str(false) in done.stdout
