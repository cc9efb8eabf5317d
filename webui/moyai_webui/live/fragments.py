"""What an open page fetches when something moved: its main part alone, made once for all who see the same."""
from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, make_response, request, session
from flask_login import current_user

from moyai_webui.live.heights import Heights
from moyai_webui.live.topics import TOPICS
from moyai_webui.pages.serving import on_phone

HEADER = "Moyai-Fragment"
KEPT_SECONDS = 30.0
"""A list also changes with the time of day: what became late, what became old."""
MOST_KEPT = 500

Key = tuple[Any, ...]


@dataclass(frozen=True)
class OpenPage:
    """A page as it is now drawn: what it shows, and how far that is."""

    topics: tuple[str, ...]
    block: int
    fragment: bool


class Shelf:
    """Fragments by address and viewer, the latest few hundred; each until a block touches it or it grows old."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, tuple[int, float, bytes]] = OrderedDict()

    def take(self, key: Key, block: int) -> bytes | None:
        """The fragment drawn at this block."""
        with self._lock:
            drawn_at, until, body = self._kept.get(key, (-1, 0.0, b""))
        return body if body and drawn_at == block and until > self._clock() else None

    def put(self, key: Key, block: int, body: bytes) -> None:
        with self._lock:
            self._kept[key] = (block, self._clock() + KEPT_SECONDS, body)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


def install(app: Flask, heights: Heights) -> None:
    """Draws fragments where a page asks for one, from the shelf where it lies there."""
    shelf = Shelf()

    @app.before_request
    def look() -> Response | None:
        topics = TOPICS.get(request.endpoint or "", ())
        # Read before the page reads its rows: a block in between is then fetched once more, never missed.
        g.open_page = OpenPage(topics, heights.of(topics), HEADER in request.headers) if topics else None
        if not topics or not g.open_page.fragment:
            return None
        body = shelf.take(_key(), g.open_page.block)
        g.from_shelf = body is not None
        return None if body is None else make_response(body)

    @app.after_request
    def keep(response: Response) -> Response:
        page: OpenPage | None = g.get("open_page")
        if page is not None:
            response.headers.add("Vary", HEADER)
            if page.fragment and not g.get("from_shelf") and response.status_code == 200 and not _is_personal():
                shelf.put(_key(), page.block, response.get_data())
        return response

    @app.context_processor
    def live() -> dict[str, OpenPage | None]:
        return {"open_page": g.get("open_page")}


def _key() -> Key:
    """Two people see the same who look at the same address with the same rights for the same office."""
    return (request.full_path, session.get("scope"), on_phone(), *_viewer())


def _viewer() -> Key:
    if not current_user.is_authenticated:
        return ()
    own = current_user.account if current_user.duty in ("sender", "member") else ""
    return (frozenset(current_user.roles), current_user.office, own)


def _is_personal() -> bool:
    """A form's token belongs to one session."""
    return "csrf_token" in g
