"""What phones keep while there is no network: their copy of the records, and the commands they send later."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from moyai_contracts import api
from moyai_contracts.api import Refusal, schema
from moyai_contracts.api.command import LIVE, Command
from moyai_webui import scope
from moyai_webui.access import RECEIVERS, public, roles
from moyai_webui.accounts import person
from moyai_webui.forms.identifiers import is_op
from moyai_webui.home import Submission
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.relief.choices import open_sites
from moyai_webui.pages.relief.scanned_box import contents
from moyai_webui.pages.serving import not_found, reading, settings, show, submissions
from moyai_webui.presentation.formats import now, number
from moyai_webui.presentation.receipts import refusal_sentence
from moyai_webui.reading import NeedFilter, PackageFilter

QUEUED = ("relief.register_need", "relief.close_need", "relief.confirm_needs", "relief.set_site_status",
          "relief.receive_package", "relief.record_arrival", "relief.hand_over_package")
"""The commands that may have waited on a phone."""
UNSIGNED_SUFFICES = ("key_required", "key_revoked", "signature_invalid")
MOST_BOXES = 300
MOST_NEEDS = 200
LONGEST_PAGE = 300


@portal.get("/me/queue")
@roles(*RECEIVERS)
def queue() -> ResponseReturnValue:
    return show("queue.html")


@portal.get("/me/snapshot.json")
@roles(*RECEIVERS)
def snapshot() -> ResponseReturnValue:
    """The records a phone works with while it has no network: codes, contents, numbers, no names of persons."""
    me, read, own = person(), reading(), settings().municipality
    actor = me.actor(*RECEIVERS)
    coming = read.packages(PackageFilter(municipality=own, site_id=me.site_id, stage="coming", size=MOST_BOXES))
    needs = read.needs(NeedFilter(municipality=own, site_id=me.site_id, size=MOST_NEEDS)) if me.site_id else None
    return jsonify(
        at=int(now().timestamp()), csrf=generate_csrf(), scope=scope.current(), municipality=own, site=me.site_id,
        actor={"account": actor.account, "role": actor.role, "office": actor.office},
        sites=[{"site": site.place.site_id, "name": site.place.name} for site in open_sites(me)],
        boxes=[contents(box) for box in coming.rows],
        needs=[{"need_id": need.need_id, "text": f"{need.item.name} あと{number(need.open)}{need.item.unit}"}
               for need in (needs.rows if needs else ())],
        items=[{"code": item.code, "name": item.name, "unit": item.unit, "packs": item.packs}
               for item in read.items(own)])


@portal.post("/queue/<op>")
@roles(*RECEIVERS)
def send_queued(op: str) -> ResponseReturnValue:
    """Takes over one finished command; sent again, it answers how that stands."""
    if not is_op(op):
        not_found()
    known = _own(op)
    if known is not None and known.state != "refused":
        return jsonify(_told(known))
    message = request.get_json()
    me = person()
    if message["actor"].get("account") != me.account:
        return jsonify(state="kept", reason="ほかの人の入力です。その人がサインインすると送ります"), 409
    try:
        command = _command(message)
    except Refusal as refusal:
        return jsonify(state="refused", reason=str(refusal))
    return jsonify(_told(_submit(command, op, message)))


@portal.get("/queue/<op>")
@roles(*RECEIVERS)
def queued(op: str) -> ResponseReturnValue:
    """How a command stands that was taken over."""
    known = _own(op)
    if known is None:
        not_found()
    return jsonify(_told(known))


@portal.get("/me/offline")
@public
def offline() -> ResponseReturnValue:
    """The page that stands in for the others while there is no network."""
    return show("offline.html", statuses_of_sites=(("yes", "開いています"), ("no", "閉じました")))


def _submit(command: Command, op: str, message: dict[str, Any]) -> Submission:
    """Sends it with the phone's signature; where that holds no longer, as the service's own word."""
    me = person()
    actor = replace(me.actor(*RECEIVERS), scope=message.get("scope", LIVE))
    page = str(message.get("page", ""))[:LONGEST_PAGE]
    kept: dict[str, Any] = {
        "user_id": me.user.user_id, "op": op, "page": page if page.startswith("/relief/") else "",
        "form": {str(name): str(value) for name, value in dict(message.get("form") or {}).items()}}
    if proof := message.get("proof"):
        submissions().hold(command, actor, until="unsigned", **kept)
        told = submissions().release(op, proof)
        if told is not None and not (told.state == "refused" and told.refusal in UNSIGNED_SUFFICES):
            return told
    return submissions().submit(command, actor, **kept)


def _own(op: str) -> Submission | None:
    found = submissions().submission(op) if is_op(op) else None
    if found is not None and found.user_id != person().user.user_id:
        not_found()
    return found


def _command(message: dict[str, Any]) -> Command:
    """Raises Refusal `bad_argument` for what no phone of ours would send."""
    if message.get("transaction") not in QUEUED:
        raise Refusal("bad_argument", field="transaction")
    if message.get("scope", LIVE) not in (LIVE, *(drill.scope for drill in scope.open_drills())):
        raise Refusal("scope_closed")
    command = schema.decode(api.TRANSACTIONS[message["transaction"]], message.get("fields"))
    if not command.queued:  # type: ignore[attr-defined]
        raise Refusal("bad_argument", field="queued")
    return command


def _told(submission: Submission) -> dict[str, Any]:
    told: dict[str, Any] = {"state": submission.state, "receipt": url_for("portal.recorded", op=submission.op)}
    if submission.state == "refused":
        told["reason"] = refusal_sentence(submission, reading())
    return told
