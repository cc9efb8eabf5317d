"""`moyai directory show`: a document as it stands on the ledger."""
from __future__ import annotations

import json

import click

from moyai_client.directory.console import Console
from moyai_client.directory.console_choice import with_console
from moyai_client.errors import MoyaiError

# Kind of document → names of the attributes in its key.
DOCUMENTS: dict[str, tuple[str, ...]] = {
    "roster": (), "municipality": ("code6",), "msp": ("msp_id",), "vote": ("kind", "ref", "hash", "code6"),
    "site": ("code6", "site_id"), "item": ("item_code",), "account": ("account_id",),
    "key": ("account_id", "key_id"), "blocked": ("msp_id", "fingerprint"),
}


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
