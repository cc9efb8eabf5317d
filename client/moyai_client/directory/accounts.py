"""Opening accounts of officials."""
from __future__ import annotations

import secrets

from moyai_contracts.api.directory import AccountLine, OpenAccount
from moyai_contracts.api.identifiers import CROCKFORD

from moyai_client.directory.console import Console


def new_account_id() -> str:
    """26 random Crockford characters; unlike a ULID they do not tell when somebody registered."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(26))


def open_official(console: Console, role: str, office: str, *, account_id: str | None = None,
                  display_name: str | None = None) -> str:
    """Opens an official's account, signed by the console's administrator, and returns its id.

    `role` is A, C, S or X; `office` such as `172022` or `172022/CC0000000504`. A caller that chose and stored
    `account_id` may repeat the call: an account that is open already with this content stays as it is. Raises Refused.
    """
    account = account_id or new_account_id()
    console.act(OpenAccount((AccountLine(account, (role,), office, "institution", display_name),)))
    return account
