"""Roots on the ledger: one batch after the other, each once, whatever happens between."""
from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moyai_bridge.anchor import Anchor, command, slot_of
from moyai_bridge.leaves import LeafReading
from moyai_bridge.pump import Pump
from moyai_bridge.reading_proof import NotAnchored, prove
from moyai_bridge.spool import Spool
from moyai_bridge.store import tables
from moyai_bridge.store.anchored import AnchoredReadings
from moyai_bridge.store.batches import ANCHORED, CLOSED, Batches
from moyai_bridge.store.devices import DeviceRegistry
from moyai_bridge.store.intake import Intake
from moyai_client import Receipt
from moyai_client.errors import Invalidated, OutcomeUnknown
from moyai_client.ledger import Prepared
from moyai_contracts.api import canonical, merkle
from moyai_contracts.api.devices import AnchorBatch
from moyai_database.database import Database
from sqlalchemy import update

from tests.unit.bridge.readings import NOW, START, Published, device_id, payload, register, topic


class Chain:
    """A ledger for roots: `commands` are on it; `crash` names where the next submission breaks."""

    def __init__(self) -> None:
        self.commands: list[AnchorBatch] = []
        self.crash = ""
        self._sent: dict[str, AnchorBatch] = {}

    def submit(self, wanted: AnchorBatch, actor: None = None, *, envelope_store: Any) -> Receipt:
        transaction_id = f"{len(self._sent):0>64}"
        self._sent[transaction_id] = wanted
        if self.crash == "before storing the envelope":
            raise Killed
        envelope_store(Prepared(transaction_id, b"envelope", {}))
        if self.crash == "before sending":
            raise Killed
        return self.finish(b"envelope", transaction_id)

    def finish(self, envelope: bytes, transaction_id: str) -> Receipt:
        if self.crash == "invalidated":
            self.crash = ""
            raise Invalidated("MVCC_READ_CONFLICT", transaction_id)
        wanted = self._sent[transaction_id]
        if wanted not in self.commands:
            assert wanted.previous == (self.commands[-1].root if self.commands else None)
            self.commands.append(wanted)
        if self.crash == "after sending":
            raise OutcomeUnknown(transaction_id, envelope, "the peer was killed")
        return Receipt(transaction_id, len(self.commands), {}, False)


class Killed(BaseException):
    """The program ends here."""


class Plant:
    """One bridge over a database, with a clock and a chain."""

    def __init__(self, database: Database, spool: Spool) -> None:
        self.now, self.chain, self.database, self._spool = NOW, Chain(), database, spool
        self.batches = Batches(database, "1")
        self._pump = Pump(spool, Intake(database, "1"), Published())
        self.anchor = Anchor(self.batches, self.chain, clock=lambda: self.now)

    def take(self, *messages: tuple[str, bytes]) -> None:
        self._spool.append([(name, content, self.now) for name, content in messages])
        while self._pump.move() is not None:
            pass


@pytest.fixture
def plant(database: Database, registry: DeviceRegistry, tmp_path: Path) -> Iterator[Plant]:
    spool = Spool(tmp_path / "spool.sqlite")
    yield Plant(database, spool)
    spool.close()


def test_a_batch_has_root_counts_and_times_of_its_readings(plant: Plant, registry: DeviceRegistry) -> None:
    plant.take((topic(2), payload(0)), (topic(1), payload(0)), (topic(1), payload(3)), (topic(1), payload(3)))
    assert plant.anchor.run_once() == 1
    anchored, = plant.chain.commands
    keys = {number: registry.find(device_id(number)).key for number in (1, 2)}
    leaves = [_leaf(keys[number], number, name, seq, raw) for number, name, seq, raw in (
        (1, "export", 0, 0), (1, "export", 3, 30), (1, "import", 0, 1000), (1, "import", 3, 1300),
        (2, "export", 0, 0), (2, "import", 0, 1000))]
    assert anchored.root == merkle.root(leaves).hex()
    assert (anchored.slot, anchored.n, anchored.bridge, anchored.size) == (slot_of(NOW), 0, "1", 6)
    assert (anchored.first_at, anchored.last_at) == (START, START + 3 * 1800)
    assert (anchored.flags.gap, anchored.flags.duplicate, anchored.previous) == (2, 2, None)


def test_roots_form_a_chain_and_count_within_a_slot(plant: Plant) -> None:
    for seq, later in ((0, 0), (1, 60), (2, 1800)):
        plant.now = NOW + later
        plant.take((topic(1), payload(seq)))
        assert plant.anchor.run_once() == 1
        assert plant.anchor.run_once() == 0
    assert [(batch.slot, batch.n) for batch in plant.chain.commands] == [
        (slot_of(NOW), 0), (slot_of(NOW), 1), (slot_of(NOW + 1800), 0)]


def test_duplicates_alone_make_no_batch(plant: Plant) -> None:
    plant.take((topic(1), payload(0)))
    plant.anchor.run_once()
    plant.take((topic(1), payload(0)))
    assert plant.anchor.run_once() == 0
    plant.take((topic(1), payload(1)))
    plant.anchor.run_once()
    assert plant.chain.commands[-1].flags.duplicate == 2


@pytest.mark.parametrize("crash", ["before storing the envelope", "before sending", "after sending", "invalidated"])
def test_a_crash_on_the_way_ends_in_the_same_root_once(plant: Plant, crash: str) -> None:
    plant.take((topic(1), payload(0)))
    plant.chain.crash = crash
    with pytest.raises((Killed, OutcomeUnknown, Invalidated)):
        plant.anchor.run_once()
    first = command(plant.batches.in_state(CLOSED)[0])
    plant.chain.crash = ""
    plant.take((topic(1), payload(1)))  # goes into the next batch, not into the one that is on its way
    assert plant.anchor.run_once() == 2
    assert plant.chain.commands[0] == first
    assert [batch.size for batch in plant.chain.commands] == [2, 2]
    assert [batch.block for batch in plant.batches.in_state(ANCHORED)] == [1, 2] or crash == "after sending"
    assert not plant.anchor.has_waiting()


def test_a_crash_before_the_root_is_computed(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant.take((topic(1), payload(0)))
    with monkeypatch.context() as patch:
        patch.setattr(plant.batches, "close", _killed)
        with pytest.raises(Killed):
            plant.anchor.run_once()
    plant.take((topic(1), payload(1)))
    assert plant.anchor.run_once() == 2
    assert [(batch.n, batch.size) for batch in plant.chain.commands] == [(0, 2), (1, 2)]


def test_the_written_out_leaf_is_canonical_json() -> None:
    reading = LeafReading(device_id(7), "import", 12, 3, 10**12, 5, bytes(32))
    assert reading.content == canonical.encode(
        {"at": 12, "device": device_id(7), "raw": 10**12, "register": "import", "seq": 3})


def test_a_reading_is_proven_from_what_was_kept(plant: Plant, registry: DeviceRegistry) -> None:
    register(registry, 3)
    plant.take(*((topic(number), payload(seq)) for number in (1, 2, 3) for seq in range(4)))
    readings = AnchoredReadings(plant.database)
    with pytest.raises(NotAnchored, match="not on the ledger yet"):
        prove(readings, Prover(), device_id(2), "import", START)
    plant.anchor.run_once()
    registry.erase(device_id(1))  # its neighbours' proofs go on
    proof = prove(readings, Prover(), device_id(2), "import", START + 1800)
    leaf = merkle.leaf_hash(bytes.fromhex(proof.salt) + canonical.encode(
        {"at": START + 1800, "device": device_id(2), "raw": 1100, "register": "import", "seq": 1}))
    path = [bytes.fromhex(neighbour) for neighbour in proof.inclusion.path]
    root = bytes.fromhex(plant.chain.commands[0].root)
    assert merkle.verify_inclusion(leaf, proof.inclusion.index, 24, path, root)
    assert proof.transaction == "proof of 0"
    with pytest.raises(NotAnchored, match="No reading"):
        prove(readings, Prover(), device_id(1), "import", START)


def test_a_reading_that_was_changed_is_not_proven(plant: Plant) -> None:
    plant.take((topic(1), payload(0)))
    plant.anchor.run_once()
    with plant.database.writing() as connection:
        connection.execute(update(tables.reading).values(raw=tables.reading.c.raw + 1))
    with pytest.raises(NotAnchored, match="changed"):
        prove(AnchoredReadings(plant.database), Prover(), device_id(1), "import", START)


class Prover:
    """Stands for the network."""

    def prove(self, transaction_id: str) -> Any:
        return f"proof of {int(transaction_id)}"


def _killed(*_: Any) -> None:
    raise Killed


def _leaf(key: bytes, number: int, name: str, seq: int, raw: int) -> bytes:
    """As LEDGER.md §2.4 has it."""
    at = START + seq * 1800
    salt = hmac.new(key, f"{name}|{at}".encode(), hashlib.sha256).digest()[:16]
    reading = canonical.encode({"at": at, "device": device_id(number), "raw": raw, "register": name, "seq": seq})
    return hashlib.sha256(b"\0" + salt + reading).digest()
