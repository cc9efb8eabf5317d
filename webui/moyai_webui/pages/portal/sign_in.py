"""S11: sign in and out."""
from __future__ import annotations

import re
from datetime import timedelta

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from wtforms import BooleanField, PasswordField

from moyai_webui import known_device, second_factor
from moyai_webui.access import SIGNED_IN, public, roles
from moyai_webui.accounts import SignedIn, begin_session, check_password, end_session, normal_login
from moyai_webui.forms.fields import Code
from moyai_webui.forms.form import PageForm
from moyai_webui.home import User
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import home, identity, show
from moyai_webui.presentation.formats import now
from moyai_webui.presentation.navigation import home_endpoint

WORDS = {
    "wrong": "メールアドレスかパスワードが違います",
    "locked": "5回続けて違いました。15分たってから試してください",
    "unconfirmed": "メールの確認待ちです。届いたメールのリンクを開くと、サインインできます",
    "expired": "このアカウントの期限が切れています。自治体の管理者に頼んでください",
}
WRONG_CODE = "確認コードが違います。アプリに出ている新しい6桁を入れてください"
HALF_WAY = "half_way"
"""Under this name the cookie holds who gave the right password and still owes the six digits."""
HALF_WAY_FOR = timedelta(minutes=5)

# Each worker counts for itself; the pause after five wrong passwords is kept in the database for all of them.
limiter = Limiter(get_remote_address, storage_uri="memory://")


class SignInForm(PageForm):
    login = Code("メールアドレスまたは職員番号")
    password = PasswordField("パスワード")
    keep = BooleanField("この端末でサインインを続ける")


class CodeForm(PageForm):
    code = Code("6桁の確認コード")


def _counted_as() -> str:
    login = normal_login(request.form.get("login", ""))
    return known_device.this_device().counted_as(login) if login else get_remote_address()


@portal.route("/sign_in", methods=["GET", "POST"])
@public
@limiter.limit("20 per 15 minutes", key_func=_counted_as, methods=["POST"])
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if request.method == "POST":
        answer = check_password(home(), form.login.data or "", form.password.data or "", now(), _counted_as())
        if answer.user is not None:
            return _password_was_right(answer.user, keep=bool(form.keep.data))
        form.complain("password" if answer.reason == "wrong" else "login", WORDS[answer.reason])
    elif current_user.is_authenticated:
        return redirect(url_for(home_endpoint(current_user)), 303)
    return show("sign_in.html", form)


@portal.route("/sign_in/code", methods=["GET", "POST"])
@public
def sign_in_code() -> ResponseReturnValue:
    """The six digits of whoever has an authenticator."""
    user_id, until, keep = session.get(HALF_WAY, ("", 0, False))
    user = home().user(user_id) if until > now().timestamp() else None
    factor = identity().factors.factor(user_id)
    if user is None or factor is None or not user.active:
        return redirect(url_for("portal.sign_in", next=request.args.get("next")), 303)
    form = CodeForm()
    if request.method == "POST":
        counted_as = f"code {user.login}"
        if home().locked_until(counted_as, now()) is not None:
            form.complain("code", WORDS["locked"])
        elif second_factor.accepts(identity().factors, factor, form.code.data or "", now()):
            home().clear_wrong_passwords(counted_as)
            return _let_in(user, keep=keep)
        else:
            home().count_wrong_password(counted_as, now())
            form.complain("code", WRONG_CODE)
    return show("sign_in_code.html", form)


@portal.route("/sign_out", methods=["POST"])
@roles(*SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    end_session(identity(), now())
    return redirect(url_for("portal.start"), 303)


def _password_was_right(user: User, *, keep: bool) -> ResponseReturnValue:
    factor = identity().factors.factor(user.user_id)
    if factor is None or not factor.confirmed:
        return _let_in(user, keep=keep)
    session.clear()
    session[HALF_WAY] = (user.user_id, int((now() + HALF_WAY_FOR).timestamp()), keep)
    return redirect(url_for("portal.sign_in_code", next=request.args.get("next")), 303)


def _let_in(user: User, *, keep: bool) -> ResponseReturnValue:
    begin_session(user, identity(), keep=keep, now=now())
    known_device.remember(known_device.this_device(), user.login)
    return redirect(_way_on(user), 303)


def _way_on(user: User) -> str:
    """The page the person wanted, if it is one of ours; else the first page of the role."""
    wanted = request.args.get("next", "")
    if re.fullmatch(r"/(?![/\\])[^\x00-\x20\x7f]*", wanted):  # browsers drop tabs and line ends before they read "//"
        return wanted
    return url_for(home_endpoint(SignedIn(user)))
