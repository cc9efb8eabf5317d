"""The one command `moyai`: each package adds its group through the entry point `moyai.commands`."""
from __future__ import annotations

from importlib.metadata import entry_points

import click


@click.group()
@click.version_option(package_name="moyai")
def main() -> None:
    """Moyai（もやい）: the shared ledger of neighbouring municipalities."""


for _entry in entry_points(group="moyai.commands"):
    main.add_command(_entry.load(), name=_entry.name)
