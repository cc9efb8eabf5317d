"""Which readings keep a batch from having the root that stands on the ledger."""
from __future__ import annotations

from collections import defaultdict
from itertools import zip_longest
from typing import Iterable, Iterator, Sequence

from moyai_auditor.examination.readings.database import Reading
from moyai_auditor.examination.times import told


def name(device_id: str, register: str, at: int) -> str:
    """A reading, to be read; what it says is nobody's business."""
    return f"the reading of {register} of device {device_id} at {told(at)}"


def differences(readings: Sequence[Reading], leaves: Sequence[bytes], erased: Iterable[str]) -> Iterator[str]:
    """Compares readings that have their key with the leaves that once were made of them, both in order.

    A leaf that stands where a device was erased is nobody's fault; it is left out.
    """
    found = [reading.leaf for reading in readings]
    known, there = set(leaves), set(found)
    gone = sorted(erased)
    odd: dict[int, list[Reading]] = defaultdict(list)
    lacking: dict[int, int] = defaultdict(int)
    place = 0
    for reading, leaf in zip(readings, found):
        if leaf in known:
            place += 1
        else:
            odd[place].append(reading)
    place = 0
    for leaf in leaves:
        if leaf in there:
            place += 1
        else:
            lacking[place] += 1
    true = [reading for reading, leaf in zip(readings, found) if leaf in known]
    for place in sorted({*odd, *lacking}):
        for reading, _ in zip_longest(odd[place], range(lacking[place])):
            if reading is None:
                yield from _missing(true, place, gone)
            else:
                was = "is not the one" if lacking[place] else "is none of those"
                lacking[place] -= lacking[place] > 0
                yield f"{name(*reading[:3])} {was} that the root was made of"


def _missing(true: Sequence[Reading], place: int, erased: Sequence[str]) -> Iterator[str]:
    before, after = (true[place - 1] if place else None), (true[place] if place < len(true) else None)
    if any((before is None or before.device_id < device_id) and (after is None or device_id < after.device_id)
           for device_id in erased):
        return
    where = " and ".join((f"after {name(*before[:3])}" if before else "before all others",
                          f"before {name(*after[:3])}" if after else "after all others"))
    yield f"a reading is missing {where}"
