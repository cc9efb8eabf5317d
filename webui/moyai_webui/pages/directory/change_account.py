"""S11: an account gets another role or office; name, address and time are the home database's own."""
from __future__ import annotations

import dataclasses

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from moyai_contracts.api.directory import ChangeAccount
from moyai_webui.access import ADMINISTRATORS, roles
from moyai_webui.account_rows import Account
from moyai_webui.forms.fields import Choice, Code, Day, Line, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.mail.post_office import is_address
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.directory.accounts import asked_for, why_not
from moyai_webui.pages.directory.open_account import (
    EXPLAINED, MAIL_WORDS, complain_of_day, end_of_day, office_of, site_choices)
from moyai_webui.pages.serving import home, opened, send, show

CHANGEABLE = [("A", "管理者"), ("C", "担当者"), ("S", "避難所担当")]


class ChangeAccountForm(PageForm):
    role = Choice("役割", choices=CHANGEABLE)
    site = Select("避難所など")
    name = Line("名前")
    mail = Code("メールアドレス")
    until = Day("有効期限")


@directory.route("/change_account", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def change_account() -> ResponseReturnValue:
    account = asked_for()
    site_id = account.place.site_id if account.place else ""
    form = opened(ChangeAccountForm, role=account.roles[0], site=site_id, name=account.name, mail=account.mail,
                  until=account.last_day)
    form.site.choices = site_choices()
    if not account.official:
        form.role.choices = [(account.roles[0], "そのまま")]
    if form.validate_on_submit():
        _complain(form, account)
        if not form.problems:
            _keep_person(form, account)
            if (command := _command(form, account)) is None:
                return redirect(url_for("directory.accounts", q=account.login or account.account_id), 303)
            if form.fits(command):
                return send(form, command, *ADMINISTRATORS, signed=True)
    return show("change_account.html", form, account=account, explained=EXPLAINED, why_not=why_not(account))


def _complain(form: ChangeAccountForm, account: Account) -> None:
    if account.user_id and not form.name.data:
        form.complain("name", "名前を入れてください")
    if form.mail.data and not is_address(form.mail.data):
        form.complain("mail", MAIL_WORDS)
    if form.role.data == "S" and not form.site.data:
        form.complain("site", "避難所担当の避難所を選んでください")
    complain_of_day(form.until, form)
    if _command(form, account) is not None and (words := why_not(account)):
        form.complain("role", words)


def _command(form: ChangeAccountForm, account: Account) -> ChangeAccount | None:
    """What changes on the ledger; None where nothing does."""
    if not account.official:
        return None
    role = form.role.data or ""
    office = office_of(role, form.site.data or "")
    if ((role,), office) == (account.roles, account.office):
        return None
    return ChangeAccount(account.account_id, account.rev, roles=(role,), office=office)


def _keep_person(form: ChangeAccountForm, account: Account) -> None:
    user = home().user(account.user_id) if account.user_id else None
    if user is not None:
        home().save_user(dataclasses.replace(user, name=form.name.data or "", mail=form.mail.data or "",
                                             valid_until=end_of_day(form.until)))
