"""E2: roots of readings in one chain a bridge, and values that nobody measured."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.devices import Flags, RecordSubstitution, RetireDevice, SubstitutedRow

from tests.contract.channel import HACHIOJI, NANAO, Submission, race
from tests.contract.devices_story import HALF_HOUR, DevicesStory, clerk_of, digest, midnight, slot_of
from tests.contract.memory_channel import MemoryChannel
from tests.contract.scene import Scene, random_id, ulid


@pytest.fixture
def story(scene: Scene) -> DevicesStory:
    return DevicesStory(scene)


@pytest.fixture
def in_memory(memory: MemoryChannel) -> DevicesStory:
    return DevicesStory(Scene(memory))


def test_e02_anchor_batch_writes_root_and_counts(story: DevicesStory) -> None:
    command, op = story.batch(flags=Flags(gap=2, clock=1)), ulid()
    receipt = story.by_bridge(command, op)
    place = {"slot": command.slot, "bridge": story.bridge, "n": command.n}
    assert story.scene.event(receipt) == place | {"root": command.root, "size": 30}
    batch = story.document("batch", code6=NANAO, **place)
    assert (batch["root"], batch["size"], batch["by"], batch["flags"]["gap"], batch["flags"]["clock"]) == (
        command.root, 30, "bridge", 2, 1)
    assert (batch["first_at"], batch["last_at"]) == (command.first_at, command.last_at) and "previous" not in batch
    head = story.document("batch_head", code6=NANAO, bridge=story.bridge)
    assert (head["slot"], head["n"], head["root"]) == (command.slot, command.n, command.root)
    assert story.by_bridge(command, op).replayed and story.by_bridge(command).replayed


def test_e02_roots_of_a_bridge_are_one_chain(story: DevicesStory) -> None:
    first = story.anchor(slot="20240101T0030", n=0)
    second = story.anchor(slot="20240101T0030", n=1)
    third = story.anchor(slot="20231231T2330", n=0)  # a clock that was put right
    assert third.previous == second.root and second.previous == first.root
    stored = story.document("batch", code6=NANAO, slot=third.slot, bridge=story.bridge, n=0)
    assert stored["previous"] == second.root
    for previous in (None, first.root, third.root[::-1]):
        assert story.bridge_refusal(story.batch(n=5, slot="20240101T0100", previous=previous)).code == "log_gap"
    assert story.by_bridge(second).replayed, "a late copy of an earlier batch is no gap"
    other = replace(story.batch(), bridge=f"{story.bridge}x", previous=None)
    story.by_bridge(other)


def test_e02_a_batch_is_known_by_its_place_and_root(story: DevicesStory) -> None:
    command = story.anchor()
    assert story.bridge_refusal(replace(command, root=digest())).code == "id_reused"
    assert story.bridge_refusal(story.batch(slot=command.slot, n=command.n)).code == "id_reused"
    assert story.by_bridge(replace(command, flags=Flags(jump=7))).replayed


def test_e02_of_two_batches_on_one_root_one_stays(story: DevicesStory) -> None:
    story.anchor(slot="20240101T0000", n=0)
    fork = [story.batch(slot="20240101T0030", n=number) for number in range(2)]
    results = race(story.scene.channel, [Submission(NANAO, "bridge", each, ulid()) for each in fork])
    assert [result.code for result in results if isinstance(result, Refused)] == ["log_gap"]


def test_bridges_of_two_municipalities_may_have_one_name(story: DevicesStory) -> None:
    command = story.anchor()
    story.scene.submit(HACHIOJI, "bridge", replace(command, previous=None))
    assert story.document("batch", code6=HACHIOJI, slot=command.slot, bridge=story.bridge, n=command.n)["m"] == HACHIOJI


@pytest.mark.parametrize("slot", ["20240101T0015", "20240101T2400", "20240230T0000", "20241301T0000", "20240001T0000",
                                  "20240101T0060", "20230229T1200", "20240100T0000", "00000000T0000"])
def test_a_slot_is_a_half_hour_of_the_calendar(in_memory: DevicesStory, slot: str) -> None:
    refusal = in_memory.bridge_refusal(in_memory.batch(slot=slot))
    assert (refusal.code, refusal.params) == ("bad_argument", {"field": "slot"})
    row = SubstitutedRow(in_memory.device(), "import", slot, "bill", "検針票による")
    assert in_memory.refusal(RecordSubstitution(ulid(), (row,))).params == {"field": "slot"}


def test_a_slot_has_begun(in_memory: DevicesStory, memory: MemoryChannel) -> None:
    memory.ledger.now = midnight("2024-01-10") - 901
    ahead = in_memory.batch(slot=slot_of(midnight("2024-01-10")))
    assert in_memory.bridge_refusal(ahead).code == "time_out_of_range"
    memory.ledger.now += 1
    in_memory.by_bridge(ahead)
    in_memory.root = ahead.root
    in_memory.anchor(slot="20200229T1230")


def test_e02_meters_with_wrong_clocks_are_anchored(in_memory: DevicesStory) -> None:
    in_memory.anchor(first_at=0, last_at=253402300799)
    same = in_memory.now
    in_memory.anchor(first_at=same, last_at=same)
    refusal = in_memory.bridge_refusal(in_memory.batch(first_at=same, last_at=same - 1))
    assert (refusal.code, refusal.params) == ("bad_argument", {"field": "first_at"})


def test_e02_only_a_bridge_anchors(in_memory: DevicesStory) -> None:
    for service in ("webui", "worker", "console", "auditor"):
        assert in_memory.scene.refusal(NANAO, service, in_memory.batch()).code == "not_permitted"
    assert in_memory.refusal(in_memory.batch()).code == "not_permitted"


def row(device: str, **changes: Any) -> SubstitutedRow:
    """A half-hour that was set from the day before."""
    values: dict[str, Any] = {"device_id": device, "register": "import", "slot": "20240101T0030",
                              "method": "previous_day", "reason": "通信断"}
    return SubstitutedRow(**values | changes)


def test_e02_record_substitution_by_clerk_or_bridge(story: DevicesStory) -> None:
    first, second = story.device(), story.device()
    rows = (row(first), row(first, register="export"), row(first, slot="20240101T0100"), row(second))
    command, op = RecordSubstitution(ulid(), rows), ulid()
    receipt = story.submit(command, op)
    assert story.scene.event(receipt) == {"substitution_id": command.substitution_id,
                                          "device_ids": sorted((first, second))}
    stored = story.document("substitution", code6=NANAO, substitution_id=command.substitution_id)
    assert stored["rows"][0] == {"device_id": first, "register": "import", "slot": "20240101T0030",
                                 "method": "previous_day", "reason": "通信断"}
    assert len(stored["rows"]) == 4 and stored["by"] == story.clerk.account
    assert story.submit(command, op).replayed
    assert story.refusal(RecordSubstitution(command.substitution_id, rows[:1])).code == "id_reused"
    story.submit(RetireDevice(first, ""))
    story.by_bridge(RecordSubstitution(ulid(), (row(first, slot="20240101T0130"),)))


def test_a_substitution_is_explained_and_of_the_own_devices(in_memory: DevicesStory) -> None:
    story, device = in_memory, in_memory.device(registers=("import",))
    for changes, field in (({"reason": ""}, "reason"), ({"register": "export"}, "register")):
        refusal = story.refusal(RecordSubstitution(ulid(), (row(device, **changes),)))
        assert (refusal.code, refusal.params) == ("bad_argument", {"field": field})
    twice = RecordSubstitution(ulid(), (row(device), row(device, method="bill")))
    assert story.refusal(twice).params == {"field": "rows"}
    assert story.refusal(RecordSubstitution(ulid(), (row(random_id()),))).code == "not_found"
    foreign = RecordSubstitution(ulid(), (row(device),))
    assert story.scene.refusal(HACHIOJI, "bridge", foreign).code == "foreign_record"
    assert story.scene.refusal(HACHIOJI, "webui", foreign, actor=clerk_of(story.scene, HACHIOJI)).code == (
        "foreign_record")
    ahead = row(device, slot=slot_of(story.now + 2 * HALF_HOUR))
    assert story.refusal(RecordSubstitution(ulid(), (ahead,))).code == "time_out_of_range"
