"""What an open page fetches when something moved: its main part alone, drawn once for all who see the same."""
from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, g, make_response, request, session
from flask_login import current_user

from moyai_webui.live.heights import Heights
from moyai_webui.live.shelf import HEADER, VISITOR, Key, Shelf, key_of
from moyai_webui.live.topics import TOPICS


@dataclass(frozen=True)
class OpenPage:
    """A page as it is now drawn: what it shows, and how far that is."""

    topics: tuple[str, ...]
    block: int
    fragment: bool


def install(app: Flask, heights: Heights, shelf: Shelf) -> None:
    """Draws fragments where a page asks for one, from the shelf where it lies there."""
    @app.before_request
    def look() -> Response | None:
        topics = TOPICS.get(request.endpoint or "", ())
        if not topics or HEADER not in request.headers:
            _open(heights, topics, fragment=False)
            return None
        g.fragment_key = key = _key()
        body = shelf.take(key, heights)
        if body is None:
            g.drawing = shelf.begin(key)
            body = shelf.take(key, heights)  # somebody may have drawn it meanwhile
        _open(heights, topics, fragment=True)
        g.from_shelf = body is not None
        return None if body is None else make_response(body)

    @app.after_request
    def keep(response: Response) -> Response:
        page: OpenPage | None = g.get("open_page")
        if page is not None:
            response.headers.add("Vary", HEADER)
            if page.fragment and not g.get("from_shelf") and response.status_code == 200 and not _is_personal():
                shelf.put(g.fragment_key, page.topics, page.block, response.get_data())
        return response

    @app.teardown_request
    def let_others(_error: BaseException | None) -> None:
        lock = g.pop("drawing", None)
        if lock is not None:
            lock.release()

    @app.context_processor
    def live() -> dict[str, OpenPage | None]:
        return {"open_page": g.get("open_page")}


def _open(heights: Heights, topics: tuple[str, ...], *, fragment: bool) -> None:
    """Before the page reads its rows: a block in between is then fetched once more, never missed."""
    g.open_page = OpenPage(topics, heights.of(topics), fragment) if topics else None


def _key() -> Key:
    return key_of(request, session.get("scope"), _viewer())


def _viewer() -> Key:
    if not current_user.is_authenticated:
        return VISITOR
    own = current_user.account if current_user.duty in ("sender", "member") else ""
    return (frozenset(current_user.roles), current_user.office, own)


def _is_personal() -> bool:
    """A form's token belongs to one session."""
    return "csrf_token" in g
