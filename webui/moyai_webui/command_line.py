"""`moyai webui …`: the programs of a municipality's web UI, and what its administrator does to it."""
from __future__ import annotations

import json
import logging
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click
from moyai_client.command_group import OneSentenceGroup, variables

if TYPE_CHECKING:
    from moyai_webui.settings import Settings

# Each program imports what it runs on and nothing else: seven of them lie idle in the memory of a small machine.


class WebuiGroup(OneSentenceGroup):
    """Adds the errors of settings, preparation and projection."""

    def sentence(self, error: Exception) -> str | None:
        from pydantic import ValidationError

        from moyai_webui.not_ready import NotReady
        from moyai_webui.projection.documents import BrokenHandler
        if isinstance(error, ValidationError):
            return (f"Missing or wrong settings: {variables(error.errors())}. Name a municipality with --as, or set "
                    "them in the environment.")
        if isinstance(error, BrokenHandler):
            return f"The projection stopped at {error}"
        return str(error) if isinstance(error, NotReady) else super().sentence(error)


@click.group(cls=WebuiGroup)
@click.option("--state", type=click.Path(path_type=Path), envvar="MOYAI_STATE", default="var", show_default=True,
              help="Folder that everything generated lies in.")
@click.option("--as", "code6", metavar="CODE6", help="Municipality below the state folder, instead of the environment.")
@click.pass_context
def webui(context: click.Context, state: Path, code6: str | None) -> None:
    """The web UI of a municipality: projector, worker, mailbox, accounts."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    context.obj = Choice(state, code6)


class Choice:
    """Which municipality a command is about."""

    def __init__(self, state: Path, code6: str | None) -> None:
        self.state = state
        self._code6 = code6

    def settings(self) -> Settings:
        """The settings of the municipality named, else those of the environment."""
        from moyai_webui.rendered_settings import settings_of
        from moyai_webui.settings import Settings
        return Settings() if self._code6 is None else settings_of(self.state, self._code6)  # type: ignore[call-arg]


@webui.command()
@click.pass_obj
def project(choice: Choice) -> None:
    """Follow the chain and keep the read model at its head. Stops at what it does not understand."""
    from moyai_webui.programs import project as run
    run(choice.settings(), _until_told())


@webui.command()
@click.pass_obj
def work(choice: Choice) -> None:
    """Send mails, record them on the ledger, go on with commands whose outcome is open."""
    from moyai_webui.programs import work as run
    run(choice.settings(), _until_told())


@webui.command()
def mailbox() -> None:
    """Catch all mails of the sample consortium and show them on a page."""
    from moyai_webui.mailbox.serving import MailboxSettings, serve
    serve(MailboxSettings(), _until_told())  # type: ignore[call-arg]


@webui.command()
@click.option("--check", is_flag=True, help="Compare only; the live read model stays.")
@click.pass_obj
def rebuild(choice: Choice, check: bool) -> None:
    """Make the read model anew from block 0 and compare it with the live one; pages go on meanwhile."""
    from moyai_webui.programs import rebuild as run
    with click.progressbar(length=100, label="blocks") as bar:
        differences = run(choice.settings(), replace=not check, progress=lambda block, last: bar.update(
            100 * (block + 1) // (last + 1) - bar.pos))
    for line in differences:
        click.echo(line)
    click.echo("The rebuilt read model equals the live one." if not differences
               else "The read models differ." if check else "The live read model differed and was replaced.")
    if differences and check:
        raise click.exceptions.Exit(1)


@webui.command()
@click.pass_obj
def prepare(choice: Choice) -> None:
    """Make databases, secrets and demonstration accounts of all municipalities; harmless when repeated."""
    from moyai_webui.preparation import prepare as run
    run(choice.state, click.echo)


@webui.command()
@click.pass_obj
def addresses(choice: Choice) -> None:
    """Print where the web UIs are, who can sign in, and what to do next."""
    from rich.console import Console

    from moyai_webui.addresses import addresses_table
    Console(highlight=False).print(addresses_table(choice.state), soft_wrap=True)


@webui.command("create-user")
@click.option("--login", required=True, help="Mail address or staff number.")
@click.option("--name", required=True, help="What the pages call the person.")
@click.option("--account", required=True, help="Account id on the ledger.")
@click.option("--role", "roles", type=click.Choice(list("ACSPM")), multiple=True, required=True)
@click.option("--office", required=True, help="172022, 172022/D-… or 172022/SITE.")
@click.option("--mail", default="", help="Where the person is written to; the login if that is an address.")
@click.password_option()
@click.pass_obj
def create_user(choice: Choice, login: str, name: str, account: str, roles: tuple[str, ...], office: str, mail: str,
                password: str) -> None:
    """Let a person sign in with an account that stands on the ledger."""
    from moyai_database.database import Database
    from moyai_webui.users import Person, create_user
    create_user(Database(choice.settings().database),
                Person(login=login, name=name, account=account, roles=roles, office=office, mail=mail), password)
    click.echo(json.dumps({"login": login, "account": account}))


def _until_told() -> threading.Event:
    """Set when the program is asked to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
