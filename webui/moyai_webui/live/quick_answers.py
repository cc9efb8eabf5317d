"""What thousands of open pages ask all the time, answered before Flask sees the request: the beacon, and fragments that
visitors share."""
from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request

from moyai_webui.live.heights import Heights
from moyai_webui.live.shelf import HEADER, Shelf, key_of_visitor
from moyai_webui.presentation.template_context import as_of_words

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BEACON = "/live"
ASKS_FOR_FRAGMENT = f"HTTP_{HEADER.upper().replace('-', '_')}"


class QuickAnswers:
    """Wraps the application; whatever is not answered here goes on to it.

    The beacon says nothing about records, only that there are newer ones: it is public. JSON: `as_of` (words of the
    time of the data), `fresh` (at most a minute old), `blocks` (kind of document → number of the last block that wrote
    one). A fragment is answered here where it lies on the shelf and nobody is signed in: the application drew it.
    """

    def __init__(self, application: WSGIApplication, heights: Heights, shelf: Shelf, cookie: str) -> None:
        self._application = application
        self._heights = heights
        self._shelf = shelf
        self._cookie = f"{cookie}="

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") == "GET":
            if environ.get("PATH_INFO") == BEACON:
                return _answer(start_response, self._beacon(), "application/json", "public, max-age=1")
            body = self._fragment(environ)
            if body is not None:
                return _answer(start_response, body, "text/html; charset=utf-8", "no-cache")
        return self._application(environ, start_response)

    def _beacon(self) -> bytes:
        known = self._heights.now()
        words = as_of_words(known.seen_at)
        return json.dumps({"as_of": words.words, "fresh": words.fresh, "blocks": dict(known.blocks)},
                          ensure_ascii=False).encode()

    def _fragment(self, environ: WSGIEnvironment) -> bytes | None:
        if ASKS_FOR_FRAGMENT not in environ or self._cookie in environ.get("HTTP_COOKIE", ""):
            return None
        return self._shelf.take(key_of_visitor(Request(environ)), self._heights)


def _answer(start_response: StartResponse, body: bytes, kind: str, cache: str) -> list[bytes]:
    start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", cache),
                              ("Vary", f"Cookie, {HEADER}"), ("X-Content-Type-Options", "nosniff")])
    return [body]
