"""Fragments on the shelf: how long they are good, how many there are, and that one is drawn by one."""
from __future__ import annotations

import threading

from moyai_webui.live import shelf as shelf_module
from moyai_webui.live.heights import Heights
from moyai_webui.live.shelf import KEPT_SECONDS, Shelf
from moyai_webui.rows import DocumentHeights

KEY, TOPICS = ("/relief/needs?", None, False), ("need", "offer")


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def heights(clock: Clock, **blocks: int) -> Heights:
    return Heights(lambda: DocumentHeights(blocks, None), clock)


def test_a_fragment_is_good_until_a_block_touches_what_it_shows() -> None:
    clock = Clock()
    shelf = Shelf(clock)
    shelf.put(KEY, TOPICS, 7, b"drawn")
    assert shelf.take(KEY, heights(clock, need=7, offer=3, package=99)) == b"drawn"
    assert shelf.take(KEY, heights(clock, need=7, offer=8)) is None
    assert shelf.take((*KEY, "office"), heights(clock, need=7)) is None


def test_a_fragment_grows_old_without_blocks() -> None:
    clock = Clock()
    shelf = Shelf(clock)
    shelf.put(KEY, TOPICS, 7, b"drawn")
    clock.seconds += KEPT_SECONDS
    assert shelf.take(KEY, heights(clock, need=7)) is None


def test_the_oldest_makes_room() -> None:
    clock = Clock()
    shelf = Shelf(clock)
    for number in range(shelf_module.MOST_KEPT + 1):
        shelf.put((number,), TOPICS, 7, b"drawn")
    assert shelf.take((0,), heights(clock, need=7)) is None
    assert shelf.take((1,), heights(clock, need=7)) == b"drawn"


def test_one_draws_and_the_others_wait() -> None:
    shelf, waited = Shelf(), threading.Event()
    lock = shelf.begin(KEY)
    assert lock is not None

    def second() -> None:
        other = shelf.begin(KEY)
        waited.set()
        assert other is not None
        other.release()

    thread = threading.Thread(target=second)
    thread.start()
    assert not waited.wait(0.2)
    lock.release()
    assert waited.wait(5)
    thread.join()
