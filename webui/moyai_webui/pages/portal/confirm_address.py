"""S11: the mail address of a new supporter is confirmed, and the first offer leaves."""
from __future__ import annotations

import dataclasses

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from moyai_webui import invitations
from moyai_webui.access import public
from moyai_webui.first_offer import open_for
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import home, identity, show, submissions
from moyai_webui.presentation.formats import now


class ConfirmAddressForm(PageForm):
    pass


@portal.route("/confirm_address", methods=["GET", "POST"])
@public
def confirm_address() -> ResponseReturnValue:
    """Looking at the page confirms nothing: mail programs look too."""
    secret, form = request.args.get("ticket", ""), ConfirmAddressForm()
    ticket = identity().tickets.look(invitations.CONFIRMATION, secret, now())
    user = home().user(ticket.user_id) if ticket else None
    if user is None:
        return render_template("confirm_address.html", user=None), 410
    if form.validate_on_submit() and identity().tickets.take(invitations.CONFIRMATION, secret, now()) is not None:
        confirmed = dataclasses.replace(user, mail_confirmed=True)
        home().save_user(confirmed)
        open_for(confirmed, submissions())  # the worker lets the offer go once the account stands on the ledger
        return redirect(url_for("portal.address_confirmed"), 303)
    return show("confirm_address.html", form, user=user)


@portal.get("/confirm_address/done")
@public
def address_confirmed() -> ResponseReturnValue:
    return show("address_confirmed.html")
