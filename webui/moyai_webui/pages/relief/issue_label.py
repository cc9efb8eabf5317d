"""S9: the label of a box: its first print is a plain download, printing anew is a transaction."""
from __future__ import annotations

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.relief import MAX_LABEL_SERIAL, IssueLabel
from moyai_webui.access import EVERYBODY, roles
from moyai_webui.accounts import person
from moyai_webui.forms.form import PageForm
from moyai_webui.labels.label import label_pdf
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver, is_sender
from moyai_webui.pages.serving import found, not_found, opened, reading, send, settings, show
from moyai_webui.rows import Package

PRINTERS = ("A", "C", "P")
PRINTABLE = ("labelled", "shipped", "handed_over")


class IssueLabelForm(PageForm):
    """Nothing to fill in: the page itself is the question."""


@relief.route("/issue_label", methods=["GET", "POST"])
@roles(*PRINTERS)
def issue_label() -> ResponseReturnValue:
    package = _package(request.args.get("package", ""))
    form = opened(IssueLabelForm)
    if form.validate_on_submit():
        if package.state not in ("labelled", "shipped") or package.label_serial >= MAX_LABEL_SERIAL:
            abort(403)
        return send(form, IssueLabel(package_id=package.package_id), *PRINTERS)
    return show("issue_label.html", form, package=package, printable=package.state in PRINTABLE)


@relief.get("/packages/<package_id>/label.pdf")
@roles(*EVERYBODY)
def label(package_id: str) -> ResponseReturnValue:
    package = _package(package_id)
    if package.state not in PRINTABLE:
        not_found()
    pdf = label_pdf([package], settings().tracking_url(package.place.code), _office_name(package))
    name = f"label-{package.package_id}-{package.label_serial:02}.pdf"
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


def _package(package_id: str) -> Package:
    """A box of which the person is sender or receiver."""
    package = found(reading().package(package_id))
    if not (is_sender(person(), package.sender) or is_receiver(person(), package.place)):
        abort(403)
    return package


def _office_name(package: Package) -> str:
    """Who asked for the dispatch, in words."""
    _, _, site_id = package.requested_by.partition("/")
    site = reading().site(package.place.code, site_id) if site_id and not site_id.startswith("D-") else None
    return f"{package.place.municipality} {site.place.name}" if site else package.place.municipality
