"""E1: devices come, get new tags and go; none is there twice, and nobody is told whose it is."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.devices import RenewedTags, RenewTag, RetireDevice, RevokeDevice, Tag
from moyai_contracts.api.directory import Ratio, SuspendAccount

from tests.contract.channel import HACHIOJI, NANAO, Submission, race
from tests.contract.devices_story import DevicesStory, clerk_of, digest, fiscal_year, midnight
from tests.contract.memory_channel import MemoryChannel
from tests.contract.scene import Scene, random_id, ulid


@pytest.fixture
def story(scene: Scene) -> DevicesStory:
    return DevicesStory(scene)


@pytest.fixture
def in_memory(memory: MemoryChannel) -> DevicesStory:
    return DevicesStory(Scene(memory))


def has_tag(story: DevicesStory, tag: Tag) -> bool:
    """Whether a tag is taken."""
    return story.scene.exists("devices.get_tag", epoch=tag.epoch, tag=tag.tag)


def holder(story: DevicesStory, tag: Tag) -> str:
    """The device that has a tag."""
    return str(story.document("tag", epoch=tag.epoch, tag=tag.tag)["device_id"])


def renewal(device_id: str, epoch: str, kinds: tuple[str, ...] = ("serial", "supply_point")) -> RenewTag:
    """New tags of one device."""
    return RenewTag(epoch, (RenewedTags(device_id, tuple(Tag(kind, epoch, digest()) for kind in kinds)),))


def test_e01_register_device_writes_device_and_tags(story: DevicesStory) -> None:
    command, op = story.registration(), ulid()
    receipt = story.submit(command, op)
    assert story.scene.event(receipt) == {"device_id": command.device_id, "account": story.resident, "kind": "meter",
                                          "registers": ["import", "export", "generation"]}
    device = story.document("device", device_id=command.device_id)
    assert (device["state"], device["account"], device["m"], device["by"]) == (
        "active", story.resident, NANAO, story.clerk.account)
    assert (device["coefficient"], device["digits"], device["capacity"]) == ({"n": 100, "d": 1}, 6, 6000)
    assert {(tag["kind"], tag["epoch"], tag["tag"]) for tag in device["tags"]} == {
        (tag.kind, tag.epoch, tag.tag) for tag in command.tags}
    assert {holder(story, tag) for tag in command.tags} == {command.device_id}
    assert story.submit(command, op).replayed and story.submit(command).replayed
    assert story.refusal(replace(command, capacity=7000)).code == "id_reused"


def test_e01_a_device_of_the_municipality_itself(story: DevicesStory) -> None:
    account = story.account(role="H", party="municipality")
    device_id = story.device(account=account, kind="generator")
    assert story.document("device", device_id=device_id)["account"] == account


@pytest.mark.parametrize("place", [0, 1])
def test_e01_a_taken_serial_or_supply_point_is_refused_everywhere(story: DevicesStory, place: int) -> None:
    command = story.registration()
    story.submit(command)
    taken = command.tags[place]
    tags = tuple(tag if tag == taken else replace(tag, tag=digest()) for tag in command.tags)
    refusal = story.refusal(story.registration(tags=tags))
    assert (refusal.code, refusal.params) == ("device_taken", {})
    foreign = story.registration(tags=tags, account=story.account(HACHIOJI))
    refusal = story.scene.refusal(HACHIOJI, "webui", foreign, actor=clerk_of(story.scene, HACHIOJI))
    assert (refusal.code, refusal.params) == ("device_taken", {})


def test_e01_of_two_registrations_in_one_block_one_wins(story: DevicesStory) -> None:
    first = story.registration()
    second = story.registration(tags=first.tags, account=story.account(HACHIOJI))
    results = race(story.scene.channel, [
        Submission(NANAO, "webui", first, ulid(), story.clerk),
        Submission(HACHIOJI, "webui", second, ulid(), clerk_of(story.scene, HACHIOJI))])
    refused = [result.code for result in results if isinstance(result, Refused)]
    assert refused == ["device_taken"]
    winner = first if isinstance(results[1], Refused) else second
    assert {holder(story, tag) for tag in first.tags} == {winner.device_id}


@pytest.mark.parametrize("end", [RetireDevice, RevokeDevice])
def test_e01_a_device_that_ends_frees_its_tags(story: DevicesStory, end: type[RetireDevice | RevokeDevice]) -> None:
    command, op = story.registration(), ulid()
    story.submit(command)
    receipt = story.submit(end(command.device_id, "交換"), op)
    assert story.scene.event(receipt) == {"device_id": command.device_id, "account": story.resident, "reason": "交換"}
    assert story.submit(end(command.device_id, "交換"), op).replayed
    device = story.document("device", device_id=command.device_id)
    assert device["state"] == ("retired" if end is RetireDevice else "revoked") and "tags" not in device
    assert not any(has_tag(story, tag) for tag in command.tags)
    for again in (RetireDevice, RevokeDevice):
        refusal = story.refusal(again(command.device_id, ""))
        assert (refusal.code, refusal.params) == ("wrong_state", {"state": device["state"]})
    assert story.refusal(renewal(command.device_id, fiscal_year(story.now))).code == "wrong_state"
    story.device(tags=command.tags)


def test_e01_the_console_revokes_alone(story: DevicesStory) -> None:
    device_id = story.device()
    story.scene.submit(NANAO, "console", RevokeDevice(device_id, "盗難"))
    assert story.document("device", device_id=device_id)["by"] == "console"
    for command in (RetireDevice(story.device(), ""), story.registration()):
        assert story.scene.refusal(NANAO, "console", command).code == "not_permitted"


def test_another_municipality_touches_no_device(story: DevicesStory) -> None:
    device_id, foreign = story.device(), clerk_of(story.scene, HACHIOJI)
    for command in (RetireDevice(device_id, ""), RevokeDevice(device_id, ""),
                    renewal(device_id, fiscal_year(story.now))):
        assert story.scene.refusal(HACHIOJI, "webui", command, actor=foreign).code == "foreign_record"
    assert story.refusal(RetireDevice(random_id(), "")).code == "not_found"


@pytest.mark.parametrize(("changes", "field"), [
    ({"registers": ("import", "import")}, "registers"), ({"coefficient": Ratio(0, 1)}, "coefficient")])
def test_a_device_that_cannot_be_is_refused(in_memory: DevicesStory, changes: dict[str, Any], field: str) -> None:
    refusal = in_memory.refusal(in_memory.registration(**changes))
    assert (refusal.code, refusal.params) == ("bad_argument", {"field": field})


def test_whose_a_device_may_be(in_memory: DevicesStory) -> None:
    story = in_memory
    suspended = story.account()
    actor, _ = story.scene.channel.administrator(NANAO)
    story.scene.submit(NANAO, "webui", SuspendAccount(suspended, ""), actor=actor)
    for account, code in ((random_id(), "not_found"), (story.account(HACHIOJI), "foreign_record"),
                          (suspended, "wrong_state"), (story.account(role="P"), "bad_argument"),
                          (story.clerk.account, "bad_argument")):
        assert story.refusal(story.registration(account=account)).code == code


def test_a_device_was_not_installed_tomorrow(in_memory: DevicesStory, memory: MemoryChannel) -> None:
    memory.ledger.now = midnight("2024-01-10") - 901
    assert in_memory.refusal(in_memory.registration(installed_on="2024-01-10")).code == "time_out_of_range"
    memory.ledger.now += 1
    in_memory.device(installed_on="2024-01-10")


SERIAL, POINT = ("serial",), ("supply_point",)
# Day, epochs of the serial's tags, epochs of the supply point's, whether they are what the day demands.
EPOCHS = [
    ("2024-01-09", "2023", "2023", True), ("2024-01-09", "2023", "", True), ("2024-01-09", "", "2023", True),
    ("2024-01-09", "2023 2024", "2023", True), ("2024-01-09", "2024", "2023", False),
    ("2024-01-09", "2022", "2023", False), ("2024-01-09", "2023 2022", "", False),
    ("2024-01-09", "2023 2025", "", False),
    ("2024-02-29", "2023", "2023", True), ("2024-03-01", "2023", "2023", False),
    ("2024-03-01", "2023 2024", "2023", False), ("2024-03-01", "2023 2024", "2023 2024", True),
    ("2024-03-31", "2023 2024", "", True), ("2024-03-31", "2024", "2024", False), ("2024-04-01", "2024", "2024", True),
    ("2024-04-01", "2023", "2023", False), ("2024-01-09", "2023 2023", "", False)]


@pytest.mark.parametrize(("day", "serial", "point", "good"), EPOCHS)
def test_e01_tags_belong_to_the_fiscal_year(in_memory: DevicesStory, memory: MemoryChannel, day: str, serial: str,
                                            point: str, good: bool) -> None:
    memory.ledger.now = midnight(day)
    tags = tuple(Tag(kind, epoch, digest()) for kind, epochs in (("serial", serial), ("supply_point", point))
                 for epoch in epochs.split())
    if good:
        in_memory.device(tags=tags)
    else:
        refusal = in_memory.refusal(in_memory.registration(tags=tags))
        assert (refusal.code, refusal.params) == ("bad_argument", {"field": "tags"})


def test_one_tag_is_not_named_twice(in_memory: DevicesStory) -> None:
    tag = Tag("serial", fiscal_year(in_memory.now), digest())
    command = in_memory.registration(tags=(tag, replace(tag, kind="supply_point")))
    assert in_memory.refusal(command).params == {"field": "tags"}


def test_e01_renew_tag_for_the_coming_year(in_memory: DevicesStory) -> None:
    story, registered, op = in_memory, in_memory.registration(), ulid()
    story.submit(registered)
    command = renewal(registered.device_id, "2024")
    receipt = story.submit(command, op)
    assert story.scene.event(receipt) == {"epoch": "2024", "device_ids": [registered.device_id]}
    assert story.submit(command, op).replayed and story.submit(command).replayed
    both = (*registered.tags, *command.devices[0].tags)
    assert {holder(story, tag) for tag in both} == {registered.device_id}
    assert story.refusal(renewal(registered.device_id, "2024")).code == "id_reused"
    story.submit(RetireDevice(registered.device_id, ""))
    assert not any(has_tag(story, tag) for tag in both)


def test_e01_a_tag_of_the_coming_year_may_be_taken(in_memory: DevicesStory) -> None:
    other = in_memory.registration(tags=in_memory.tags("2023", "2024"))
    in_memory.submit(other)
    line = RenewedTags(in_memory.device(), tuple(tag for tag in other.tags if tag.epoch == "2024"))
    refusal = in_memory.refusal(RenewTag("2024", (line,)))
    assert (refusal.code, refusal.params) == ("device_taken", {})


def test_e01_old_tags_go_with_the_renewal(in_memory: DevicesStory, memory: MemoryChannel) -> None:
    first = in_memory.registration()
    in_memory.submit(first)
    memory.ledger.now = midnight("2024-05-01")
    late, coming = renewal(first.device_id, "2024"), renewal(first.device_id, "2025")
    in_memory.submit(late)
    assert not any(has_tag(in_memory, tag) for tag in first.tags)
    in_memory.submit(coming)
    tags = in_memory.document("device", device_id=first.device_id)["tags"]
    assert [(tag["epoch"], tag["kind"]) for tag in tags] == [
        ("2024", "serial"), ("2024", "supply_point"), ("2025", "serial"), ("2025", "supply_point")]
    in_memory.device(tags=(*(replace(tag, epoch="2024") for tag in first.tags),))


def test_a_renewal_names_what_the_device_has(in_memory: DevicesStory) -> None:
    story, device_id = in_memory, in_memory.device()
    two = renewal(device_id, "2024")
    strange = replace(two, devices=(replace(two.devices[0], tags=(replace(two.devices[0].tags[0], epoch="2023"),)),))
    for command, field in (
            (renewal(device_id, "2022"), "epoch"), (renewal(device_id, "2025"), "epoch"),
            (RenewTag("2024", two.devices * 2), "devices"), (renewal(device_id, "2024", SERIAL), "tags"),
            (renewal(device_id, "2024", SERIAL + SERIAL), "tags"),
            (renewal(device_id, "2024", SERIAL + POINT * 2), "tags"), (strange, "tags")):
        refusal = story.refusal(command)
        assert (refusal.code, refusal.params) == ("bad_argument", {"field": field})
    assert story.refusal(renewal(random_id(), "2024")).code == "not_found"


def test_only_what_is_new_is_renewed(in_memory: DevicesStory) -> None:
    devices = [in_memory.device() for _ in range(3)]
    lines = tuple(renewal(device, "2024").devices[0] for device in devices)
    in_memory.submit(RenewTag("2024", lines[:1]))
    receipt = in_memory.submit(RenewTag("2024", lines))
    assert in_memory.scene.event(receipt) == {"epoch": "2024", "device_ids": devices[1:]}
