"""`moyai bridge epoch-key`: the keys of uniqueness tags, made by one member and handed to the others' consoles."""
from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from moyai_client.directory import Console

    from moyai_bridge.store.epoch_keys import EpochKeys

_EPOCH = click.argument("epoch", metavar="YEAR")
_JST = timezone(timedelta(hours=9))


@click.group("epoch-key")
def epoch_key() -> None:
    """Keys of the fiscal years' uniqueness tags. Never on the ledger; one member makes a year's, the others import it.

    Settings: MOYAI_MUNICIPALITY, MOYAI_STATE, and where they are elsewhere MOYAI_READINGS_URL, MOYAI_CONSOLE_PROFILE.
    """


@epoch_key.command()
@_EPOCH
def make(epoch: str) -> None:
    """Make a fiscal year's key. Only one member does, in January say; the others import it."""
    from moyai_bridge.store.epoch_keys import KEY_BYTES
    keys = _keys()
    if keys.find(_year(epoch)) is not None:
        raise click.ClickException(f"The key of {epoch} is here already.")
    keys.keep(epoch, secrets.token_bytes(KEY_BYTES))
    click.echo(f"key of {epoch} made; hand it on with 'moyai bridge epoch-key export'")


@epoch_key.command()
def address() -> None:
    """Print what the maker has to know of this console: its administrator's account and key. Both are public."""
    from moyai_bridge.epoch_exchange import Address
    with _console() as console:
        key = console.administrator()[1]
        click.echo(str(Address(key.account, key.key_id)))


@epoch_key.command()
@_EPOCH
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", "receivers", metavar="ACCOUNT/KEY", multiple=True, required=True,
              help="A console's address, as 'epoch-key address' prints it there; once for each.")
def export(epoch: str, file: Path, receivers: tuple[str, ...]) -> None:
    """Write a year's key to FILE, sealed to the others' consoles and signed by this one's administrator."""
    from moyai_bridge.epoch_exchange import Address, seal
    key = _keys().find(_year(epoch))
    if key is None:
        raise click.ClickException(f"The key of {epoch} is not here.")
    with _console() as console:
        file.write_bytes(seal(epoch, key, console.administrator()[1], [Address.read(text) for text in receivers],
                              console))
    click.echo(f"key of {epoch} sealed for {len(receivers)} consoles")


@epoch_key.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def take_in(file: Path) -> None:
    """Take in the key that another member's console made for this one; again is harmless."""
    from moyai_bridge.epoch_exchange import unseal
    with _console() as console:
        epoch, key = unseal(file.read_bytes(), console.administrator()[1], console)
    try:
        _keys().keep(epoch, key)
    except ValueError as error:
        raise click.ClickException(f"Another key of {epoch} is here already: two members made one. Agree on one before "
                                   "any device has tags of it.") from error
    click.echo(f"key of {epoch} taken in")


@epoch_key.command()
@_EPOCH
@click.confirmation_option(prompt="Nobody can test this year's tags any more, here. Destroy the key?")
def destroy(epoch: str) -> None:
    """Destroy the key of a fiscal year that is over, with the end of the retention it serves."""
    from moyai_bridge.store.epoch_keys import fiscal_year
    if int(_year(epoch)) >= fiscal_year(datetime.now(_JST).date()):
        raise click.ClickException(f"The fiscal year {epoch} is not over.")
    _keys().destroy(epoch)
    click.echo(f"key of {epoch} destroyed")


def _keys() -> EpochKeys:
    from moyai_bridge.settings import StoreSettings
    from moyai_bridge.store import schema
    from moyai_bridge.store.epoch_keys import EpochKeys
    database = schema.open_readings(StoreSettings().readings)  # type: ignore[call-arg]
    schema.check(database)
    return EpochKeys(database)


@contextmanager
def _console() -> Iterator[Console]:
    from moyai_client.directory import Console

    from moyai_bridge.settings import ConsoleSettings
    console = Console.open(ConsoleSettings().console)  # type: ignore[call-arg]
    try:
        yield console
    finally:
        console.ledger.close()


def _year(epoch: str) -> str:
    if not (epoch.isascii() and epoch.isdigit() and len(epoch) == 4):
        raise click.BadParameter(f"{epoch} is no fiscal year such as 2027.", param_hint="YEAR")
    return epoch
