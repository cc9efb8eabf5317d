"""S11: a link by mail that sets the password: for those who were invited, and for those who forgot it."""
from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField

from moyai_webui import accounts, invitations
from moyai_webui.access import public
from moyai_webui.accounts import normal_login
from moyai_webui.forms.fields import Code
from moyai_webui.forms.form import PageForm
from moyai_webui.home import User
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.portal.sign_in import limiter
from moyai_webui.pages.serving import home, identity, show
from moyai_webui.presentation.formats import now

SHORTEST, LONGEST = 10, 200


class ResetPasswordForm(PageForm):
    login = Code("メールアドレスまたは職員番号")


class SetPasswordForm(PageForm):
    password = PasswordField("新しいパスワード")


@portal.route("/reset_password", methods=["GET", "POST"])
@public
@limiter.limit("10 per 15 minutes", key_func=lambda: normal_login(request.form.get("login", "")), methods=["POST"])
def reset_password() -> ResponseReturnValue:
    """Whatever is typed, the answer is the same: nobody learns who has an account."""
    form = ResetPasswordForm()
    if form.validate_on_submit():
        login = normal_login(form.login.data or "")
        user = home().user_by_login(login) or next(iter(home().users_by_mail(login)), None)
        if user is not None and user.active and user.mail and user.mail_confirmed:
            kind = invitations.RESET if user.password_hash else invitations.INVITATION
            invitations.write_to(user, kind, identity(), now())
        return redirect(url_for("portal.reset_password", sent=1), 303)
    return show("reset_password.html", form, sent="sent" in request.args)


@portal.route("/set_password", methods=["GET", "POST"])
@public
def set_password() -> ResponseReturnValue:
    """Looking at the page uses the link up for nobody: mail programs look too."""
    secret, form = request.args.get("ticket", ""), SetPasswordForm()
    ticket = identity().tickets.look(invitations.PASSWORD, secret, now())
    user = home().user(ticket.user_id) if ticket else None
    if user is None or not user.active:
        return render_template("set_password.html", user=None), 410
    if form.validate_on_submit():
        password = form.password.data or ""
        if words := why_weak(password, user):
            form.complain("password", words)
        elif identity().tickets.take(invitations.PASSWORD, secret, now()) is not None:
            home().save_password_hash(user.user_id, accounts.hasher.hash(password))
            home().clear_wrong_passwords(user.login)
            identity().sessions.end_all(user.user_id)
            return redirect(url_for("portal.set_password_done"), 303)
    return show("set_password.html", form, user=user)


@portal.get("/set_password/done")
@public
def set_password_done() -> ResponseReturnValue:
    return show("set_password_done.html")


def why_weak(password: str, user: User) -> str:
    """What is wrong with a new password; empty where nothing is."""
    if len(password) < SHORTEST:
        return f"パスワードを{SHORTEST}文字以上にしてください"
    if len(password) > LONGEST:
        return f"パスワードを{LONGEST}文字以下にしてください"
    if len(set(password)) < 4 or user.login.partition("@")[0] in password.casefold():
        return "ほかの人が思いつきにくい言葉にしてください。短い文がおすすめです"
    return ""
