"""S9: where is my box? For anyone with its code, without personal data."""
from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from moyai_contracts.api.command import LIVE
from moyai_contracts.api.identifiers import label_code, parse_label
from moyai_webui.access import public
from moyai_webui.forms.fields import half_width
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import reading, settings, show
from moyai_webui.presentation.template_context import as_of
from moyai_webui.rows import Package
from moyai_webui.scope import open_drills, within


@portal.get("/t")
@public
def find_package() -> ResponseReturnValue:
    """The code typed on the first page."""
    typed = half_width(request.args.get("code", ""))[:40]
    label = parse_label(typed)
    return redirect(url_for("portal.track", code=label[0] if label else (typed or "-").replace("/", "-")), 303)


@portal.get("/T/<code>")
@portal.get("/t/<code>")
@public
def track(code: str) -> ResponseReturnValue:
    label = parse_label(half_width(code))
    with within(_scope_of(label[0]) if label else LIVE):
        box = reading().package(label[0]) if label else None
        page, _ = show("track.html", box=box, typed=code, serial=label[1] if label else None, as_of=as_of(),
                       receive_code=label_code(*label) if label and label[1] else label[0] if label else "",
                       receiver=_may_receive(box))
    return page, 200 if box else 404


def _scope_of(package_id: str) -> str:
    """The drill that a box belongs to: whoever follows its code need not know that there is one."""
    for drill in open_drills() if package_id.startswith("T") else ():
        with within(drill.scope):
            if reading().package(package_id) is not None:
                return drill.scope
    return LIVE


def _may_receive(box: Package | None) -> bool:
    """Whether the person who scanned the code is the one who receives it."""
    if box is None or not current_user.is_authenticated or not {"A", "C", "S"} & set(current_user.roles):
        return False
    return box.place.code == settings().municipality and current_user.site_id in ("", box.place.site_id)
