"""S11: who may do what in this municipality."""
from __future__ import annotations

import re

from flask import request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from moyai_webui.access import OFFICE, roles
from moyai_webui.account_rows import Account, AccountFilter
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.serving import PAGE_SIZE, found, not_found, page_number, reading, settings, show
from moyai_webui.presentation.template_context import as_of

STATUSES = ("active", "suspended", "closed")
LAST_ADMINISTRATOR = "最後の管理者は外せません。先に、ほかの管理者を登録してください"
ONESELF = "自分のアカウントは、ほかの管理者に変えてもらってください"


@directory.get("/accounts")
@roles(*OFFICE)
def accounts() -> ResponseReturnValue:
    text, role, status = (request.args.get(name, "").strip()[:60] for name in ("q", "role", "status"))
    page = reading().accounts(AccountFilter(
        settings().municipality, text, role if re.fullmatch("[A-Z]", role) else "",
        status if status in STATUSES else "", page_number(), PAGE_SIZE))
    return show("accounts.html", page=page, text=text, as_of=as_of())


def asked_for() -> Account:
    """The own municipality's account that `?account=` names, or the page that says there is none."""
    account = found(reading().account(request.args.get("account", "")))
    if account.office[:6] != settings().municipality:
        not_found()
    return account


def why_not(account: Account) -> str:
    """Why this person may not take the account's authority away; empty where it is possible."""
    if account.account_id != current_user.account:
        return ""
    administrators = reading().accounts(AccountFilter(settings().municipality, role="A", status="active", size=2))
    return LAST_ADMINISTRATOR if administrators.total < 2 else ONESELF
