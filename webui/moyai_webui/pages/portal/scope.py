"""Into a drill and out again: the account menu's way."""
from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from moyai_contracts.api.command import LIVE
from moyai_webui import scope
from moyai_webui.access import EVERYBODY, roles
from moyai_webui.accounts import person
from moyai_webui.pages.blueprints import portal
from moyai_webui.presentation.navigation import home_endpoint


@portal.post("/scope")
@roles(*EVERYBODY)
def choose_scope() -> ResponseReturnValue:
    if not scope.choose(request.form.get("chosen", LIVE)):
        abort(409)
    return redirect(url_for(home_endpoint(person())), 303)
