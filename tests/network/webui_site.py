"""The web UI of a municipality on a real network, as a person without a browser meets it."""
from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar
from typing import TypeVar

from moyai_client import Ledger, Profile
from sqlalchemy import select

from moyai_database.database import Database
from moyai_webui.rendered_settings import settings_of
from moyai_webui.store.projection_tables import Cursor
from moyai_webui.store.reading import SqlReading
from moyai_webui.store.submissions import SubmissionStore
from tests.network.consortium import RunningConsortium

Found = TypeVar("Found")
NOT_ANSWERED = (urllib.error.URLError, ConnectionError, TimeoutError)


class WebSite:
    """One municipality's web UI: its pages, its database, its ledger."""

    def __init__(self, consortium: RunningConsortium, code6: str) -> None:
        self.consortium = consortium
        self.code6 = code6
        self.settings = settings_of(consortium.state.root, code6)
        self.database = Database(self.settings.database)
        self.reading = SqlReading(self.database, code6)
        self.submissions = SubmissionStore(self.database, code6)
        self.ledger = Ledger.open(Profile.load(self.settings.profile))

    def person(self, login: str) -> Visitor:
        """A demonstration account, signed in."""
        accounts = json.loads((self.consortium.state.root / "accounts.json").read_text("utf-8"))
        (found,) = (one for one in accounts if one["login"] == login)
        visitor = Visitor(self.settings.public_url)
        visitor.send("/sign_in", {"login": login, "password": found["password"]})
        return visitor

    def cursor(self) -> int:
        """Number of the last block in the database."""
        with self.database.reading() as connection:
            return connection.scalars(select(Cursor.block)).one()

    def caught_up(self) -> bool:
        """Whether the database has the whole chain."""
        return self.cursor() == self.ledger.height() - 1

    def close(self) -> None:
        self.database.close()
        self.ledger.close()


class Visitor:
    """A session with one web UI."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        """A page's HTML."""
        with self._opener.open(self._url + path, timeout=30) as answer:
            return answer.read().decode()

    def send(self, path: str, fields: Mapping[str, str], *, page: str = "") -> str:
        """Fills in the form of a page and sends it; returns the path it leads to. `page`: where the form stands, if
        elsewhere."""
        return self.post(path, {**_hidden(self.get(page or path)), **fields})

    def problem(self, path: str, fields: Mapping[str, str] | None = None) -> str:
        """The page that is answered as 422: what was asked for cannot be, and why."""
        return self.refused(path, {**_hidden(self.get(path)), **fields} if fields else None)

    def refused(self, path: str, fields: Mapping[str, str] | None) -> str:
        """The same of fields as they are."""
        data = urllib.parse.urlencode(fields).encode() if fields else None
        try:
            self._opener.open(self._url + path, data, timeout=30).close()
        except urllib.error.HTTPError as answer:
            assert answer.code == 422, answer
            return answer.read().decode()
        raise AssertionError(f"{path} has no objection")

    def post(self, path: str, fields: Mapping[str, str]) -> str:
        """Sends fields as they are; the same ones twice are one click too many."""
        data = urllib.parse.urlencode(fields).encode()
        with self._opener.open(self._url + path, data, timeout=30) as answer:
            return urllib.parse.urlsplit(answer.url).path


def form_of(visitor: Visitor, path: str, fields: Mapping[str, str]) -> dict[str, str]:
    """A page's form, filled in and not yet sent."""
    return {**_hidden(visitor.get(path)), **fields}


def eventually(found: Callable[[], Found], seconds: float = 60.0) -> Found:
    """Waits until something is true and gives it back."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.2)
    return value


def _hidden(page: str) -> dict[str, str]:
    """The form's own fields: its operation, the token against forgery, the drill it was drawn in."""
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page):
        values = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if values.get("name") in ("op", "csrf_token", "scope"):
            fields[values["name"]] = values.get("value", "")
    return fields
