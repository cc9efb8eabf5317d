"""What is written to disk, and what is read from it: whole files, private secrets, short sockets, logs."""
from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from moyai_network import log_files, storage
from moyai_network.errors import NetworkError
from moyai_network.layout import LONGEST_SOCKET, State


def test_a_file_appears_whole_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key.pem"
    assert storage.write(path, "secret", storage.PRIVATE)
    assert path.read_text() == "secret" and path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key.pem"]


def test_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "core.yaml"
    storage.write(path, "a: 1")
    before = path.stat()
    assert not storage.write(path, b"a: 1")
    assert path.stat().st_ino == before.st_ino
    assert storage.write(path, "a: 2")


def test_a_secret_that_became_readable_is_closed_again(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    storage.write(path, "secret", storage.PRIVATE)
    path.chmod(0o644)
    storage.write(path, "secret", storage.PRIVATE)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "core.yaml"
    storage.write(path, "old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        storage.write(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["core.yaml"]


def test_the_socket_lies_in_the_state_folder_when_its_path_is_short() -> None:
    state = State.at("/srv/moyai")
    assert state.supervisor_socket == Path("/srv/moyai/network/supervisor.sock")


def test_a_long_state_folder_gets_a_short_socket_of_its_own() -> None:
    long, other = (State.at(f"/srv/{'x' * 100}/{name}") for name in ("one", "two"))
    assert len(os.fsencode(long.supervisor_socket)) <= LONGEST_SOCKET
    assert long.supervisor_socket != other.supervisor_socket
    assert long.supervisor_socket == State.at(long.root).supervisor_socket


def test_a_state_folder_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert State.at("var").root == tmp_path / "var"


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = State.at(tmp_path)
    made.logs.mkdir(parents=True)
    return made


def test_the_last_lines_of_a_log(state: State) -> None:
    log = state.logs / "peer-172022.log"
    log.write_text("".join(f"line {number}\n" for number in range(50)))
    assert log_files.tail(log_files.log_of("peer-172022", state), 2) == ["line 48", "line 49"]
    assert log_files.last_line("peer-172022", state) == "line 49"
    assert log_files.last_line("orderer-172022", state) == "it said nothing"


def test_an_unknown_log_is_told_with_those_there_are(state: State) -> None:
    (state.logs / "peer-172022.log").touch()
    with pytest.raises(NetworkError, match="no log of pear; there are: peer-172022."):
        log_files.log_of("pear", state)


def test_following_a_log_goes_on_over_a_rotation(state: State) -> None:
    log = state.logs / "peer-172022.log"
    log.write_text("old\n")
    stop = threading.Event()
    lines = log_files.follow(log, stop)
    threading.Timer(0.2, append, (log, "first\n")).start()
    assert next(lines) == "first"
    append(log, "before\n")
    assert next(lines) == "before"
    log.rename(log.with_suffix(".log.1"))
    append(log, "after\n")
    assert next(lines) == "after"
    stop.set()
    assert list(lines) == []


def append(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)
