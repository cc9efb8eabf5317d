"""S11: a supporter registers with the first offer, which waits here until the mail address is confirmed."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_login import current_user

from moyai_client.directory import new_account_id
from moyai_webui import accounts, invitations
from moyai_webui.access import SENDERS, public
from moyai_webui.accounts import normal_login
from moyai_webui.first_offer import SUPPORTER, actor_of
from moyai_webui.forms.form import typed_values
from moyai_webui.home import User
from moyai_webui.mail.post_office import is_address
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.portal.passwords import why_weak
from moyai_webui.pages.portal.sign_in import limiter
from moyai_webui.pages.serving import address, home, identity, send, settings, show, submissions
from moyai_webui.presentation.formats import now

KNOWN = "このメールアドレスは登録済みです。サインインしてください"
TOO_MANY = "このメールアドレスには、今日はもう送れません。あした試すか、電話で知らせてください"
FLOOD = "60 per hour"
"""New people from one network address; a shelter's worth of helpers at once is no flood."""
WRITTEN_TO = "written_to"


def send_offer(form: Any, command: Any) -> ResponseReturnValue | None:
    """Hands the offer to the ledger, or keeps a newcomer's until the address is confirmed; None with the reasons in
    the form."""
    if current_user.is_authenticated:
        return send(form, command, *SENDERS)
    with limiter.limit(FLOOD, key_func=get_remote_address):
        return _keep(form, command)


@relief.get("/offer_waiting")
@public
def offer_waiting() -> ResponseReturnValue:
    """メールの確認待ち"""
    return show("offer_waiting.html", mail=session.get(WRITTEN_TO, ""))


def _keep(form: Any, command: Any) -> ResponseReturnValue | None:
    user = _newcomer(form)
    if form.problems:
        return None
    home().save_user(user)
    if not invitations.write_to(user, invitations.CONFIRMATION, identity(), now()):
        form.complain("mail", TOO_MANY)
        return None
    submissions().hold(command, actor_of(user), until="unconfirmed", user_id=user.user_id, op=str(form.op.data),
                       page=address(), form=typed_values())
    session[WRITTEN_TO] = user.mail
    return redirect(url_for("relief.offer_waiting"), 303)


def _newcomer(form: Any) -> User:
    """The supporter to be, with the complaints in the form. Somebody who did not confirm yet begins anew."""
    mail, password = form.mail.data or "", form.password.data or ""
    login = normal_login(mail)
    known = home().user_by_login(login)
    user = User(user_id=known.user_id if known else form.new_id("supporter"), login=login, password_hash="",
                name=form.person.data or "", account=known.account if known else new_account_id(),
                roles=(SUPPORTER,), office=settings().municipality, mail=mail, mail_confirmed=False,
                registered_at=now())
    if not user.name:
        form.complain("person", "お名前か団体名を入れてください")
    if not is_address(mail):
        form.complain("mail", "メールアドレスを、name@example.jpのような形で入れてください")
    elif known is not None and known.mail_confirmed:
        form.complain("mail", KNOWN)
    if words := why_weak(password, user):
        form.complain("password", words)
    return user if form.problems else replace(user, password_hash=accounts.hasher.hash(password))
