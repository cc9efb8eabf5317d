"""The key of an account: what an administrator's acts of weight are signed with."""
from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key)
from moyai_contracts.api.encoding import to_base64url

from moyai_client.errors import ProfileError


@dataclass(frozen=True)
class ActorKey:
    """A P-256 key of an account; safe to use from many threads."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    account: str

    @classmethod
    def generate(cls, account: str) -> ActorKey:
        """A new key that exists in memory only."""
        return cls(ec.generate_private_key(ec.SECP256R1()), account)

    @classmethod
    def load(cls, folder: Path, account: str) -> ActorKey:
        """The key `<account>.pem` of a console's folder; raises ProfileError where there is none."""
        path = folder / f"{account}.pem"
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except FileNotFoundError:
            raise ProfileError(f"account {account} has no key in {folder}") from None
        except (OSError, ValueError, TypeError) as error:
            raise ProfileError(f"{path} cannot be used as a key: {error}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ProfileError(f"{path} is not a P-256 key")
        return cls(key, account)

    def save(self, folder: Path) -> Path:
        """Writes `<account>.pem` with mode 0600 into a folder of mode 0700; whole or not at all.

        Raises FileExistsError: an existing key is never overwritten.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{self.account}.pem"
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        draft = folder / f".{self.account}.{os.getpid()}"
        draft.touch(0o600)
        draft.write_bytes(pem)
        try:
            os.link(draft, path)
        finally:
            draft.unlink()
        return path

    @property
    def public(self) -> str:
        """The compressed point in lower hex, 66 characters, as `directory.register_key` takes it."""
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint).hex()

    @property
    def key_id(self) -> str:
        """The first 16 hex digits of SHA-256 over the compressed point."""
        return hashlib.sha256(bytes.fromhex(self.public)).hexdigest()[:16]

    def proof(self, signed_at: int, actor_account: str | None) -> dict[str, Any]:
        """The entry of a command's `proof` before it is signed; names the account where it is not the actor's."""
        entry: dict[str, Any] = {"key": self.key_id, "signed_at": signed_at}
        if self.account != actor_account:
            entry["account"] = self.account
        return entry

    def sign(self, message: bytes) -> str:
        """ECDSA with SHA-256 as raw r‖s in base64url without padding, the form that browsers make too."""
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return to_base64url(r.to_bytes(32) + s.to_bytes(32))
