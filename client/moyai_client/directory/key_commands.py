"""`moyai directory`: officials' keys and blocked certificates."""
from __future__ import annotations

from pathlib import Path

import click
from moyai_contracts.api import Actor
from moyai_contracts.api.directory import BlockCertificate, ConfirmKey, RegisterKey, RevokeKey, UnblockCertificate

from moyai_client.directory.account_commands import as_console, reason_option, send
from moyai_client.directory.console import Console
from moyai_client.directory.console_choice import tell, with_console
from moyai_client.errors import MoyaiError
from moyai_client.identity import certificate_fingerprint


@click.command("register-key")
@click.argument("account_id")
@with_console
def register_key(console: Console, account_id: str) -> None:
    """Make a key for an account, keep it here, and register it; it counts once somebody else confirms it."""
    account = console.document("account", account_id=account_id)
    if account is None:
        raise MoyaiError(f"there is no account {account_id}")
    key = console.key_of(account_id)
    actor = Actor(account_id, account["roles"][0], account["office"])
    tell(console.ledger.submit(RegisterKey(key.public), actor), f"key {key.key_id} of {account_id} registered")


@click.command("confirm-key")
@click.argument("account_id")
@click.argument("key_id")
@as_console
@with_console
def confirm_key(console: Console, account_id: str, key_id: str, without_account: bool) -> None:
    """Vouch for another's key."""
    tell(send(console, ConfirmKey(account_id, key_id), without_account), f"key {key_id} of {account_id} confirmed")


@click.command("revoke-key")
@click.argument("account_id")
@click.argument("key_id")
@with_console
def revoke_key(console: Console, account_id: str, key_id: str) -> None:
    """End a lost or retired key."""
    tell(console.act(RevokeKey(account_id, key_id)), f"key {key_id} of {account_id} revoked")


@click.command("block-certificate")
@click.argument("certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@reason_option
@with_console
def block_certificate(console: Console, certificate: Path, reason: str) -> None:
    """Refuse a service certificate (PEM file) of the own municipality from the next block on."""
    fingerprint = certificate_fingerprint(certificate)
    tell(console.stand(BlockCertificate(fingerprint, reason)), f"certificate {fingerprint} blocked")


@click.command("unblock-certificate")
@click.argument("certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@reason_option
@with_console
def unblock_certificate(console: Console, certificate: Path, reason: str) -> None:
    """Lift a block."""
    fingerprint = certificate_fingerprint(certificate)
    tell(console.stand(UnblockCertificate(fingerprint, reason)), f"certificate {fingerprint} unblocked")


COMMANDS = (register_key, confirm_key, revoke_key, block_certificate, unblock_certificate)
