"""Who may open which page: everything is refused that does not say otherwise.

A view carries its rule as a decorator, `@public` or `@roles("A", "C")`; `guard` refuses every endpoint without one.
The contract checks authority again: this is for people, that is for programs.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

OFFICE = ("A", "C")
RECEIVERS = ("A", "C", "S")
SENDERS = ("A", "C", "P")
EVERYBODY = ("A", "C", "S", "P")
"""All who have to do with supplies."""
MEMBERS = ("M",)
ADMINISTRATORS = ("A",)
SIGNED_IN = (*EVERYBODY, *MEMBERS)

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Anyone may open this page."""
    view.allowed = None  # type: ignore[attr-defined]
    return view


def roles(*names: str, visitors: bool = False) -> Callable[[View], View]:
    """Signed-in people with one of these roles may open this page; `visitors`: whoever is not signed in too."""
    def mark(view: View) -> View:
        view.allowed = frozenset(names)  # type: ignore[attr-defined]
        view.visitors = visitors  # type: ignore[attr-defined]
        return view
    return mark


def guard(app: Flask) -> None:
    """Installs the check before every request."""
    public(app.view_functions["static"])

    @app.before_request
    def check() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None  # no such page: the error page answers
        view = app.view_functions[request.endpoint]
        allowed = getattr(view, "allowed", frozenset())
        if allowed is None:
            return None
        if not current_user.is_authenticated:
            if getattr(view, "visitors", False):
                return None
            back = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("portal.sign_in", next=back), 303)
        if not allowed & set(current_user.roles):
            abort(403)
        return None
