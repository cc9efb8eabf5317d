"""What is looked at and acted in: the real thing, or one drill. It is chosen in the session and holds for everything
of relief, lists and forms and receipts; nothing of the one is seen in the other."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flask import Flask, abort, current_app, g, has_request_context, request, session
from flask_login import current_user

from moyai_contracts.api.command import LIVE
from moyai_webui.operation_rows import Drill

_within: ContextVar[str] = ContextVar("scope", default="")


def current() -> str:
    """`live`, or the id of a drill."""
    if chosen := _within.get():
        return chosen
    return str(session.get("scope", LIVE)) if has_request_context() else LIVE


@contextmanager
def within(scope: str) -> Iterator[None]:
    """Looks at one scope for a while, whatever the session says: a mail, or a box that names its drill."""
    token = _within.set(scope)
    try:
        yield
    finally:
        _within.reset(token)


def open_drills() -> tuple[Drill, ...]:
    """The drills that this municipality takes part in now, newest first; asked once a request."""
    if "open_drills" not in g:
        own = current_app.extensions["moyai_settings"].municipality
        g.open_drills = tuple(drill for drill in current_app.extensions["moyai"].reading.drills(own) if drill.is_open)
    return g.open_drills


def current_drill() -> Drill | None:
    """The drill that is looked at."""
    scope = current()
    return None if scope == LIVE else next((drill for drill in open_drills() if drill.scope == scope), None)


def choose(scope: str) -> bool:
    """Goes into a drill that is open, or back to the real thing; False where there is no such drill."""
    if scope == LIVE:
        session.pop("scope", None)
        return True
    if scope not in [drill.scope for drill in open_drills()]:
        return False
    session["scope"] = scope
    return True


def install(app: Flask) -> None:
    """A drill that was closed ends for every session; a form is recorded in the scope it was drawn in or not at all."""
    @app.before_request
    def check() -> None:
        if session.get("scope") and (not current_user.is_authenticated or current_drill() is None):
            session.pop("scope")
            g.drill_ended = current_user.is_authenticated
        if request.method == "POST" and request.blueprint == "relief" and request.form.get("scope", LIVE) != current():
            abort(409)

    @app.context_processor
    def drills() -> dict[str, object]:
        offered = open_drills() if current_user.is_authenticated and current_user.duty != "member" else ()
        return {"scope": current(), "drill": current_drill(), "drills": offered,
                "drill_ended": g.get("drill_ended", False)}
