"""One need with its offers and boxes."""
from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_login import current_user

from moyai_webui.access import public
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver
from moyai_webui.pages.serving import found, reading, show
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import DispatchFilter, OfferFilter


@relief.get("/needs/<need_id>")
@public
def need(need_id: str) -> ResponseReturnValue:
    record = found(reading().need(need_id))
    signed_in = current_user.is_authenticated
    return show(
        "need.html", need=record, as_of=as_of(),
        offers=reading().offers(OfferFilter(aimed_at=need_id, status="any", size=50)).rows,
        dispatches=reading().dispatches(DispatchFilter(need_id=need_id, size=50)).rows,
        mine=signed_in and is_receiver(current_user, record.place),
        may_offer=not signed_in or bool({"A", "C", "P"} & set(current_user.roles)))
