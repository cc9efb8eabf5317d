"""A device forgets a reading only when the bridge named it durable, whatever else was lost on the way."""
from __future__ import annotations

from moyai_bridge.simulator.meter import Sending
from moyai_bridge.simulator.outbox import PATIENCE_SECONDS, WINDOW, Outbox


def outbox(count: int = 100) -> Outbox:
    """Readings 0 to count - 1 with sequences from 1 on, the first of them durable already."""
    box = Outbox(Sending(number + 1, number, number, 1, b"") for number in range(count))
    box.due(0, now=0)
    box.durable(1, (), now=0)
    return box


def sequences(chosen: list[Sending]) -> list[int]:
    return [sending.seq for sending in chosen]


def test_the_first_reading_goes_alone_until_the_bridge_knows_it() -> None:
    box = Outbox(Sending(number + 1, number, number, 1, b"") for number in range(9))
    assert sequences(box.due(8, now=0)) == [1]
    assert box.due(8, now=1) == []
    box.durable(1, (), now=1)
    assert sequences(box.due(8, now=1)) == [2, 3, 4, 5, 6, 7, 8, 9]


def test_a_reading_is_sent_when_it_is_due_and_once_only() -> None:
    box = outbox()
    assert sequences(box.due(2, now=0)) == [2, 3]
    assert sequences(box.due(2, now=1)) == []
    assert sequences(box.due(3, now=2)) == [4]


def test_only_a_durable_sequence_makes_room() -> None:
    box = outbox()
    assert len(box.due(99, now=0)) == WINDOW
    assert box.due(99, now=1) == []
    box.durable(3, (), now=1)
    assert sequences(box.due(99, now=1)) == [WINDOW + 2, WINDOW + 3]
    assert len(box) == 97


def test_what_the_bridge_misses_is_kept() -> None:
    box = outbox()
    box.due(9, now=0)
    box.durable(10, (4, 5), now=1)
    box.disconnected()
    assert sequences(box.due(9, now=2)) == [4, 5]


def test_what_was_never_sent_is_never_forgotten() -> None:
    box = outbox()
    box.durable(50, (), now=1)
    assert len(box) == 99


def test_a_broken_connection_sends_everything_again_that_is_not_durable() -> None:
    box = outbox()
    box.due(5, now=0)
    box.durable(4, (), now=1)
    box.disconnected()
    assert sequences(box.due(5, now=2)) == [5, 6]


def test_what_nobody_answers_is_sent_again_after_a_while() -> None:
    box = outbox()
    box.due(2, now=0)
    assert box.due(2, now=PATIENCE_SECONDS) == []
    assert sequences(box.due(2, now=PATIENCE_SECONDS + 1)) == [2, 3]


def test_late_readings_go_after_newer_ones_and_are_forgotten_like_all() -> None:
    box = Outbox([Sending(1, 0, 0, 1, b""), Sending(2, 1, 4, 1, b""), Sending(3, 2, 2, 1, b""),
                  Sending(4, 3, 3, 1, b"")])
    assert sequences(box.due(0, now=0)) == [1]
    box.durable(1, (), now=0)
    assert sequences(box.due(3, now=1)) == [3, 4]
    box.durable(4, (2,), now=1)
    assert len(box) == 1
    assert sequences(box.due(4, now=2)) == [2]
    box.durable(4, (), now=3)
    assert box.empty
