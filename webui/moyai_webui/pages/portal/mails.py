"""S8: the mails this municipality sent, and what became of them."""
from __future__ import annotations

from flask.typing import ResponseReturnValue

from moyai_webui.access import OFFICE, roles
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import PAGE_SIZE, page_number, reading, show
from moyai_webui.presentation.template_context import as_of


@portal.get("/mails")
@roles(*OFFICE)
def mails() -> ResponseReturnValue:
    return show("mails.html", page=reading().mails(page=page_number(), size=PAGE_SIZE), as_of=as_of())
