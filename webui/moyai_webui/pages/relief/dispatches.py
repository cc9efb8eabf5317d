"""S6: what was asked of the sender, and one request with its boxes."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from moyai_webui.access import EVERYBODY, SENDERS, roles
from moyai_webui.accounts import person
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver, is_sender
from moyai_webui.pages.serving import found, page_number, page_size, reading, settings, show
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import DispatchFilter

STATES = ("requested", "shipped", "declined", "cancelled")


@relief.get("/dispatches")
@roles(*SENDERS)
def dispatches() -> ResponseReturnValue:
    me = person()
    state = request.args.get("state", "requested")
    page = reading().dispatches(DispatchFilter(
        sender=me.account if me.duty == "sender" else "",
        sender_home=settings().municipality if me.duty != "sender" else "",
        state=state if state in STATES else "", page=page_number(), size=page_size()))
    return show("dispatches.html", page=page, state=state, states=STATES, as_of=as_of())


@relief.get("/dispatches/<need_id>/<dispatch_id>")
@roles(*EVERYBODY)
def dispatch(need_id: str, dispatch_id: str) -> ResponseReturnValue:
    record = found(reading().dispatch(need_id, dispatch_id))
    me = person()
    return show("dispatch.html", dispatch=record, as_of=as_of(), need=reading().need(need_id),
                mine=is_sender(me, record.sender), for_me=is_receiver(me, record.place))
