"""S11: an authenticator app as the second thing an administrator signs in with."""
from __future__ import annotations

import dataclasses

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from moyai_webui import second_factor
from moyai_webui.access import SIGNED_IN, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Code
from moyai_webui.forms.form import PageForm
from moyai_webui.identity import SecondFactor
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import home, identity, settings, show
from moyai_webui.presentation.formats import now
from moyai_webui.presentation.qr import qr

WRONG_CODE = "確認コードが違います。アプリに出ている新しい6桁を入れてください"
PAUSED = "5回続けて違いました。15分たってから試してください"


class AuthenticatorForm(PageForm):
    code = Code("6桁の確認コード")


@portal.route("/me/authenticator", methods=["GET", "POST"])
@roles(*SIGNED_IN)
def authenticator() -> ResponseReturnValue:
    """Enrols an app; its secret counts once a code from it was right. Recovery codes are shown once."""
    user, factors = person().user, identity().factors
    factor = factors.factor(user.user_id)
    if factor is None:
        factor = SecondFactor(user.user_id, second_factor.new_secret())
        factors.save(factor)
    form = AuthenticatorForm()
    if not factor.confirmed and form.validate_on_submit():
        if _is_right(factor, form):
            codes = second_factor.new_recovery_codes()
            left = tuple(second_factor.recovery_digest(code) for code in codes)
            confirmed = factors.factor(user.user_id) or factor
            factors.save(dataclasses.replace(confirmed, confirmed=True, recovery=left))
            return show("recovery_codes.html", codes=codes)
    issuer = f"{settings().municipality_name} もやい"
    address = second_factor.address(factor.secret, user.login, issuer)
    return show("authenticator.html", form, factor=factor, code=qr(address, "確認コードのアプリで読み取るコード"))


@portal.route("/me/remove_authenticator", methods=["GET", "POST"])
@roles(*SIGNED_IN)
def remove_authenticator() -> ResponseReturnValue:
    """By a code of the app, or by a recovery code where the app is lost."""
    factors = identity().factors
    factor = factors.factor(person().user.user_id)
    if factor is None or not factor.confirmed:
        return redirect(url_for("portal.authenticator"), 303)
    form = AuthenticatorForm()
    if form.validate_on_submit() and _is_right(factor, form):
        factors.remove(factor.user_id)
        return redirect(url_for("portal.me", saved=1), 303)
    return show("remove_authenticator.html", form)


def _is_right(factor: SecondFactor, form: AuthenticatorForm) -> bool:
    counted_as = f"code {person().user.login}"
    if home().locked_until(counted_as, now()) is not None:
        form.complain("code", PAUSED)
        return False
    if second_factor.accepts(identity().factors, factor, form.code.data or "", now()):
        return True
    home().count_wrong_password(counted_as, now())
    form.complain("code", WRONG_CODE)
    return False
