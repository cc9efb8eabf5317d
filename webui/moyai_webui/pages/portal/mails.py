"""S8: the mails this municipality sent, and what became of them."""
from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from moyai_webui.access import OFFICE, roles
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import PAGE_SIZE, home, page_number, reading, settings, show
from moyai_webui.presentation.formats import now
from moyai_webui.presentation.template_context import as_of

OUTCOMES = ("waiting", "accepted", "deferred", "bounced", "unknown")
MOST_SITES = 10_000


class SendMailAgainForm(PageForm):
    """Nothing to fill in: the button is the decision."""


@portal.get("/mails")
@roles(*OFFICE)
def mails() -> ResponseReturnValue:
    outcome = request.args.get("outcome", "")
    outcome = outcome if outcome in OUTCOMES else ""
    page = reading().mails(outcome=outcome, page=page_number(), size=PAGE_SIZE)
    return show("mails.html", page=page, outcomes=OUTCOMES, without=_without_address(), form=SendMailAgainForm(),
                again=request.args.get("again", ""), as_of=as_of())


@portal.post("/mails/<mail_id>/again")
@roles(*OFFICE)
def send_mail_again(mail_id: str) -> ResponseReturnValue:
    """A mail in doubt is not sent again by itself: a person looks, and presses."""
    form = SendMailAgainForm()
    sent = form.validate_on_submit() and home().send_mail_again(mail_id, now())
    return redirect(url_for("portal.mails", again="yes" if sent else "no"), 303)


def _without_address() -> int:
    """Open sites whose mails go to the office."""
    opened = reading().sites(settings().municipality, opened=True, size=MOST_SITES).rows
    return len({site.place.site_id for site in opened} - home().sites_with_mail())
