"""`moyai directory …`: what a municipality's console does, signed by the keys that are kept there."""
from __future__ import annotations

from pathlib import Path

import click

from moyai_client.command_group import OneSentenceGroup
from moyai_client.directory import account_commands, key_commands, membership_commands, show_command
from moyai_client.directory.bootstrap import bootstrap
from moyai_client.directory.console import open_consoles
from moyai_client.directory.console_choice import ConsoleChoice
from moyai_client.errors import Refused


class LedgerGroup(OneSentenceGroup):
    """Says who refused."""

    def sentence(self, error: Exception) -> str | None:
        return f"the ledger refused this: {error}" if isinstance(error, Refused) else super().sentence(error)


@click.group(cls=LedgerGroup)
@click.option("--state", type=click.Path(path_type=Path), envvar="MOYAI_STATE", default="var", show_default=True,
              help="Folder that everything generated lies in.")
@click.option("--as", "code6", metavar="CODE6", help="Municipality whose console acts.")
@click.option("--profile", type=click.Path(path_type=Path), help="Profile of the console, instead of --state and --as.")
@click.pass_context
def directory(context: click.Context, state: Path, code6: str | None, profile: Path | None) -> None:
    """Municipalities, officials' accounts and keys, votes, catalogue: everything a console does."""
    context.obj = ConsoleChoice(state, code6, profile)


@directory.command("bootstrap")
@click.pass_obj
def bootstrap_command(choice: ConsoleChoice) -> None:
    """Bring all municipalities below the state folder into the consortium; harmless when repeated."""
    bootstrap(open_consoles(choice.state), click.echo)


for _command in (*membership_commands.COMMANDS, *account_commands.COMMANDS, *key_commands.COMMANDS, show_command.show):
    directory.add_command(_command)
