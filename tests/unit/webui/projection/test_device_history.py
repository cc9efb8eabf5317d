"""What happened to a device is its record's story, found by its number and by its owner."""
from __future__ import annotations

from moyai_contracts.api.devices import RecordSubstitution, RevokeDevice, SubstitutedRow

from moyai_webui.presentation.timeline import steps
from moyai_webui.reading import RecordFilter
from tests.contract.devices_story import DevicesStory, slot_of
from tests.contract.relief_story import MemoryStory
from tests.contract.scene import Scene, ulid
from tests.unit.webui.projected import Projected


def test_e01_a_devices_story_is_found_by_its_number_and_by_its_owner(projected: Projected, story: MemoryStory) -> None:
    devices = DevicesStory(Scene(story.channel))
    registration = devices.registration()
    devices.submit(registration)
    story.channel.advance(1)
    devices.submit(RevokeDevice(device_id=registration.device_id, reason="盗難・紛失"))
    read = projected.project()
    timeline = read.timeline(registration.device_id)
    assert timeline is not None
    assert [(step.title, step.text) for step in steps(timeline.entries)] == [
        ("機器の失効", "理由：盗難・紛失。"), ("機器の登録", "スマートメーター。")]
    own = read.records(RecordFilter(account=registration.account, transaction="devices.register_device"))
    assert [entry.record_id for entry in own.rows] == [registration.device_id]
    assert read.records(RecordFilter(account="0" * 26)).total == 0


def test_e02_a_set_value_is_part_of_its_devices_story_and_has_one_of_its_own(projected: Projected,
                                                                             story: MemoryStory) -> None:
    devices = DevicesStory(Scene(story.channel))
    registration = devices.registration()
    devices.submit(registration)
    story.channel.advance(1)
    row = SubstitutedRow(registration.device_id, registration.registers[0], slot_of(devices.now - 7200), "bill", "検針票")
    command = RecordSubstitution(ulid(), (row,))
    devices.submit(command)
    read = projected.project()
    told = [(step.title, step.text) for step in steps(read.timeline(registration.device_id).entries)]
    assert told[0] == ("値の補正", "機器1台の、計られなかった値を補いました。") and told[1][0] == "機器の登録"
    assert [entry.record_id for entry in read.timeline(command.substitution_id).entries] == [command.substitution_id]
