"""INV-18 to INV-20: random months of meters against what truly went through them, and the replay of whole chains."""
from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.command import Command
from moyai_contracts.api.devices import CorrectTotals, RecordTotals, RetireDevice, RevokeDevice, TotalsRow
from moyai_contracts.api.directory import Ratio

from tests.contract.channel import HACHIOJI, NANAO, OSHIMA, Channel, Submission
from tests.contract.devices_audit import DevicesAudit
from tests.contract.devices_story import DevicesStory, clerk_of, midnight
from tests.contract.memory_channel import MemoryChannel
from tests.contract.meters import DIGITS, MOST, Meter
from tests.contract.scene import Scene, ulid

MONTHS = ("2023-10", "2023-11", "2023-12", "2024-01")
METERS, SEEDS = 8, 6


@pytest.mark.parametrize("seed", range(SEEDS))
def test_e02_months_with_faults_end_in_the_true_totals(memory: MemoryChannel, seed: int) -> None:
    memory.ledger.now = midnight("2024-03-10")
    story, chance = DevicesStory(Scene(memory)), random.Random(seed)
    key = story.clerk_key()
    coefficient = Ratio(chance.randint(1, 300), chance.randint(1, 7))
    capacity = 2 * MOST * coefficient.n // coefficient.d + 1
    meters = [Meter(story.device(digits=DIGITS, coefficient=coefficient, capacity=capacity), chance,
                    midnight("2023-10-01")) for _ in range(METERS)]
    faults = {"rollovers": 0, "resets": 0, "gaps": 0}
    version = None
    for month, end in zip(MONTHS, (*MONTHS[1:], "2024-02")):
        rows = tuple(meter.month(midnight(f"{end}-01"), coefficient.n, coefficient.d) for meter in meters)
        for row in rows:
            faults["rollovers"] += row.rollovers
            faults["resets"] += len(row.resets)
            faults["gaps"] += row.expected - row.received
        page = story.page(*rows, month=month, previous_version=version)
        _expect_refusals(story, page, chance)
        story.by_bridge(page)
        version = 1
        if chance.random() < 0.5:
            again = CorrectTotals(page.cohort, month, 0, 1, rows, "確認済み", page.previous_version)
            story.scene.submit(NANAO, "webui", again, actor=story.clerk, keys=(key,))
            version = 2
    assert all(faults.values()), f"too quiet to prove anything: {faults}"
    audit = DevicesAudit()
    audit.read(memory.transactions())
    audit.check()


def _expect_refusals(story: DevicesStory, page: RecordTotals, chance: random.Random) -> None:
    """Any figure of any row that is off by one makes the page wrong."""
    place = chance.randrange(len(page.rows))
    row = page.rows[place]
    for wrong in _wrong(row):
        rows = (*page.rows[:place], wrong, *page.rows[place + 1:])
        assert story.bridge_refusal(replace(page, rows=rows)).code in (
            "totals_inconsistent", "implausible", "period_overlap", "time_out_of_range"), wrong


def _wrong(row: TotalsRow) -> list[TotalsRow]:
    changed = [replace(row, amount=row.amount + 1), replace(row, rollovers=row.rollovers + 1),
               replace(row, received=row.expected + 1), replace(row, expected=row.expected - 1, received=0),
               replace(row, to_at=row.to_at + 32 * 86400)]
    if row.resets:
        changed.append(replace(row, resets=row.resets[1:]))
    if row.rollovers:
        changed.append(replace(row, rollovers=row.rollovers - 1))
    return changed


def test_inv18_random_registrations_leave_one_device_a_tag(memory: MemoryChannel) -> None:
    """Three municipalities register, end and race over few serials, several in a block."""
    memory.ledger.now = midnight("2024-01-10")
    story, chance = DevicesStory(Scene(memory)), random.Random(18)
    clerks = {code6: clerk_of(story.scene, code6) for code6 in (NANAO, HACHIOJI, OSHIMA)}
    accounts = {code6: story.account(code6) for code6 in clerks}
    serials = [story.tags() for _ in range(5)]
    devices: dict[str, list[str]] = {code6: [] for code6 in clerks}
    audit, told = DevicesAudit(), set()
    for _ in range(150):
        first = memory.height
        submissions = []
        for _ in range(chance.randint(1, 3)):
            code6 = chance.choice(sorted(clerks))
            command: Command = story.registration(
                account=accounts[code6], tags=(chance.choice(serials)[0], chance.choice(serials)[1]))
            if devices[code6] and chance.random() < 0.5:
                end = chance.choice((RetireDevice, RevokeDevice))
                command = end(chance.choice(devices[code6]), "")
            else:
                devices[code6].append(command.device_id)
            submissions.append(Submission(code6, "webui", command, ulid(), clerks[code6]))
        told |= _commit_together(memory, submissions)
        audit.read(memory.transactions(first))
        audit.check()
    assert told >= {"device_taken", "wrong_state", "MVCC_READ_CONFLICT", "done"}


def _commit_together(memory: MemoryChannel, submissions: list[Submission]) -> set[str]:
    told, prepared = set(), []
    for each in submissions:
        try:
            prepared.append(memory.access(each.code6, each.service).prepare(each.command, each.actor, op=each.op))
        except Refused as refusal:
            told.add(refusal.code)
    if prepared:
        endorsed = [memory.endorsed[ready.transaction_id] for ready in prepared]
        told |= {"done" if code == "VALID" else code for code in memory.ledger.commit(endorsed)}
    return told


def test_the_audit_sees_a_forked_chain_and_a_wrong_amount(tmp_path: Path) -> None:
    """Documents that the contract would never write."""
    memory = MemoryChannel(tmp_path).bootstrap()
    memory.ledger.now = midnight("2024-03-10")
    story = DevicesStory(Scene(memory))
    story.anchor()
    story.anchor()
    story.by_bridge(story.page(story.row(story.device())))
    for object_type, member, value in (
            ("devices.batch", "previous", "0" * 64), ("devices.totals", "rows", None),
            ("devices.device", "state", "retired"), ("devices.batch_head", "root", "1" * 64)):
        audit = DevicesAudit()
        audit.read(memory.transactions())
        audit.check()
        document = list(audit.documents[object_type].values())[-1]
        if value is None:
            document["rows"][0]["amount"] += 1
        else:
            document[member] = value
        with pytest.raises(AssertionError):
            audit.check()


def test_inv18_19_20_hold_on_this_chain(channel: Channel) -> None:
    """On the real network: the whole chain, with all that other tests left there."""
    story = DevicesStory(Scene(channel))
    device = story.device()
    story.anchor()
    story.anchor()
    story.by_bridge(story.page(story.row(device)))
    story.submit(RetireDevice(device, ""))
    audit = DevicesAudit()
    audit.read(channel.transactions())
    audit.check()
    assert len(audit.documents["devices.totals"]) >= 1 and len(audit.roots) >= 1
