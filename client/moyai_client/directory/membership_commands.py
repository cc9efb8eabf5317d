"""`moyai directory`: municipalities, votes, the common catalogue."""
from __future__ import annotations

from pathlib import Path

import click
from moyai_contracts.api import canonical, schema
from moyai_contracts.api.directory import (
    DISPATCH_APPROVALS, ActivateItem, ActivateMunicipality, DeactivateMunicipality, ProposeItem, RegisterMunicipality,
    SetPolicy)
from moyai_contracts.api.refusals import Refusal

from moyai_client.directory.console import Console
from moyai_client.directory.console_choice import tell, with_console
from moyai_client.directory.votes import KEY_NAMES, vote
from moyai_client.errors import MoyaiError


@click.command("register-municipality")
@with_console
def register_municipality(console: Console) -> None:
    """Ask to take part, as the console's own municipality."""
    profile = console.profile
    receipt = console.stand(RegisterMunicipality(profile.municipality, profile.name, profile.msp_id))
    tell(receipt, f"municipality {profile.municipality} registered")


@click.command("vote")
@click.argument("kind", type=click.Choice(sorted(KEY_NAMES)))
@click.argument("ref")
@click.option("--no", "against", is_flag=True, help="Vote against.")
@with_console
def vote_command(console: Console, kind: str, ref: str, against: bool) -> None:
    """Vote on a proposed municipality or item, as it stands on the ledger now."""
    choice = "no" if against else "yes"
    cast = vote(console, kind, ref, choice)
    click.echo(f"{console.code6} votes {choice} on {kind} {ref}" if cast else "this vote had been cast before")


@click.command("activate-municipality")
@click.argument("code6")
@with_console
def activate_municipality(console: Console, code6: str) -> None:
    """Admit a municipality that most members voted for."""
    tell(console.act(ActivateMunicipality(code6)), f"municipality {code6} activated")


@click.command("deactivate-municipality")
@click.argument("code6")
@with_console
def deactivate_municipality(console: Console, code6: str) -> None:
    """Let a municipality go that most members voted out."""
    tell(console.act(DeactivateMunicipality(code6)), f"municipality {code6} deactivated")


@click.command("set-policy")
@click.option("--dispatch-approval", type=click.Choice(DISPATCH_APPROVALS), required=True)
@with_console
def set_policy(console: Console, dispatch_approval: str) -> None:
    """Say whether shelters ask for dispatch alone or through their office."""
    document = console.document("municipality", code6=console.code6)
    if document is None:
        raise MoyaiError(f"municipality {console.code6} is not on the ledger")
    tell(console.act(SetPolicy(dispatch_approval, document["rev"])), f"dispatch approval set to {dispatch_approval}")


@click.command("propose-item")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_console
def propose_item(console: Console, file: Path) -> None:
    """Propose items of the common catalogue; FILE is JSON, {"items": [...]}."""
    try:
        command = schema.decode(ProposeItem, canonical.decode(file.read_bytes()))
    except (canonical.NotCanonical, Refusal) as error:
        raise MoyaiError(f"{file} is not a list of items: {error}") from error
    tell(console.act(command), "proposed: " + ", ".join(line.item_code for line in command.items))


@click.command("activate-item")
@click.argument("item_codes", nargs=-1, required=True)
@with_console
def activate_item(console: Console, item_codes: tuple[str, ...]) -> None:
    """Take items into the common catalogue that most members voted for."""
    tell(console.act(ActivateItem(item_codes)), "activated: " + ", ".join(item_codes))


COMMANDS = (register_municipality, vote_command, activate_municipality, deactivate_municipality, set_policy,
            propose_item, activate_item)
