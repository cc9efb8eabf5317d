"""A PostgreSQL server of the tests' own, and a fresh database for each test, SQLite and PostgreSQL in turn."""
from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

USER = "postgres"
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60",
            "listen_addresses": "127.0.0.1"}


class Server:
    """A running server below a folder; only this machine reaches it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self.port = _free_port()

    def start(self) -> None:
        """Makes the cluster and waits until it answers."""
        self._run("initdb", "--pgdata", self._data, "--username", USER, "--auth", "trust", "--encoding", "UTF8",
                  "--no-locale", "--no-sync")
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        self._run("pg_ctl", "--pgdata", self._data, "--wait", "--log", self._folder / "log", "--options",
                  f"-p {self.port} -k {self._folder} {options}", "start")

    def stop(self) -> None:
        """Ends it; its files go with the folder."""
        self._run("pg_ctl", "--pgdata", self._data, "--wait", "--mode", "immediate", "stop")

    def new_database(self) -> str:
        """URL of an empty database."""
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drops a database and whoever is still connected to it."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def _run(self, program: str, *arguments: object) -> None:
        """Runs one of PostgreSQL's programs, which refuse to run as root."""
        as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
        with open(self._folder / "output", "ab") as output:  # a pipe would be held open by the server
            done = subprocess.run([*as_user, _program(program), *map(str, arguments)], stdout=output, stderr=output)
        assert done.returncode == 0, (self._folder / "output").read_text(errors="replace")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """The server, started for the first test that asks for it."""
    folder = Path(tempfile.mkdtemp(prefix="moyai-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, USER)
    server = Server(folder)
    try:
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.process)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'moyai.sqlite'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    url = server.new_database()
    yield url
    server.drop(url)


def _program(name: str) -> str:
    """Debian keeps the server's programs off PATH, one folder a version."""
    found = shutil.which(name) or next((str(path) for path in sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None)
    assert found is not None, f"{name} is missing: install PostgreSQL"
    return found


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
