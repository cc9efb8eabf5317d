"""How often the database is asked for heights, and what a thread gets meanwhile."""
from __future__ import annotations

import threading

from moyai_webui.live.heights import KEPT_SECONDS, Heights
from moyai_webui.rows import DocumentHeights


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Source:
    """Counts how often it is read."""

    def __init__(self) -> None:
        self.readings = 0
        self.blocks = {"need": 7, "offer": 9}

    def __call__(self) -> DocumentHeights:
        self.readings += 1
        return DocumentHeights(dict(self.blocks), None)


def test_many_questions_within_the_time_are_one_reading() -> None:
    source, clock = Source(), Clock()
    heights = Heights(source, clock)
    assert [heights.of(("need",)) for _ in range(1000)] == [7] * 1000
    assert source.readings == 1


def test_a_new_block_shows_after_the_time() -> None:
    source, clock = Source(), Clock()
    heights = Heights(source, clock)
    heights.now()
    source.blocks["need"] = 12
    assert heights.of(("need", "offer")) == 9
    clock.seconds += KEPT_SECONDS
    assert heights.of(("need", "offer")) == 12


def test_what_was_never_written_is_before_the_first_block() -> None:
    assert Heights(Source(), Clock()).of(("package",)) == -1


def test_nobody_waits_for_another_threads_reading() -> None:
    clock, reading, answer = Clock(), threading.Event(), threading.Event()
    blocks = iter(({"need": 1}, {"need": 2}))

    def slow() -> DocumentHeights:
        found = DocumentHeights(next(blocks), None)
        if found.blocks["need"] == 2:
            reading.set()
            assert answer.wait(10)
        return found

    heights = Heights(slow, clock)
    heights.now()
    clock.seconds += KEPT_SECONDS
    reader = threading.Thread(target=heights.now)
    reader.start()
    assert reading.wait(10)
    assert heights.of(("need",)) == 1
    answer.set()
    reader.join()
    assert heights.of(("need",)) == 2
