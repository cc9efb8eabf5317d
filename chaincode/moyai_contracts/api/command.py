"""The command envelope: who asks for what, under which operation id, signed by which keys."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any, Callable, ClassVar

from moyai_contracts.api import canonical, schema
from moyai_contracts.api.identifiers import OFFICE_PATTERN, RANDOM_26_PATTERN, ULID_PATTERN
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.schema import Length, OneOf, Pattern, Range

VERSION = 1
LIVE = "live"
ROLES = ("A", "C", "S", "P", "M", "V", "R", "F", "H", "U", "X")

Ulid = Annotated[str, Pattern(ULID_PATTERN)]
AccountId = Annotated[str, Pattern(RANDOM_26_PATTERN)]
Scope = Annotated[str, Pattern(rf"{LIVE}|{ULID_PATTERN}")]
"""`live`, or the id of a drill."""
Time = Annotated[int, Range(0, 253402300799)]
"""UTC seconds since 1970."""
Date = Annotated[str, Pattern(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")]
"""A calendar day in Japan."""


@dataclass(frozen=True)
class Actor:
    """The account that acts, in the role and office it acts in."""
    account: AccountId
    role: Annotated[str, OneOf(ROLES)]
    office: Annotated[str, Pattern(OFFICE_PATTERN)]


@dataclass(frozen=True)
class Proof:
    """A detached signature by one of the actor's keys; `sig` is raw r‖s, base64url without padding."""
    key: Annotated[str, Pattern(r"[0-9a-f]{16}")]
    signed_at: Time
    sig: Annotated[str, Pattern(r"[A-Za-z0-9_-]{86}")]
    account: AccountId | None = None
    """Whose key, when it is not the actor's (the second pair of eyes of a KK act)."""


@dataclass(frozen=True)
class Envelope:
    """What surrounds the business fields of every command."""
    op: Ulid
    v: Annotated[int, Range(1, 1000)] = VERSION
    scope: Scope | None = None
    actor: Actor | None = None
    proof: Annotated[tuple[Proof, ...], Length(2)] | None = None


class Command:
    """Base of all commands; `transaction` and `event` are the names on the ledger, `event_data` the members of the
    event's data, `?` behind those that may be absent."""
    transaction: ClassVar[str]
    event: ClassVar[str]
    event_data: ClassVar[tuple[str, ...]]


TRANSACTIONS: dict[str, type[Command]] = {}

_ENVELOPE_FIELDS = frozenset(schema.fields_of(Envelope))


def transaction(name: str, *, event: str, data: str = "") -> Callable[[type], type]:
    """Class decorator: a frozen dataclass that is the command of transaction `name`.

    `data`: members of the event's data, `?` behind those that may be absent.
    """
    def register(cls: type) -> type:
        result = dataclass(frozen=True)(cls)
        result.transaction, result.event, result.event_data = name, event, tuple(data.split())
        TRANSACTIONS[name] = result
        return result
    return register


def compose(command: Command, *, op: str, actor: Actor | None = None, scope: str | None = None) -> dict[str, Any]:
    """The JSON object of a command, not yet signed. `scope` belongs to `relief.*` alone and is filled in there."""
    if command.transaction.startswith("relief."):
        scope = scope or LIVE
    return schema.to_json(Envelope(op=op, actor=actor, scope=scope)) | schema.to_json(command)


def parse(function: str, text: bytes | str) -> tuple[Envelope, Command, dict[str, Any]]:
    """Envelope, command and JSON object of chaincode arguments.

    Raises Refusal: `bad_argument`, `unsupported_version`, `too_many`, `personal_data_suspected`.
    """
    cls = TRANSACTIONS.get(function)
    if cls is None:
        raise Refusal("bad_argument", field="function")
    try:
        message = canonical.decode(text)
    except canonical.NotCanonical as error:
        raise Refusal("bad_argument", field=str(error)[:100]) from error
    if not isinstance(message, dict):
        raise Refusal("bad_argument", field="command")
    version = message.get("v")
    if type(version) is int and version > VERSION:
        raise Refusal("unsupported_version", v=version)
    envelope = schema.decode(Envelope, {key: value for key, value in message.items() if key in _ENVELOPE_FIELDS})
    if (envelope.scope is not None) != function.startswith("relief."):
        raise Refusal("bad_argument", field="scope")
    if envelope.proof is not None and envelope.actor is None:
        raise Refusal("bad_argument", field="proof")
    command = schema.decode(cls, business_fields(message))
    return envelope, command, message


def business_fields(message: dict[str, Any]) -> dict[str, Any]:
    """The command without its envelope."""
    return {key: value for key, value in message.items() if key not in _ENVELOPE_FIELDS}


def fingerprint(function: str, message: dict[str, Any]) -> str:
    """`cmd`: 32 hex digits of SHA-256 over function, actor, scope and business fields; the same request sent
    again under another `op` has the same one."""
    content = business_fields(message) | {"function": function}
    content |= {key: message[key] for key in ("actor", "scope") if key in message}
    return hashlib.sha256(canonical.encode(content)).hexdigest()[:32]


def signing_bytes(function: str, message: dict[str, Any]) -> bytes:
    """What an actor's key signs: function and whole command without the `sig` fields, canonical.

    The function is part of it, so that a signature for `resume_account` cannot serve `close_account`.
    """
    unsigned = dict(message)
    if "proof" in unsigned:
        unsigned["proof"] = [{key: value for key, value in entry.items() if key != "sig"}
                             for entry in unsigned["proof"]]
    return canonical.encode(unsigned | {"function": function})
