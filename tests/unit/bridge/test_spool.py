"""What is appended is on the disk; where the disk is full nothing is, and the caller hears it."""
from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_bridge.spool import Spool, SpoolFull


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "new" / "spool.sqlite")
    yield spool
    spool.close()


def _contents(spool: Spool) -> list[bytes]:
    return [message.payload for message in spool.oldest(100)]


def test_messages_leave_in_their_order(spool: Spool) -> None:
    spool.append([("a", b"1", 10), ("b", b"2", 11)])
    spool.append([("a", b"3", 12)])
    assert [(message.topic, message.payload, message.received_at) for message in spool.oldest(2)] == [
        ("a", b"1", 10), ("b", b"2", 11)]
    spool.forget(spool.oldest(2)[-1].id)
    assert (_contents(spool), len(spool)) == ([b"3"], 1)


def test_a_number_never_comes_back(spool: Spool, tmp_path: Path) -> None:
    """The database goes by it: a number that it has seen is taken already."""
    spool.append([("a", b"1", 10), ("a", b"2", 10)])
    last = spool.oldest(9)[-1].id
    spool.forget(last)
    spool.close()
    again = Spool(tmp_path / "new" / "spool.sqlite")
    again.append([("a", b"3", 10)])
    assert again.oldest(9)[0].id > last
    assert again.identity == spool.identity
    again.close()


def test_two_spools_are_told_apart(spool: Spool, tmp_path: Path) -> None:
    other = Spool(tmp_path / "other.sqlite")
    assert other.identity != spool.identity
    other.close()


def test_what_is_appended_is_there_for_whoever_opens_the_file(spool: Spool, tmp_path: Path) -> None:
    spool.append([("a", b"1", 10)])
    other = sqlite3.connect(tmp_path / "new" / "spool.sqlite")
    assert other.execute("SELECT payload FROM message").fetchall() == [(b"1",)]
    other.close()


def test_a_full_disk_keeps_all_or_nothing_and_takes_again_when_there_is_room(spool: Spool) -> None:
    spool.append([("a", b"1", 10)])
    pages = spool._connection.execute("PRAGMA page_count").fetchone()[0]
    spool._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(SpoolFull, match="full"):
        spool.append([("a", b"2", 10), ("a", bytes(100_000), 10)])
    assert _contents(spool) == [b"1"]
    spool._connection.execute("PRAGMA max_page_count = 10000")
    spool.append([("a", bytes(100_000), 10)])
    assert len(spool) == 2
