"""Acts of weight: the command waits here until the actor's own key has signed it."""
from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from moyai_contracts.api import Refusal
from moyai_webui.access import SIGNED_IN, roles
from moyai_webui.accounts import person
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import found, not_found, reading, settings, show, submissions
from moyai_webui.presentation.formats import now
from moyai_webui.presentation.qr import qr
from moyai_webui.presentation.receipts import receipt
from moyai_webui.presentation.timeline import TRANSACTION_NAMES
from moyai_webui.scope import within
from moyai_webui.signing import proof_in, text_to_sign

UNREADABLE = "署名を読み取れませんでした。もう一度押してください"


class SignForm(PageForm):
    proof = HiddenField()


@portal.route("/sign/<op>", methods=["GET", "POST"])
@roles(*SIGNED_IN)
def sign(op: str) -> ResponseReturnValue:
    held = found(submissions().submission(op))
    if held.user_id != person().user.user_id:
        not_found()
    if held.state != "unsigned":
        return redirect(url_for("portal.recorded", op=op), 303)
    form = SignForm()
    if form.validate_on_submit():
        try:
            submissions().release(op, proof_in(form.proof.data or ""))
            return redirect(url_for("portal.recorded", op=op), 303)
        except Refusal:
            form.complain("op", UNREADABLE)
    here = f"{settings().public_url.rstrip('/')}{url_for('portal.sign', op=op)}"
    with within(held.scope):
        return show("sign.html", form, held=held, command=text_to_sign(held), code=qr(here, "この画面のアドレス"),
                    title=TRANSACTION_NAMES.get(held.transaction, "内容"), facts=receipt(held, [held], reading()).facts,
                    made_at=int(now().timestamp()))
