"""GET /live: how far everything is, for every open page every two seconds; answered before Flask sees the request."""
from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from moyai_webui.live.heights import Heights
from moyai_webui.presentation.template_context import as_of_words

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/live"


class Beacon:
    """Wraps the application. The answer says nothing about records, only that there are newer ones: it is public.

    JSON: `as_of` (words of the time of the data), `fresh` (at most a minute old), `blocks` (kind of document → number
    of the last block that wrote one).
    """

    def __init__(self, application: WSGIApplication, heights: Heights) -> None:
        self._application = application
        self._heights = heights

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH or environ.get("REQUEST_METHOD") != "GET":
            return self._application(environ, start_response)
        body = self._body()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body))),
                                  ("Cache-Control", "public, max-age=1"), ("X-Content-Type-Options", "nosniff")])
        return [body]

    def _body(self) -> bytes:
        known = self._heights.now()
        words = as_of_words(known.seen_at)
        return json.dumps({"as_of": words.words, "fresh": words.fresh, "blocks": dict(known.blocks)},
                          ensure_ascii=False).encode()
