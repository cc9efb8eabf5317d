"""`moyai bridge …`: the bridge between a municipality's meters and the ledger."""
from __future__ import annotations

import click


@click.group()
def bridge() -> None:
    """Readings of meters: from the broker to the database and the ledger."""
