"""Compares a municipality's readings with the ledger: roots and counts of batches, counters and counts of totals."""
from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Callable, Iterator, Mapping

from moyai_auditor.examination.findings import Findings
from moyai_auditor.examination.readings.database import ANCHORED, Reading, ReadingsDatabase, StoredBatch
from moyai_auditor.examination.readings.differences import differences, name
from moyai_auditor.examination.readings.merkle import root
from moyai_auditor.examination.rules.ledger import Document, Ledger

CHECK = "readings"
HALF_HOUR, HOUR = 1800, 3600
MARKS = ("gap", "duplicate", "reset", "rollover", "repeat", "jump", "clock")
"""Bit i of a reading's marks; of duplicates there is nothing left but the count."""
LATE = 3600
"""Seconds before a page of totals was recorded in which a reading may have come too late to be counted."""
Place = tuple[int, int, str]
"""Block, place in it, transaction id."""
Progress = Callable[[int, int], None]
"""Hears batches and pages done, and how many there are."""


@dataclass
class Compared:
    """What was looked at. `waiting`: batches not yet on the ledger; `erased`: leaves whose readings were erased with
    their device; `left_out`: half-hours with readings that monthly counts leave out; `corrected`: corrected rows of
    totals that readings do not prove."""
    municipality: str
    batches: int = 0
    readings: int = 0
    waiting: int = 0
    erased: int = 0
    totals_rows: int = 0
    left_out: int = 0
    corrected: int = 0


def compare(database: ReadingsDatabase, ledger: Ledger, places: Mapping[tuple[str, ...], Place], code6: str,
            findings: Findings, progress: Progress) -> dict[str, Any]:
    """Reports check `readings`; returns what was looked at. `places`: where batches and totals stand on the chain.

    Raises Unreadable.
    """
    return asdict(_Comparison(database, ledger, places, code6, findings).run(progress))


class _Comparison:
    def __init__(self, database: ReadingsDatabase, ledger: Ledger, places: Mapping[tuple[str, ...], Place],
                 code6: str, findings: Findings) -> None:
        self._database, self._ledger, self._places = database, ledger, places
        self._code6, self._findings = code6, findings
        self._compared = Compared(code6)
        self._erased = database.erased()

    def run(self, progress: Progress) -> Compared:
        """All batches, then all pages of totals."""
        roots = {parts: document for parts, document in self._ledger.documents["devices.batch"].items()
                 if parts[0] == self._code6}
        stored = list(self._database.batches())
        pages = [(parts, document) for parts, document in sorted(self._ledger.documents["devices.totals"].items())
                 if parts[0] == self._code6]
        of_all = len(stored) + len(pages)
        for done, batch in enumerate(stored, 1):
            self._batch(batch, roots.pop((self._code6, batch.slot, batch.bridge, str(batch.n)), None))
            progress(done, of_all)
        for parts in sorted(roots):
            self._report(parts, f"the database of {self._code6} does not know the batch")
        for device_id, register, at in self._database.of_no_batch():
            self._findings.add(CHECK, f"{name(device_id, register, at)} is in no batch of {self._code6}")
        for done, (parts, document) in enumerate(pages, len(stored) + 1):
            self._page(parts, document)
            progress(done, of_all)
        return self._compared

    # Batches

    def _batch(self, batch: StoredBatch, document: Document | None) -> None:
        parts = (self._code6, batch.slot, batch.bridge, str(batch.n))
        if document is None:
            if batch.state == ANCHORED:
                self._report(parts, f"the database of {self._code6} calls the batch anchored; the ledger does not "
                             "have it")
            else:
                self._compared.waiting += 1
            return
        readings = self._database.readings(batch.number)
        self._compared.batches += 1
        self._compared.readings += len(readings)
        self._findings.looked(CHECK, len(readings))
        for sentence in self._complaints(readings, batch, document):
            self._report(parts, sentence)

    def _complaints(self, readings: list[Reading], batch: StoredBatch, document: Document) -> Iterator[str]:
        keyless = [reading for reading in readings if reading.key is None]
        for reading in keyless:
            yield f"{name(*reading[:3])} is there, but the key that proves it is not"
        if not keyless and root([reading.leaf for reading in readings]).hex() == document["root"]:
            yield from self._counts(readings, document)
        elif root(batch.leaves).hex() != document["root"]:
            yield f"{len(readings)} readings of {self._code6} do not have the root, and neither have the leaves kept"
        else:
            proved = [reading for reading in readings if reading.key is not None]
            found = list(differences(proved, batch.leaves, self._erased))
            yield from found
            if not found and not keyless:
                self._compared.erased += len(batch.leaves) - len(readings)
                if len(readings) >= len(batch.leaves):
                    yield f"the readings of {self._code6} stand in another order than the root was made of"

    @staticmethod
    def _counts(readings: list[Reading], document: Document) -> Iterator[str]:
        marked = Counter(mark for reading in readings for place, mark in enumerate(MARKS)
                         if reading.marks >> place & 1)
        told = {mark: document["flags"].get(mark, 0) for mark in MARKS}
        found = {mark: marked[mark] for mark in MARKS} | {"duplicate": told["duplicate"]}
        times = [reading.at for reading in readings]
        if (len(readings), min(times), max(times)) != (document["size"], document["first_at"], document["last_at"]):
            yield "the batch does not say rightly how many readings it has, and of which time"
        if told != found:
            wrong = ", ".join(f"{mark} {told[mark]} instead of {found[mark]}" for mark in MARKS
                              if told[mark] != found[mark])
            yield f"the batch counts other marks than its readings have: {wrong}"

    # Totals

    def _page(self, parts: tuple[str, ...], document: Document) -> None:
        former = self._ledger.get("devices.totals", *parts[:4], str(int(parts[4]) - 1))
        kept = former["rows"] if former else []
        for row in document["rows"]:
            if row["device_id"] in self._erased or row in kept:
                continue
            self._compared.totals_rows += 1
            self._findings.looked(CHECK)
            complaints = list(self._row(row, document["at"]))
            if complaints and former is not None:
                self._compared.corrected += 1  # a clerk's word, under a key, against the meter's
                complaints = []
            for sentence in complaints:
                self._report(parts, sentence)

    def _row(self, row: Document, recorded_at: int) -> Iterator[str]:
        readings = self._database.of_register(row["device_id"], row["register"], row["from_at"], row["to_at"])
        values = {(at, raw) for _, at, raw, _ in readings}
        for at, raw in {(row["from_at"], row["first_raw"]), (row["to_at"], row["last_raw"])} - values:
            yield f"the totals rest on {name(row['device_id'], row['register'], at)}, which the database of " \
                  f"{self._code6} does not have"
        later = [reading for reading in readings if reading[1] > row["from_at"]]
        counted, early = _slots(later, row), _slots([one for one in later if one[3] <= recorded_at - LATE], row)
        register = f"{row['register']} of device {row['device_id']}"
        if row["received"] > len(counted):
            yield f"the totals count {row['received']} half-hours of {register}, {len(counted)} have a reading"
        elif row["received"] < len(early) and self._all_count(readings, row):
            yield f"the totals count {row['received']} half-hours of {register}, {len(early)} had a reading"
        else:
            self._compared.left_out += len(counted) - row["received"]

    def _all_count(self, readings: list[tuple[int, int, int, int]], row: Document) -> bool:
        """Whether no reading is odd: times and counter rise with the sequence, by no more than the device can do."""
        device = self._ledger.get("devices.device", row["device_id"])
        if device is None:
            return False
        n, d, capacity = device["coefficient"]["n"], device["coefficient"]["d"], device["capacity"]
        return all(
            before[0] < after[0] and before[1] < after[1] and before[2] <= after[2] < 10 ** device["digits"]
            and (after[2] - before[2] - 1) * n * HOUR <= capacity * (after[1] - before[1]) * d
            for before, after in zip(readings, readings[1:]))

    def _report(self, parts: tuple[str, ...], sentence: str) -> None:
        block, place, tx_id = self._places.get(parts, (None, None, ""))
        self._findings.add(CHECK, f"{'/'.join(parts)}: {sentence}", block=block, transaction=place, tx_id=tx_id)


def _slots(readings: list[tuple[int, int, int, int]], row: Document) -> set[int]:
    """Numbers of the half-hours that readings end, without the one that the first reading ends."""
    return {-(-at // HALF_HOUR) for _, at, _, _ in readings} - {-(-row["from_at"] // HALF_HOUR)}
