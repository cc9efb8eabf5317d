"""The first page: what this town offers, the disaster first; and what it says about itself."""
from __future__ import annotations

from flask.typing import ResponseReturnValue

from moyai_webui.access import public
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import reading, settings, show
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import NeedFilter


@portal.get("/")
@public
def start() -> ResponseReturnValue:
    lacking = reading().needs(NeedFilter(municipality=settings().municipality, size=1))
    everywhere = reading().needs(NeedFilter(size=1))
    return show("start.html", lacking=lacking, everywhere=everywhere, as_of=as_of())


@portal.get("/about")
@public
def about() -> ResponseReturnValue:
    own = settings()
    return show("about.html", office_mail=own.office_mail, office_phone=own.office_phone)
