"""S9: boxes are read by camera or typed code; one leads to its receipt, many are received with one confirmation."""
from __future__ import annotations

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from moyai_contracts.api.relief import ReceivedLine, ReceivePackage
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.form import PageForm
from moyai_webui.forms.identifiers import derived_ulid
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.scanned_box import Scanned, look_up
from moyai_webui.pages.serving import opened, reading, settings, show, submissions, submit
from moyai_webui.presentation.formats import now
from moyai_webui.presentation.template_context import as_of
from moyai_webui.reading import PackageFilter

MOST_BOXES = 50


class ScanForm(PageForm):
    """The codes of the boxes come as one hidden field each, in the order they were read."""


@relief.route("/scan", methods=["GET", "POST"])
@roles(*RECEIVERS)
def scan() -> ResponseReturnValue:
    form = opened(ScanForm)
    obstacles: tuple[Scanned, ...] = ()
    if form.validate_on_submit():
        found = [look_up(code) for code in dict.fromkeys(request.form.getlist("box")[:MOST_BOXES])]
        obstacles = tuple(box for box in found if box.problem and not _sent(form, box))
        if found and not obstacles:
            return _receive(form, found)
    typed = request.args.get("code", "")
    one = look_up(typed) if typed else None
    if one and (not one.problem or one.superseded):
        return redirect(url_for("relief.receive_package", code=one.code), 303)
    me = person()
    coming = reading().packages(PackageFilter(municipality=settings().municipality, site_id=me.site_id, stage="coming",
                                              size=20))
    page, status = show("scan.html", form, typed=typed, one=one, obstacles=obstacles, coming=coming, as_of=as_of())
    return page, 422 if one or obstacles else status


@relief.get("/scan/<code>")
@roles(*RECEIVERS)
def scanned(code: str) -> ResponseReturnValue:
    """What the camera read, for the list on the page."""
    return jsonify(look_up(code).told())


def _op(form: PageForm, package_id: str) -> str:
    """One operation a box, the same however often the form is sent."""
    return derived_ulid(str(form.op.data), f"receive {package_id}")


def _sent(form: PageForm, scanned_box: Scanned) -> bool:
    """Whether this very form has received the box already: a second click is harmless."""
    box = scanned_box.box
    earlier = submissions().submission(_op(form, box.package_id)) if box else None
    return earlier is not None and earlier.user_id == person().user.user_id and earlier.state != "refused"


def _receive(form: PageForm, found: list[Scanned]) -> ResponseReturnValue:
    """Every box with the sender's own numbers, one command a box; leads to one receipt for all."""
    ops = []
    for scanned_box in found:
        box = scanned_box.box
        assert box is not None  # a code without a box is an obstacle
        op = _op(form, box.package_id)
        if not _sent(form, scanned_box):
            command = ReceivePackage(
                package_id=box.package_id, label_serial=scanned_box.serial, site=box.place.site_id,
                lines=tuple(ReceivedLine(line.dispatch_id, line.quantity) for line in box.lines),
                scanned_at=_scanned_at(box.package_id))
            op = submit(command, *RECEIVERS, op=op).op
        ops.append(op)
    return redirect(url_for("portal.recorded", op=ops[0], also=ops[1:]), 303)


def _scanned_at(package_id: str) -> int:
    """When the camera read the box, by the phone's clock; now where the page did not say."""
    at = request.form.get(f"at-{package_id}", type=int)
    return at if at and 0 < at <= int(now().timestamp()) else int(now().timestamp())
