"""S11: sign in and out."""
from __future__ import annotations

import re

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from wtforms import BooleanField, PasswordField

from moyai_webui.access import SIGNED_IN, public, roles
from moyai_webui.accounts import SignedIn, begin_session, check_password, end_session, normal_login
from moyai_webui.forms.fields import Code
from moyai_webui.forms.form import PageForm
from moyai_webui.home import User
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import home, show
from moyai_webui.presentation.formats import now
from moyai_webui.presentation.navigation import home_endpoint

WORDS = {
    "wrong": "メールアドレスかパスワードが違います",
    "locked": "5回続けて違いました。15分たってから試してください",
}

# Each worker counts for itself; the pause after five wrong passwords is kept in the database for all of them.
limiter = Limiter(get_remote_address, storage_uri="memory://")


class SignInForm(PageForm):
    login = Code("メールアドレスまたは職員番号")
    password = PasswordField("パスワード")
    keep = BooleanField("この端末でサインインを続ける")


def _typed_login() -> str:
    return normal_login(request.form.get("login", "")) or get_remote_address()


@portal.route("/sign_in", methods=["GET", "POST"])
@public
@limiter.limit("20 per 15 minutes", key_func=_typed_login, methods=["POST"])
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if request.method == "POST":
        answer = check_password(home(), form.login.data or "", form.password.data or "", now())
        if answer.user is not None:
            begin_session(answer.user, keep=bool(form.keep.data), now=now())
            return redirect(_way_on(answer.user), 303)
        form.complain("password" if answer.reason == "wrong" else "login", WORDS[answer.reason])
    elif current_user.is_authenticated:
        return redirect(url_for(home_endpoint(current_user)), 303)
    return show("sign_in.html", form)


@portal.route("/sign_out", methods=["POST"])
@roles(*SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    end_session()
    return redirect(url_for("portal.start"), 303)


def _way_on(user: User) -> str:
    """The page the person wanted, if it is one of ours; else the first page of the role."""
    wanted = request.args.get("next", "")
    if re.fullmatch(r"/(?![/\\])[^\x00-\x20\x7f]*", wanted):  # browsers drop tabs and line ends before they read "//"
        return wanted
    return url_for(home_endpoint(SignedIn(user)))
