"""A bridge's status file, and the threads that it is made of."""
from __future__ import annotations

import threading
from pathlib import Path

import pytest
from moyai_bridge import status
from moyai_bridge.bridge import Worker
from moyai_bridge.spool import SpoolFull
from moyai_bridge.status import Status

PATIENCE = 5.0


def test_the_last_status_is_read(tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    assert status.read(file) is None
    for spooled in (3, 1):
        status.write(file, Status(7, status.RUNNING, spooled, ("disk full: …",), 100))
    assert status.read(file) == Status(7, status.RUNNING, 1, ("disk full: …",), 100)


def test_a_status_that_was_cut_is_none(tmp_path: Path) -> None:
    (tmp_path / "status.json").write_text('{"pid": 7, "sta')
    assert status.read(tmp_path / "status.json") is None


def test_the_file_never_needs_more_room_than_at_first(tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    status.write(file, Status(7, status.RUNNING, 0, (), 100))
    size = file.stat().st_size
    status.write(file, Status(7, status.RUNNING, 10**9, ("満" * 10_000,) * 3, 101))
    assert file.stat().st_size == size
    found = status.read(file)
    assert found is not None and found.trouble[2].startswith("満満")


def test_a_status_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    status.write(tmp_path / "missing" / "status.json", Status(7, status.RUNNING, 0, (), 100))
    assert status.read(tmp_path / "missing" / "status.json") is None


def test_foreseen_trouble_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moyai_bridge.bridge.PAUSE_SECONDS", 0.01)
    stop, seen = threading.Event(), []

    def step() -> float:
        seen.append(worker.trouble)
        if len(seen) < 3:
            raise SpoolFull("no room")
        if len(seen) == 4:
            stop.set()
        return 0.01

    worker = Worker("pump", step, stop)
    worker.start()
    worker.join()
    assert seen == ["", "no room", "no room", ""]
    assert worker.failure is None


def test_anything_else_ends_the_thread_and_is_kept() -> None:
    def step() -> float:
        raise ZeroDivisionError("a fault of ours")

    worker = Worker("pump", step, threading.Event())
    worker.start()
    worker.join()
    assert isinstance(worker.failure, ZeroDivisionError)


def test_a_worker_wakes_when_there_is_something_to_do() -> None:
    stop, wake, done = threading.Event(), threading.Event(), threading.Semaphore(0)

    def step() -> float:
        done.release()
        return 60.0

    worker = Worker("pump", step, stop, wake)
    worker.start()
    assert done.acquire(timeout=PATIENCE)
    wake.set()
    assert done.acquire(timeout=PATIENCE)
    stop.set()
    wake.set()
    worker.join()
