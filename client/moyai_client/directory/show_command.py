"""`moyai directory show`: a document as it stands on the ledger."""
from __future__ import annotations

import json

import click
from moyai_contracts.api import QUERIES

from moyai_client.directory.console import Console
from moyai_client.directory.console_choice import with_console
from moyai_client.errors import MoyaiError

_GETTER = "directory.get_"

# Kind of document → names of the attributes in its key.
DOCUMENTS: dict[str, tuple[str, ...]] = {
    name.removeprefix(_GETTER): tuple(arguments) for name, arguments in QUERIES.items() if name.startswith(_GETTER)}


@click.command()
@click.argument("kind", type=click.Choice(sorted(DOCUMENTS)))
@click.argument("key", nargs=-1)
@with_console
def show(console: Console, kind: str, key: tuple[str, ...]) -> None:
    """Print a document as it stands on the ledger."""
    names = DOCUMENTS[kind]
    if len(key) != len(names):
        raise click.UsageError(f"{kind} takes {' '.join(names) or 'no key'}")
    document = console.document(kind, **dict(zip(names, key)))
    if document is None:
        raise MoyaiError(f"there is no {kind} {' '.join(key)}")
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
