"""Lists that stay true while they are open: a small beacon says that something moved, the page fetches its part anew.

No thread and no connection waits for an open page (PAGES.md 4.7).
"""
from __future__ import annotations

from flask import Flask

from moyai_webui.live import fragments
from moyai_webui.live.heights import Heights
from moyai_webui.live.quick_answers import QuickAnswers
from moyai_webui.live.shelf import Shelf
from moyai_webui.reading import Reading


def install(app: Flask, reading: Reading) -> None:
    """Answers the beacon before Flask, and fragments after the check of rights (so it comes after `access.guard`)."""
    heights, shelf = Heights(reading.heights), Shelf()
    app.wsgi_app = QuickAnswers(  # type: ignore[method-assign]
        app.wsgi_app, heights, shelf, app.config["SESSION_COOKIE_NAME"])
    fragments.install(app, heights, shelf)
