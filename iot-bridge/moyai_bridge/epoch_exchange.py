"""A fiscal year's key of uniqueness tags on its way from the console that made it to the others.

For each receiver it is sealed (HPKE, RFC 9180: P-256, HKDF-SHA256, AES-256-GCM) to the key that an administrator there
has on the ledger, and the whole is signed by the maker's administrator. So nothing has to be trusted but the ledger,
and whoever carries the file learns nothing.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from moyai_client.actor_key import ActorKey
from moyai_client.errors import MoyaiError
from moyai_contracts.api import canonical, schema
from moyai_contracts.api.devices import Epoch
from moyai_contracts.api.encoding import from_base64url, to_base64url
from moyai_contracts.api.identifiers import RANDOM_26_PATTERN
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.schema import Length, OneOf, Pattern, Range

FORMAT, VERSION = "moyai-epoch-key", 1
SIGNATURE_BYTES = 64
_SUITE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


class ExchangeFailed(MoyaiError):
    """The key cannot be handed over or taken in; the sentence says why."""


class Address(NamedTuple):
    """An administrator's key: account and key id, as the ledger has them. Written `ACCOUNT/KEY`."""

    account: str
    key: str

    @classmethod
    def read(cls, text: str) -> Address:
        """Raises ExchangeFailed."""
        account, _, key = text.partition("/")
        if len(account) != 26 or len(key) != 16:
            raise ExchangeFailed(f"{text} is no address: 'moyai bridge epoch-key address' prints that of a console.")
        return cls(account, key)

    def __str__(self) -> str:
        return f"{self.account}/{self.key}"


class Documents(Protocol):
    """What of `moyai_client.directory.Console` is needed here."""

    def document(self, kind: str, /, **key: Any) -> dict[str, Any] | None:
        """A document of the context `directory`."""


@dataclass(frozen=True)
class Sealed:
    """The key for one receiver; `sealed` is HPKE's encapsulated key and ciphertext."""
    account: Annotated[str, Pattern(RANDOM_26_PATTERN)]
    key: Annotated[str, Pattern(r"[0-9a-f]{16}")]
    sealed: Annotated[str, Pattern(r"[A-Za-z0-9_-]+")]


@dataclass(frozen=True)
class EpochKeyFile:
    """The file; `account` and `key` are its maker's, who signed it without `signature`."""
    format: Annotated[str, OneOf((FORMAT,))]
    version: Annotated[int, Range(VERSION, VERSION)]
    epoch: Epoch
    account: Annotated[str, Pattern(RANDOM_26_PATTERN)]
    key: Annotated[str, Pattern(r"[0-9a-f]{16}")]
    receivers: Annotated[tuple[Sealed, ...], Length(1000)]
    signature: Annotated[str, Pattern(r"[A-Za-z0-9_-]*")] = ""

    @property
    def message(self) -> bytes:
        """What is signed."""
        return canonical.encode(schema.to_json(replace(self, signature="")))


def seal(epoch: str, key: bytes, maker: ActorKey, receivers: Sequence[Address], ledger: Documents) -> bytes:
    """The file with an epoch's key for administrators of other municipalities. Raises ExchangeFailed."""
    address = Address(maker.account, maker.key_id)
    _public_key(ledger, address)
    sealed = tuple(Sealed(receiver.account, receiver.key, to_base64url(
        _SUITE.encrypt(key, _public_key(ledger, receiver), _context(epoch, address, receiver))))
        for receiver in receivers)
    file = EpochKeyFile(FORMAT, VERSION, epoch, address.account, address.key, sealed)
    return canonical.encode(schema.to_json(replace(file, signature=maker.sign(file.message))))


def unseal(data: bytes, receiver: ActorKey, ledger: Documents) -> tuple[str, bytes]:
    """Epoch and key of a file, for the administrator with this key. Raises ExchangeFailed."""
    file = _load(data)
    maker, own = Address(file.account, file.key), Address(receiver.account, receiver.key_id)
    _check_signature(file, _public_key(ledger, maker))
    sealed = next((part.sealed for part in file.receivers if (part.account, part.key) == own), None)
    if sealed is None:
        raise ExchangeFailed(f"The file holds nothing for {own}: have it made anew with this address.")
    try:
        return file.epoch, _SUITE.decrypt(from_base64url(sealed), receiver.key, _context(file.epoch, maker, own))
    except (InvalidTag, ValueError) as error:
        raise ExchangeFailed("The file's key cannot be opened: it was made for another key.") from error


def _load(data: bytes) -> EpochKeyFile:
    try:
        return schema.decode(EpochKeyFile, canonical.decode(data))
    except (canonical.NotCanonical, Refusal) as error:
        raise ExchangeFailed(f"The file is no epoch key: {error}.") from error


def _check_signature(file: EpochKeyFile, public: ec.EllipticCurvePublicKey) -> None:
    try:
        raw = from_base64url(file.signature)
        if len(raw) != SIGNATURE_BYTES:
            raise ValueError("a signature has 64 bytes")
        signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        public.verify(signature, file.message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise ExchangeFailed("The file was changed, or is not signed by whom it names.") from error


def _public_key(ledger: Documents, address: Address) -> ec.EllipticCurvePublicKey:
    """Of an administrator who acts now, whose key another vouched for."""
    account = ledger.document("account", account_id=address.account)
    key = ledger.document("key", account_id=address.account, key_id=address.key)
    if account is None or key is None:
        raise ExchangeFailed(f"The ledger has no key {address}.")
    if "A" not in account["roles"] or account["status"] != "active":
        raise ExchangeFailed(f"{address.account} is no administrator's account that is open.")
    if key["status"] != "active" or key["grade"] != "confirmed":
        raise ExchangeFailed(f"The key {address.key} is not confirmed, or revoked.")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(key["public"]))


def _context(epoch: str, maker: Address, receiver: Address) -> bytes:
    """Ties a sealed key to its year, its maker and its receiver."""
    return f"{FORMAT}|{epoch}|{maker}|{receiver}".encode("ascii")
