"""The one command `moyai`: each package adds its group through the entry point `moyai.commands`."""
from __future__ import annotations

from importlib.metadata import entry_points

import click

GROUP = "moyai.commands"


class Packages(click.Group):
    """Loads a package when its group is called for, so that starting the network does not wait for the web UI."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted({*super().list_commands(context), *entry_points(group=GROUP).names})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        for entry in entry_points(group=GROUP, name=name):
            return entry.load()
        return super().get_command(context, name)


@click.group(cls=Packages)
@click.version_option(package_name="moyai")
def main() -> None:
    """Moyai（もやい）: the shared ledger of neighbouring municipalities."""
