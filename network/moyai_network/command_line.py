"""`moyai network …`: obtain Fabric, run the consortium, look after it."""
from __future__ import annotations

import dataclasses
import errno
import functools
import json
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import click
from moyai_client.errors import MoyaiError
from rich.console import Console

from moyai_network import (
    additional_chaincode, binaries, certificate_page, definition, groups, lan, log_files, shut_down, start_up)
from moyai_network import status as network_status
from moyai_network.errors import NetworkError
from moyai_network.layout import State
from moyai_network.progress import Progress


@dataclass(frozen=True)
class Context:
    """What every command of the group needs; the definition is read by those that use it."""

    definition: Path
    state: State

    def consortium(self) -> definition.Consortium:
        return dataclasses.replace(definition.load(self.definition), lan=lan.served(self.state))


def told(command: Callable[..., None]) -> Callable[..., None]:
    """Turns what goes wrong into one sentence and exit code 1."""
    @functools.wraps(command)
    def run(*arguments: object, **options: object) -> None:
        try:
            command(*arguments, **options)
        except (NetworkError, MoyaiError) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
                raise
            place = f" {error.filename}" if error.filename else ""
            raise click.ClickException(f"Cannot write{place}: {error.strerror}.") from error
    return run


@click.group()
@click.option("--definition", "definition_path", type=click.Path(path_type=Path), envvar="MOYAI_DEFINITION",
              default=definition.DEFAULT_DEFINITION, show_default=True, help="The definition of the consortium.")
@click.option("--state", type=click.Path(path_type=Path), envvar="MOYAI_STATE", default=Path("var"),
              show_default=True, help="Folder for everything generated.")
@click.pass_context
def network(context: click.Context, definition_path: Path, state: Path) -> None:
    """Obtain Fabric and run the consortium's network."""
    context.obj = Context(definition_path, State.at(state))


@network.command("binaries")
@told
def show_binaries() -> None:
    """Build Fabric's programs unless they are there, and print their folder."""
    progress = Progress(Console(stderr=True, highlight=False))
    click.echo(binaries.obtain(thorough=True, tell=progress.say).folder)


@network.command()
@click.option("--lan", "wanted", metavar="ADDRESS", help="Serve phones by https on this address of the machine; "
              "1 finds it. Without it the web UIs are for this machine alone.")
@click.pass_obj
@told
def up(context: Context, wanted: str | None) -> None:
    """Start the network; return when every municipality has endorsed."""
    if wanted:
        lan.serve(context.state, wanted, context.consortium().lan_page)
    else:
        lan.stop_serving(context.state)
    consortium, progress = context.consortium(), Progress()
    start_up.up(consortium, context.state, binaries.obtain(tell=progress.say), progress)
    progress.say(f"The network is up: {', '.join(member.name for member in consortium.municipalities)}")


@network.command()
@click.argument("code")
@click.option("--days", default=60, show_default=True, help="What is good for fewer days is renewed.")
@click.pass_obj
@told
def renew(context: Context, code: str, days: int) -> None:
    """Have certificates of the municipality CODE that are about to end, or have ended, certified again.

    Keys stay. Its programs are started again, one municipality's at a time: the others go on.
    """
    consortium, progress = context.consortium(), Progress()
    count = start_up.renew(consortium, context.state, binaries.obtain(tell=progress.say), progress,
                           consortium.municipality(code), days)
    progress.say(f"Certificates renewed: {count}")


@network.command()
@click.pass_obj
@told
def down(context: Context) -> None:
    """Stop everything; the data stay."""
    shut_down.down(context.state, Progress())


@network.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
@told
def reset(context: Context, yes: bool) -> None:
    """Stop everything and delete all ledgers, keys and databases."""
    if not yes:
        click.confirm(f"Delete all ledgers, keys and databases in {context.state.root}?", abort=True)
    shut_down.reset(context.state, Progress())


@network.command("start")
@click.argument("group")
@click.pass_obj
@told
def start(context: Context, group: str) -> None:
    """Start a group (fabric, meters, webui) or one program of a network that is up, and wait until it runs."""
    groups.start(context.consortium(), context.state, group)


@network.command("stop")
@click.argument("group")
@click.pass_obj
@told
def stop(context: Context, group: str) -> None:
    """Stop a group (fabric, meters, webui) or one program."""
    groups.stop(context.state, group)


@network.command("certificate-page")
@click.option("--address", required=True, help="HOST:PORT to listen at.")
@click.option("--certificate", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--link", "links", multiple=True, help="Address to go on to.")
@told
def serve_certificate_page(address: str, certificate: Path, links: tuple[str, ...]) -> None:
    """Let phones fetch the certificate of the local network's CA by http."""
    host, _, port = address.rpartition(":")
    certificate_page.server(host, int(port), certificate, links).serve_forever()


@network.command("status")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
@told
def show_status(context: Context, as_json: bool) -> None:
    """Show every program: state, height of the ledger, leader, days its certificate is good for, what it waits for."""
    found = network_status.status(context.consortium(), context.state)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        console = Console(width=None if shutil.get_terminal_size().columns > 100 else 100, highlight=False)
        console.print(network_status.table(found))
        for sentence in network_status.sentences(found):
            console.print(sentence, soft_wrap=True)
    if not found["up"]:
        raise click.exceptions.Exit(3)


@network.command("logs")
@click.argument("program", required=False)
@click.option("-n", "--lines", default=20, show_default=True, help="Lines to show of each log.")
@click.option("-f", "--follow", is_flag=True, help="Go on as the program does; needs PROGRAM.")
@click.pass_obj
@told
def logs(context: Context, program: str | None, lines: int, follow: bool) -> None:
    """Show the last lines of PROGRAM's log, or of every log."""
    if follow and not program:
        raise click.UsageError("-f follows one program: name it.")
    names = [program] if program else sorted(path.stem for path in context.state.logs.glob("*.log"))
    for name in names:
        if not program:
            click.echo(f"== {name}")
        for line in log_files.tail(log_files.log_of(name, context.state), lines):
            click.echo(line)
    if follow and program:
        for line in log_files.follow(log_files.log_of(program, context.state), threading.Event()):
            click.echo(line)


@network.command("install-chaincode")
@click.argument("name")
@click.argument("contract", metavar="MODULE:CLASS")
@click.option("--collections", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Private data collections (JSON).")
@click.option("--path", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder to import the contract from.")
@click.pass_obj
@told
def install_chaincode(context: Context, name: str, contract: str, collections: Path | None, path: Path | None) -> None:
    """Start and deploy one more chaincode on a network that is up."""
    progress = Progress()
    additional_chaincode.install(context.consortium(), context.state, binaries.obtain(tell=progress.say), progress,
                                 name=name, contract=contract, collections=collections, path=path)
