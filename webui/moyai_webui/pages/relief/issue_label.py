"""S9: the labels of boxes: the first print is a plain download, printing anew is a transaction."""
from __future__ import annotations

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.relief import MAX_LABEL_SERIAL, IssueLabel
from moyai_webui.access import EVERYBODY, roles
from moyai_webui.accounts import person
from moyai_webui.forms.form import PageForm
from moyai_webui.labels.label import PAPERS, label_pdf
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver, is_sender
from moyai_webui.pages.serving import found, not_found, opened, reading, send, settings, show
from moyai_webui.rows import Package

PRINTERS = ("A", "C", "P")
MOST_BOXES = 50
PRINTABLE = ("labelled", "shipped", "handed_over")


class IssueLabelForm(PageForm):
    """Nothing to fill in: the page itself is the question."""


@relief.route("/issue_label", methods=["GET", "POST"])
@roles(*PRINTERS)
def issue_label() -> ResponseReturnValue:
    package = _package(request.args.get("package", ""))
    form = opened(IssueLabelForm)
    if form.validate_on_submit():
        if package.state not in ("labelled", "shipped", "handed_over") or package.label_serial >= MAX_LABEL_SERIAL:
            abort(403)
        return send(form, IssueLabel(package_id=package.package_id), *PRINTERS)
    return show("issue_label.html", form, package=package, printable=package.state in PRINTABLE)


@relief.get("/packages/<package_id>/label.pdf")
@roles(*EVERYBODY)
def label(package_id: str) -> ResponseReturnValue:
    package = _package(package_id)
    return _pdf([package], f"label-{package.package_id}-{package.label_serial:02}.pdf")


@relief.get("/dispatches/<need_id>/<dispatch_id>/labels")
@roles(*EVERYBODY)
def choose_paper(need_id: str, dispatch_id: str) -> ResponseReturnValue:
    """Which paper the labels of a request go on."""
    dispatch = found(reading().dispatch(need_id, dispatch_id))
    boxes = _printable(dispatch.packages)
    return show("choose_paper.html", dispatch=dispatch, boxes=boxes, papers=PAPERS.values())


@relief.get("/dispatches/<need_id>/<dispatch_id>/labels.pdf")
@roles(*EVERYBODY)
def labels(need_id: str, dispatch_id: str) -> ResponseReturnValue:
    """The labels of all boxes of a request."""
    dispatch = found(reading().dispatch(need_id, dispatch_id))
    return _pdf(_printable(dispatch.packages), f"labels-{dispatch_id}.pdf")


@relief.get("/labels.pdf")
@roles(*EVERYBODY)
def labels_of() -> ResponseReturnValue:
    """The labels of the boxes named."""
    wanted = request.args.getlist("package")[:MOST_BOXES]
    return _pdf([_package(package_id) for package_id in dict.fromkeys(wanted)], "labels.pdf")


def _pdf(boxes: list[Package], name: str) -> Response:
    boxes = [box for box in boxes if box.state in PRINTABLE]
    paper = request.args.get("paper", "a4")
    if not boxes or paper not in PAPERS:
        not_found()
    pdf = label_pdf(boxes, settings().tracking_url(boxes[0].place.code), _office_name(boxes[0]), paper=paper,
                    first=request.args.get("first", 1, type=int), drill=boxes[0].package_id.startswith("T"))
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


def _printable(boxes: tuple[Package, ...]) -> list[Package]:
    """The boxes whose labels are still of use; the person must be their sender or receiver."""
    return [_own(box) for box in boxes if box.state in PRINTABLE]


def _package(package_id: str) -> Package:
    return _own(found(reading().package(package_id)))


def _own(package: Package) -> Package:
    """A box of which the person is sender or receiver."""
    if not (is_sender(person(), package.sender) or is_receiver(person(), package.place)):
        abort(403)
    return package


def _office_name(package: Package) -> str:
    """Who asked for the dispatch, in words."""
    _, _, site_id = package.requested_by.partition("/")
    site = reading().site(package.place.code, site_id) if site_id and not site_id.startswith("D-") else None
    return f"{package.place.municipality} {site.place.name}" if site else package.place.municipality
