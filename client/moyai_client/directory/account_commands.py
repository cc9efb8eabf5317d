"""`moyai directory`: officials' accounts."""
from __future__ import annotations

import click
from moyai_contracts.api import Command
from moyai_contracts.api.directory import (
    PARTIES, AccountLine, CloseAccount, OpenAccount, ResumeAccount, SuspendAccount)

from moyai_client.directory.accounts import new_account_id
from moyai_client.directory.console import Console
from moyai_client.directory.console_choice import tell, with_console
from moyai_client.ledger import Receipt

as_console = click.option("--without-account", is_flag=True,
                          help="The console acts by itself instead of as its administrator.")
reason_option = click.option("--reason", required=True, help="Public reason, at most 200 characters.")


def send(console: Console, command: Command, without_account: bool) -> Receipt:
    """Submits as the administrator, or as the console itself."""
    return console.stand(command) if without_account else console.act(command)


@click.command("open-account")
@click.option("--role", "roles", type=click.Choice(list("ACSX")), multiple=True, required=True)
@click.option("--office", required=True, help="172022, 172022/D-… or 172022/SITE.")
@click.option("--party", type=click.Choice(PARTIES), default="institution", show_default=True)
@click.option("--display-name", help="Name of an institution; never of a person.")
@click.option("--account-id", help="26 random Crockford characters chosen before; new ones are drawn without it.")
@as_console
@with_console
def open_account(console: Console, roles: tuple[str, ...], office: str, party: str, display_name: str | None,
                 account_id: str | None, without_account: bool) -> None:
    """Open an official's account and print its id."""
    account = account_id or new_account_id()
    line = AccountLine(account, roles, office, party, display_name)
    tell(send(console, OpenAccount((line,)), without_account), f"account {account} opened")


@click.command("suspend-account")
@click.argument("account_id")
@reason_option
@as_console
@with_console
def suspend_account(console: Console, account_id: str, reason: str, without_account: bool) -> None:
    """Stop an account until it is resumed."""
    tell(send(console, SuspendAccount(account_id, reason), without_account), f"account {account_id} suspended")


@click.command("resume-account")
@click.argument("account_id")
@reason_option
@as_console
@with_console
def resume_account(console: Console, account_id: str, reason: str, without_account: bool) -> None:
    """Lift a suspension."""
    tell(send(console, ResumeAccount(account_id, reason), without_account), f"account {account_id} resumed")


@click.command("close-account")
@click.argument("account_id")
@reason_option
@as_console
@with_console
def close_account(console: Console, account_id: str, reason: str, without_account: bool) -> None:
    """End an account for ever."""
    tell(send(console, CloseAccount(account_id, reason), without_account), f"account {account_id} closed")


COMMANDS = (open_account, suspend_account, resume_account, close_account)
