"""P6: is this PDF, file or code true? For anyone, with nothing but the file and the municipalities' certificates."""
from __future__ import annotations

import io
import zipfile

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField

from moyai_contracts.api.identifiers import parse_label
from moyai_webui.access import public
from moyai_webui.forms.fields import half_width
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import as_file, proofs, reading, show
from moyai_webui.presentation.proven import told
from moyai_webui.proofs import CheckedFile, NotAProof, Unreachable, Wrong


class VerifyForm(PageForm):
    file = FileField("証明書（PDF）か検証用ファイル")


@portal.route("/verify", methods=["GET", "POST"])
@public
def verify() -> ResponseReturnValue:
    form = VerifyForm()
    form.file.flags.required = True
    if form.validate_on_submit():
        content = form.file.data.read() if form.file.data else b""
        if content:
            return _answer(form, content)
        form.complain("file", "ファイルを選んでください")
    if code := half_width(request.args.get("code", ""))[:80]:
        return _found_by_code(form, code)
    return show("verify.html", form, result="")


@portal.get("/VERIFY")
@public
def verify_from_paper() -> ResponseReturnValue:
    """A QR code stays small in capitals."""
    return redirect(url_for("portal.verify"), 303)


@portal.get("/verify/certificates.zip")
@public
def certificates() -> ResponseReturnValue:
    """The certificates that a proof is checked with offline, one file a municipality."""
    try:
        found = proofs().certificates()
    except Unreachable:
        abort(503)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for msp_id, pem in found.items():
            archive.writestr(f"certificates/{msp_id}.pem", pem)
    return as_file(packed.getvalue(), "application/zip", "moyai-certificates.zip")


def _answer(form: VerifyForm, content: bytes) -> ResponseReturnValue:
    try:
        checked = proofs().check(content)
    except NotAProof as error:
        form.complain("file", "このファイルには、もやいの証明がありません。証明書（PDF）か検証用ファイルを選んでください")
        return show("verify.html", form, result="", reason=str(error))
    except Wrong as error:
        return show("verify.html", form, result="wrong", reason=str(error))
    except Unreachable as error:
        return show("verify.html", form, result="unreachable", reason=str(error))
    towns = {town.msp_id: town.name for town in reading().municipalities()}
    return show("verify.html", form, result="right", proven=[_told(one, towns) for one in checked])


def _told(checked: CheckedFile, towns: dict[str, str]) -> object:
    return told(checked, reading().entries_of(checked.transaction.transaction_id), towns)


def _found_by_code(form: VerifyForm, code: str) -> ResponseReturnValue:
    """A box leads to where it is; the number of a record to what this municipality's copy says of it."""
    label = parse_label(code)
    if label and reading().package(label[0]):
        return redirect(url_for("portal.track", code=label[0]), 303)
    entries = reading().entries_of(code.lower())
    if not entries:
        return show("verify.html", form, result="unknown", code=code)
    try:
        checked = proofs().prove(entries[0].tx_id)
    except Unreachable as error:
        return show("verify.html", form, result="unreachable", reason=str(error))
    towns = {town.msp_id: town.name for town in reading().municipalities()}
    return show("verify.html", form, result="right", proven=[_told(checked, towns)])
