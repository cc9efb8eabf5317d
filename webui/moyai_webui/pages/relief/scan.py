"""S9: the code of a box, typed; leads to its receipt."""
from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from moyai_contracts.api.identifiers import label_code, parse_label
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import half_width
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.serving import reading, settings, show
from moyai_webui.presentation.formats import moment
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import PackageFilter
from moyai_webui.rows import Package

MISREAD = "コードを読み取れません。ラベルの12文字をもう一度確かめてください"


@relief.get("/scan")
@roles(*RECEIVERS)
def scan() -> ResponseReturnValue:
    typed = request.args.get("code", "")
    problem, box = "", None
    if typed:
        label = parse_label(half_width(typed))
        box = reading().package(label[0]) if label else None
        problem = obstacle(box) if label else MISREAD
        if label and not problem:
            code = label_code(label[0], label[1]) if label[1] else label[0]
            return redirect(url_for("relief.receive_package", code=code), 303)
    me = person()
    coming = reading().packages(PackageFilter(municipality=settings().municipality, site_id=me.site_id, stage="coming",
                                              size=20))
    page, status = show("scan.html", typed=typed, problem=problem, box=box, coming=coming, as_of=as_of())
    return page, 422 if problem else status


def obstacle(box: Package | None) -> str:
    """Why this person cannot receive this box now, or empty."""
    if box is None:
        return "このコードの荷物はありません。読み取り直してください"
    if box.place.code != settings().municipality:
        return f"この箱は{box.place.municipality}あてです"
    if person().site_id not in ("", box.place.site_id):
        return f"この箱は{box.place.name}あてです"
    if box.state in ("voided", "recalled"):
        return "取り消された箱です。本部に知らせてください"
    if box.state == "lost":
        return "届かなかったと記録された箱です。本部に知らせてください"
    if box.state == "received" and box.received_at is not None:
        return f"{moment(box.received_at)}に受取済みです"
    return ""
