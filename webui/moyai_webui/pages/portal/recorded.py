"""The receipt of what somebody sent: recorded, being recorded, or not recorded and why."""
from __future__ import annotations

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from moyai_webui.access import SIGNED_IN, roles
from moyai_webui.accounts import person
from moyai_webui.home import Submission
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import not_found, reading, show, submissions
from moyai_webui.presentation.receipts import receipt
from moyai_webui.presentation.template_context import view_url
from moyai_webui.scope import current, within

MOST_RELOADS = 5
RELOAD_SECONDS = 2


@portal.get("/recorded/<op>")
@roles(*SIGNED_IN)
def recorded(op: str) -> ResponseReturnValue:
    """`?also=` names further commands of the same form (a long list goes in parts); the slowest one decides."""
    parts = [_own(part) for part in (op, *request.args.getlist("also"))]
    submission = next((part for part in parts if part.state == "refused"), None) \
        or next((part for part in parts if part.state == "pending"), None) or parts[0]
    if submission.state == "unsigned":
        return redirect(url_for("portal.sign", op=submission.op), 303)
    reloads = request.args.get("n", 0, type=int)
    waiting = submission.state == "pending" and reloads < MOST_RELOADS
    with within(submission.scope if submission.transaction.startswith("relief.") else current()):
        response = make_response(show("recorded.html", submission=submission, person=person(), waiting=waiting,
                                      receipt=receipt(submission, parts, reading())))
    if waiting:
        response.headers["Refresh"] = f"{RELOAD_SECONDS}; url={_next(reloads)}"
    return response


def _own(op: str) -> Submission:
    submission = submissions().submission(op)
    if submission is None or submission.user_id != person().user.user_id:
        not_found()
    return submission


def _next(reloads: int) -> str:
    return view_url(n=reloads + 1, also=request.args.getlist("also"))
