"""The script that keeps pages and forms of a shelter working without a network, for the whole site."""
from __future__ import annotations

import hashlib
import json
from pathlib import Path

from flask import Response, current_app
from flask.typing import ResponseReturnValue

from moyai_webui.access import public
from moyai_webui.pages.blueprints import portal
from moyai_webui.presentation.template_context import asset

ASSETS = ("tokens.css", "moyai.css", "moyai.js", "live.js", "offline.js", "offline-pages.js", "queue.js", "scan.js",
          "jsqr.js", "icon.svg", "chevron.svg", "chevron-w.svg")
SCRIPTS = ("moyai-key.js", "moyai-queue.js")
SHELL = "/me/offline"
KEPT = ("/", "/relief/", "/relief/needs", "/relief/arrivals", "/relief/scan", "/relief/offers", "/records", "/me/queue")
"""Pages of which the last copy that was seen is shown."""
WARM = (SHELL, "/me/snapshot.json", "/relief/", "/relief/scan", "/me/queue", "/relief/arrivals?tab=coming")
"""Pages that are fetched before anybody asks for them."""


@portal.get("/service-worker.js")
@public
def service_worker() -> ResponseReturnValue:
    folder = Path(current_app.static_folder or "")
    text = (folder / "service-worker.js").read_text("utf-8")
    assets = [asset(name) for name in ASSETS if (folder / name).exists()]
    scripts = [asset(name) for name in SCRIPTS]
    version = hashlib.sha256("".join((text, *assets, *scripts)).encode()).hexdigest()[:12]
    given = {"assets": assets, "scripts": scripts, "pages": WARM, "kept": KEPT, "shell": SHELL, "version": version}
    return Response(f"const MOYAI = {json.dumps(given)};\n{text}", mimetype="text/javascript")
