"""E2: monthly totals. Every figure is recomputed, and months of one register meet."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from moyai_contracts import keys
from moyai_contracts.api import canonical
from moyai_contracts.api.devices import CorrectTotals, RecordTotals, Reset, RetireDevice, TotalsRow
from moyai_contracts.api.directory import Ratio
from moyai_shim import Response, Stub, success

from tests.contract.channel import HACHIOJI, NANAO, Submission, race
from tests.contract.devices_story import HALF_HOUR, DevicesStory, after, midnight
from tests.contract.memory_channel import MemoryAccess, MemoryChannel
from tests.contract.scene import Scene, random_id, ulid

JANUARY, FEBRUARY, MARCH = (midnight(f"2024-0{month}-01") for month in (1, 2, 3))


@pytest.fixture
def story(scene: Scene) -> DevicesStory:
    """Some weeks after the months that the pages are of."""
    if isinstance(scene.channel, MemoryChannel):
        scene.channel.ledger.now = midnight("2024-03-10")
    return DevicesStory(scene)


@pytest.fixture
def in_memory(memory: MemoryChannel) -> DevicesStory:
    memory.ledger.now = midnight("2024-03-10")
    return DevicesStory(Scene(memory))


def correction(page: RecordTotals, *rows: TotalsRow, version: int = 1, **changes: Any) -> CorrectTotals:
    """The page again, with other rows."""
    values: dict[str, Any] = {"cohort": page.cohort, "month": page.month, "page": page.page, "version": version,
                              "rows": rows, "reason": "再検針による"}
    return CorrectTotals(**values | changes)


def of(story: DevicesStory, month: str, version: int = 1) -> dict[str, Any]:
    """A page as it stands."""
    return story.document("totals", code6=NANAO, cohort=story.cohort, month=month, page=0, version=version)


def test_e02_record_totals_keeps_the_rows(story: DevicesStory) -> None:
    device = story.device()
    page, op = story.page(story.row(device), story.row(device, "generation", received=1400, substituted=80,
                                                       quality="substituted")), ulid()
    receipt = story.by_bridge(page, op)
    assert story.scene.event(receipt) == {"cohort": story.cohort, "month": "2023-12", "page": 0, "version": 1,
                                          "rows": 2}
    stored = of(story, "2023-12")
    assert stored["rows"][0] == {
        "device_id": device, "register": "import", "from_at": midnight("2023-12-01"), "to_at": JANUARY,
        "first_raw": 5000, "last_raw": 6000, "amount": 100_000, "expected": 1488, "received": 1480,
        "quality": "measured"}
    assert (stored["rows"][1]["substituted"], stored["by"]) == (80, "bridge")
    assert story.by_bridge(page, op).replayed and story.by_bridge(page).replayed
    assert story.bridge_refusal(story.page(story.row(device))).code == "id_reused"
    story.scene.submit(NANAO, "worker", replace(page, page=1))


@pytest.mark.parametrize("changes", [
    {"amount": 100_001}, {"amount": 99_900}, {"amount": 0}, {"last_raw": 6001}, {"rollovers": 1},
    {"resets": (Reset(10, 3),)}, {"last_raw": 4000, "amount": 0}, {"first_raw": 10**6, "last_raw": 10**6, "amount": 0},
    {"resets": (Reset(3, 10),), "amount": 99_300}, {"resets": (Reset(10, 10),)},
    {"resets": (Reset(10**6, 10**6 - 1),), "amount": 100_100},
    {"received": 1489}, {"received": 1480, "substituted": 9, "quality": "substituted"}, {"expected": 1487},
    {"quality": "substituted"}, {"substituted": 3}])
def test_e02_a_row_follows_from_its_readings(in_memory: DevicesStory, changes: dict[str, Any]) -> None:
    device = in_memory.device()
    refusal = in_memory.bridge_refusal(in_memory.page(in_memory.row(device, **changes)))
    assert (refusal.code, refusal.params) == ("totals_inconsistent", {"device": device, "register": "import"})


@pytest.mark.parametrize("changes", [
    {"last_raw": 4000, "rollovers": 1, "resets": (Reset(999_000, 500),), "amount": 199_750_000},
    {"resets": (Reset(800, 0),), "amount": 180_000}, {"resets": (Reset(800, 0), Reset(70, 1)), "amount": 186_900},
    {"last_raw": 0, "resets": (Reset(5500, 0),), "amount": 50_000},
    {"first_raw": 999_990, "last_raw": 10, "rollovers": 1, "amount": 2_000}, {"last_raw": 5000, "amount": 0},
    {"received": 0, "expected": 5000}, {"received": 1487, "substituted": 1, "quality": "substituted"}])
def test_e02_resets_and_rollovers_are_counted(in_memory: DevicesStory, changes: dict[str, Any]) -> None:
    row = in_memory.row(in_memory.device(capacity=10**9), **changes)
    in_memory.by_bridge(in_memory.page(row))
    assert of(in_memory, "2023-12")["rows"][0]["amount"] == row.amount


@pytest.mark.parametrize(("coefficient", "steps", "amount"), [
    (Ratio(1, 2), 3, 2), (Ratio(1, 2), 1, 1), (Ratio(1, 3), 1, 0), (Ratio(1, 3), 2, 1), (Ratio(2, 3), 1, 1),
    (Ratio(10**9, 1), 1, 10**9), (Ratio(1, 10**9), 499_999_999, 0), (Ratio(1, 10**9), 500_000_000, 1),
    (Ratio(7, 4), 2, 4)])
def test_e02_an_amount_is_rounded_half_up_once(in_memory: DevicesStory, coefficient: Ratio, steps: int,
                                               amount: int) -> None:
    device = in_memory.device(coefficient=coefficient, capacity=10**9, digits=12)
    for wrong in (amount - 1, amount + 1):
        if wrong >= 0:
            row = in_memory.row(device, last_raw=5000 + steps, amount=wrong)
            assert in_memory.bridge_refusal(in_memory.page(row)).code == "totals_inconsistent"
    in_memory.by_bridge(in_memory.page(in_memory.row(device, last_raw=5000 + steps, amount=amount)))


def test_e02_more_than_the_device_can_do_is_implausible(in_memory: DevicesStory) -> None:
    """6 kW for 744 hours are 44,640 steps of 100 Wh; one more may be the step that had begun."""
    device = in_memory.device()
    for steps in (44_642, 900_000):
        row = in_memory.row(device, last_raw=5000 + steps, amount=100 * steps)
        refusal = in_memory.bridge_refusal(in_memory.page(row))
        assert (refusal.code, refusal.params) == ("implausible", {"device": device, "register": "import"})
    in_memory.by_bridge(in_memory.page(in_memory.row(device, last_raw=5000 + 44_641, amount=4_464_100)))


def test_a_month_has_its_times(in_memory: DevicesStory, memory: MemoryChannel) -> None:
    device, start = in_memory.device(), midnight("2023-12-01")
    for changes in ({"to_at": JANUARY + 1, "expected": 1489}, {"from_at": start - HALF_HOUR, "to_at": start}):
        refusal = in_memory.bridge_refusal(in_memory.page(in_memory.row(device, **changes)))
        assert refusal.code == "time_out_of_range", changes
    refusal = in_memory.bridge_refusal(in_memory.page(in_memory.row(device, from_at=JANUARY, to_at=JANUARY - 1)))
    assert (refusal.code, refusal.params) == ("bad_argument", {"field": "from_at"})
    memory.ledger.now = JANUARY - 901
    page = in_memory.page(in_memory.row(device))
    assert in_memory.bridge_refusal(page).code == "time_out_of_range"
    memory.ledger.now += 1
    in_memory.by_bridge(page)


@pytest.mark.parametrize("changes", [{"last_raw": 5001, "amount": 100}, {"rollovers": 1, "amount": 100_000_000},
                                     {"resets": (Reset(2, 1),), "amount": 100}, {"received": 1}])
def test_a_register_that_was_not_read_counted_nothing(in_memory: DevicesStory, changes: dict[str, Any]) -> None:
    device, start = in_memory.device(capacity=10**9), midnight("2023-12-01")
    still = in_memory.row(device, from_at=start, to_at=start, last_raw=5000, amount=0, received=0)
    refusal = in_memory.bridge_refusal(in_memory.page(replace(still, **changes)))
    assert refusal.code == "totals_inconsistent"
    in_memory.by_bridge(in_memory.page(still))


def test_rows_are_of_own_devices_and_their_registers(in_memory: DevicesStory) -> None:
    device = in_memory.device(registers=("import",))
    assert in_memory.bridge_refusal(in_memory.page(in_memory.row(random_id()))).code == "not_found"
    refusal = in_memory.bridge_refusal(in_memory.page(in_memory.row(device, "export")))
    assert (refusal.code, refusal.params) == ("bad_argument", {"field": "register"})
    page = in_memory.page(in_memory.row(device))
    assert in_memory.scene.refusal(HACHIOJI, "bridge", page).code == "foreign_record"
    assert in_memory.refusal(page).code == "not_permitted"


def test_e02_months_of_a_register_meet(story: DevicesStory) -> None:
    device = story.device()
    december = story.row(device)
    story.by_bridge(story.page(december))
    january = after(december, FEBRUARY, 700)
    for row, code in (
            (replace(january, from_at=JANUARY - HALF_HOUR, expected=1500), "period_overlap"),
            (replace(january, from_at=JANUARY + HALF_HOUR), "totals_inconsistent"),
            (replace(january, first_raw=5999, amount=70_100), "totals_inconsistent"),
            (replace(january, register="export"), "totals_inconsistent")):
        refusal = story.bridge_refusal(story.page(row, month="2024-01", previous_version=1))
        assert refusal.code == code and refusal.params["device"] == device
    page = story.page(january, month="2024-01")
    assert (refusal := story.bridge_refusal(page)).code == "stale_revision" and refusal.params == {"rev": 1}
    assert story.bridge_refusal(replace(page, previous_version=2)).code == "not_found"
    story.by_bridge(replace(page, previous_version=1))


def test_e02_a_page_may_split_a_month(in_memory: DevicesStory) -> None:
    device, middle = in_memory.device(), midnight("2023-12-16")
    first = in_memory.row(device, to_at=middle, expected=720, received=720)
    second = after(first, JANUARY, 300)
    in_memory.by_bridge(in_memory.page(second, first, page=3))
    for wrong, code in ((replace(second, from_at=middle - 1800, expected=769), "period_overlap"),
                        (replace(second, first_raw=6001, amount=29_900), "totals_inconsistent"),
                        (replace(second, from_at=middle + 1800), "totals_inconsistent"), (first, "period_overlap")):
        assert in_memory.bridge_refusal(in_memory.page(first, wrong, page=4)).code == code
    january = after(second, FEBRUARY, 10)
    in_memory.by_bridge(in_memory.page(january, month="2024-01", page=3, previous_version=1))


def test_e02_no_register_leaves_its_page_silently(in_memory: DevicesStory) -> None:
    story, (kept, gone) = in_memory, (in_memory.device(), in_memory.device())
    story.by_bridge(story.page(story.row(kept), story.row(gone)))
    page = story.page(after(story.row(kept), FEBRUARY, 5), month="2024-01", previous_version=1)
    refusal = story.bridge_refusal(page)
    assert (refusal.code, refusal.params) == ("totals_inconsistent", {"device": gone, "register": "import"})
    silent = replace(after(story.row(gone), JANUARY, 0), received=0)
    story.submit(RetireDevice(gone, "交換"))
    story.by_bridge(page)
    story.by_bridge(replace(page, rows=(*page.rows, silent), page=1, previous_version=None))


def test_e02_correct_totals_is_a_new_version(story: DevicesStory) -> None:
    device, key = story.device(), story.clerk_key()
    row = story.row(device)
    page = story.page(row)
    story.by_bridge(page)
    command, op = correction(page, replace(row, received=1470)), ulid()

    def correct(command: CorrectTotals) -> Any:
        return story.scene.submit(NANAO, "webui", command, actor=story.clerk, keys=(key,), op=op)

    assert story.refusal(command).code == "key_required"
    receipt = correct(command)
    assert story.scene.event(receipt) == {"cohort": story.cohort, "month": "2023-12", "page": 0, "version": 2,
                                          "rows": 1, "reason": "再検針による"}
    assert (of(story, "2023-12")["rows"][0]["received"], of(story, "2023-12", 2)["rows"][0]["received"]) == (1480, 1470)
    assert of(story, "2023-12", 2)["supersedes"] == 1 and correct(command).replayed
    refusal = story.refusal(correction(page, row), keys=(key,))
    assert (refusal.code, refusal.params) == ("stale_revision", {"rev": 2})
    assert story.refusal(correction(page, row, version=3), keys=(key,)).code == "not_found"
    january = story.page(after(row, FEBRUARY, 7), month="2024-01")
    refusal = story.bridge_refusal(replace(january, previous_version=1))
    assert (refusal.code, refusal.params) == ("stale_revision", {"rev": 2})
    story.by_bridge(replace(january, previous_version=2))


def test_e02_a_correction_meets_both_neighbours(in_memory: DevicesStory) -> None:
    story, device, key = in_memory, in_memory.device(), in_memory.clerk_key()
    december = story.row(device)
    january = after(december, FEBRUARY, 700)
    february = after(january, MARCH, 600)
    story.by_bridge(story.page(december))
    story.by_bridge(story.page(january, month="2024-01", previous_version=1))
    page = story.page(january, month="2024-01")
    wanted = {"previous_version": 1, "following_version": 1}
    story.by_bridge(story.page(february, month="2024-02", previous_version=1))
    for row, code in ((replace(january, last_raw=6800, amount=80_000), "totals_inconsistent"),
                      (replace(january, first_raw=5990, amount=71_000), "totals_inconsistent"),
                      (replace(january, to_at=FEBRUARY - HALF_HOUR), "totals_inconsistent"),
                      (replace(january, from_at=JANUARY - HALF_HOUR, expected=1500), "period_overlap")):
        assert story.refusal(correction(page, row, **wanted), keys=(key,)).code == code
    for versions, rev in (({"previous_version": 1}, 1), ({"following_version": 1}, 1)):
        refusal = story.refusal(correction(page, january, **versions), keys=(key,))
        assert (refusal.code, refusal.params) == ("stale_revision", {"rev": rev})
    command = correction(page, replace(january, resets=(Reset(9, 4),), amount=70_500), **wanted)
    story.scene.submit(NANAO, "webui", command, actor=story.clerk, keys=(key,))


def test_e02_what_was_on_a_page_stays_in_its_correction(in_memory: DevicesStory) -> None:
    story, key = in_memory, in_memory.clerk_key()
    first, second = story.row(story.device()), story.row(story.device())
    page = story.page(first, second)
    story.by_bridge(page)
    refusal = story.refusal(correction(page, first), keys=(key,))
    assert (refusal.code, refusal.params["device"]) == ("totals_inconsistent", second.device_id)
    assert story.refusal(correction(page, first, second, reason=""), keys=(key,)).params == {"field": "reason"}
    more = correction(page, first, second, story.row(story.device()))
    story.scene.submit(NANAO, "webui", more, actor=story.clerk, keys=(key,))


def test_of_a_month_and_a_correction_before_it_in_one_block_one_is_told(story: DevicesStory) -> None:
    """The month builds on version 1, which the correction before it in the block supersedes."""
    device, key = story.device(), story.clerk_key()
    row = story.row(device)
    page = story.page(row)
    story.by_bridge(page)
    january = story.page(after(row, FEBRUARY, 7), month="2024-01", previous_version=1)
    results = race(story.scene.channel, [
        Submission(NANAO, "webui", correction(page, replace(row, last_raw=6001, amount=100_100)), ulid(), story.clerk,
                   (key,)),
        Submission(NANAO, "bridge", january, ulid())])
    assert [getattr(result, "code", "") for result in results] in (["", "stale_revision"], ["stale_revision", ""])


@dataclass(frozen=True)
class Claiming:
    """Stands for the contracts that claim rows of a page."""

    use: str
    kind: str

    def invoke(self, stub: Stub) -> Response:
        """Writes one claim."""
        stub.put_state(self.use, canonical.encode({"claims": [{"kind": self.kind, "ref": ulid()}]}))
        return success(b"{}")


@pytest.mark.parametrize(("kind", "word"), [("run", "算定"), ("certificate", "証書"), ("other_scheme", "ほかの制度")])
def test_e02_a_claimed_page_is_not_corrected(in_memory: DevicesStory, memory: MemoryChannel,
                                             monkeypatch: pytest.MonkeyPatch, kind: str, word: str) -> None:
    key, page = in_memory.clerk_key(), in_memory.page(in_memory.row(in_memory.device()))
    in_memory.by_bridge(page)
    with monkeypatch.context() as patched:
        use = keys.use(NANAO, in_memory.cohort, "2023-12", 0)
        patched.setattr(memory.ledger, "_contract", Claiming(use, kind))
        memory.ledger.submit(MemoryAccess(memory, "NanaoMSP", "worker").creator, ["claim"])
    refusal = in_memory.refusal(correction(page, *page.rows), keys=(key,))
    assert (refusal.code, refusal.params) == ("already_claimed", {"kind": word})
    assert word in refusal.sentence


def test_e02_a_page_of_250_rows(in_memory: DevicesStory, memory: MemoryChannel) -> None:
    devices = [in_memory.device() for _ in range(84)]
    page = in_memory.full_page(devices)
    assert len(page.rows) == 250
    in_memory.by_bridge(page)
    stored = memory.ledger.state[keys.totals(NANAO, in_memory.cohort, "2023-12", 0, 1)]
    assert len(stored) < 64 * 1024
    late = replace(page, rows=(*page.rows, page.rows[0]), page=1)
    refusal = in_memory.bridge_refusal(late)
    assert (refusal.code, refusal.params) == ("too_many", {"max": 250})
