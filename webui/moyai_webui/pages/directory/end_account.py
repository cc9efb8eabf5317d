"""S11: an account is suspended, resumed, closed. A supporter can be blocked in the same way."""
from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue

from moyai_contracts.api.directory import CloseAccount, ResumeAccount, SuspendAccount
from moyai_webui.access import ADMINISTRATORS, roles
from moyai_webui.forms.fields import Choice, Line
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.directory.accounts import asked_for, why_not
from moyai_webui.pages.serving import opened, send, show

ENDING = ("異動・退職", "使わなくなった", "端末や番号を他人に知られた", "いたずらや迷惑な申し出")
RESUMING = ("停止の理由がなくなった", "間違えて停止した")


class ReasonForm(PageForm):
    reason = Choice("理由")
    other = Line("ほかの理由")


@directory.route("/suspend_account", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def suspend_account() -> ResponseReturnValue:
    return _step(SuspendAccount, ENDING, "suspend_account.html")


@directory.route("/resume_account", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def resume_account() -> ResponseReturnValue:
    return _step(ResumeAccount, RESUMING, "resume_account.html")


@directory.route("/close_account", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def close_account() -> ResponseReturnValue:
    return _step(CloseAccount, ENDING, "close_account.html")


def _step(command_class: type[Any], reasons: tuple[str, ...], template: str) -> ResponseReturnValue:
    account = asked_for()
    form = opened(ReasonForm)
    form.reason.choices = [*((words, words) for words in reasons), ("other", "ほかの理由")]
    if form.validate_on_submit():
        reason = form.other.data if form.reason.data == "other" else form.reason.data
        if not reason:
            form.complain("other", "理由を入れてください")
        if words := why_not(account):
            form.complain("op", words)
        command = command_class(account.account_id, reason or "")
        if not form.problems and form.fits(command):
            return send(form, command, *ADMINISTRATORS, signed=account.official)
    return show(template, form, account=account, why_not=why_not(account))
