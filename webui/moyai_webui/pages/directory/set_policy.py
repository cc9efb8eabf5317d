"""Whether a shelter asks for dispatch by itself or its office decides."""
from __future__ import annotations

from flask.typing import ResponseReturnValue

from moyai_contracts.api.directory import SetPolicy
from moyai_webui.access import ADMINISTRATORS, roles
from moyai_webui.forms.fields import Choice
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.serving import found, opened, reading, send, settings, show

CHOICES = [("none", "避難所が自分で依頼する"), ("office", "本部が確かめてから依頼する")]


class SetPolicyForm(PageForm):
    dispatch_approval = Choice("送付依頼の決め方", choices=CHOICES)


@directory.route("/set_policy", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def set_policy() -> ResponseReturnValue:
    """The ledger asks for the administrator's confirmed key."""
    own = found(reading().municipality(settings().municipality))
    form = opened(SetPolicyForm, dispatch_approval=own.dispatch_approval)
    if form.validate_on_submit():
        if form.dispatch_approval.data == own.dispatch_approval:
            form.complain("dispatch_approval", "変わったところがありません")
        else:
            return send(form, SetPolicy(dispatch_approval=form.dispatch_approval.data, rev=own.rev), *ADMINISTRATORS,
                        signed=True)
    return show("set_policy.html", form)
