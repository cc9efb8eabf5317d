"""What a form asks of somebody who is not signed in: with the first offer comes the account."""
from __future__ import annotations

from wtforms import PasswordField

from moyai_webui.forms.fields import Code, Line


class NewcomerFields:
    """Mixed into a form that visitors may send; empty for everybody who is signed in."""

    person = Line("お名前（団体名）")
    mail = Code("メールアドレス")
    password = PasswordField("パスワード")
