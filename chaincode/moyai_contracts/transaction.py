"""One transaction as the use cases see it: documents by key, idempotency, writes and the event.

All reads see the committed state. Writes are kept aside and leave once, at the end; a document written by an
earlier element of the same command is seen by the later ones, so that two elements that touch one key are merged.
"""
from __future__ import annotations

from typing import Any, Iterable, Protocol

from moyai_contracts.api import canonical
from moyai_contracts.api.command import LIVE, Actor, Envelope
from moyai_contracts.api.identifiers import covers
from moyai_contracts.api.refusals import Refusal
from moyai_shim import Creator

Document = dict[str, Any]
MAX_AHEAD_SECONDS = 15 * 60
REMEMBERED = 8
"""How many operations before its latest one a document names (docs/decisions/0011)."""
_FRAME = frozenset({"v", "rev", "op", "ops", "cmd", "at", "by", "m"})


class Replayed(Exception):
    """The command was carried out before: the answer is the earlier result, nothing is written."""


class StateReader(Protocol):
    """The part of the stub that transactions and queries read documents with."""

    def get_multiple_states(self, keys: list[str]) -> list[bytes | None]:
        """Values in the order of the keys."""


class Documents:
    """Documents by key, each read once, as many as possible together."""

    def __init__(self, stub: StateReader) -> None:
        self._stub = stub
        self._loaded: dict[str, bytes | None] = {}

    def load(self, keys: Iterable[str]) -> None:
        """Reads all keys that were not read before in one round trip."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self._loaded]
        if wanted:
            self._loaded.update(zip(wanted, self._stub.get_multiple_states(wanted), strict=True))

    def raw(self, key: str) -> bytes | None:
        """The committed bytes under a key; None where there are none."""
        self.load([key])
        return self._loaded[key]

    def get(self, key: str) -> Document | None:
        """The committed document under a key; None where there is none."""
        data = self.raw(key)
        return None if data is None else canonical.decode(data)


class Transaction:
    """A command on its way: reads, checks that every use case needs, writes.

    Attributes: `at` UTC seconds of the proposal, `code6` the signer's municipality, `service` its certificate's
    service, `actor` (None where a service acts by itself), `attested` device, self or service, `keys` ids of the
    actor's keys whose signatures were verified, `confirmed` the accounts that signed with a confirmed key.
    """

    def __init__(self, documents: Documents, creator: Creator, tx_id: str, at: int, envelope: Envelope,
                 cmd: str) -> None:
        self.documents = documents
        self.creator = creator
        self.tx_id, self.at = tx_id, at
        self.envelope, self.op, self.cmd = envelope, envelope.op, cmd
        self.actor: Actor | None = envelope.actor
        self.scope = envelope.scope or LIVE
        self.service = creator.attributes.get("moyai.service", "admin" if creator.is_admin else "")
        self.code6 = ""
        self.account: Document | None = None
        self.keys: tuple[str, ...] = ()
        self.confirmed: frozenset[str] = frozenset()
        self.writes: dict[str, Document | None] = {}
        self.data: dict[str, Any] = {}

    @property
    def attested(self) -> str:
        """Whose word it is: the actor's confirmed device, a key that the actor registered alone, or only the
        municipality's service."""
        if self.by in self.confirmed:
            return "device"
        return "self" if self.keys else "service"

    @property
    def by(self) -> str:
        """The account that acts, or the service where it acts by itself."""
        return self.actor.account if self.actor else self.service

    # Reading

    def load(self, keys: Iterable[str]) -> None:
        """Reads several documents in one round trip; `get` then finds them."""
        self.documents.load(keys)

    def get(self, key: str) -> Document | None:
        """The document as this transaction leaves it so far."""
        return self.writes[key] if key in self.writes else self.documents.get(key)

    def need_document(self, key: str, code: str = "not_found", **params: Any) -> Document:
        """The document under a key, or the refusal."""
        document = self.get(key)
        if document is None:
            raise Refusal(code, **params)
        return document

    # Idempotency

    def new(self, keys: Iterable[str]) -> None:
        """For creations: passes when none of the keys exists, ends as Replayed when this command made them all.

        Raises Refusal `id_reused` otherwise, and when one id stands twice in the list.
        """
        wanted = list(keys)
        if len(set(wanted)) < len(wanted):
            raise Refusal("id_reused")
        self.load(wanted)
        found = [self.documents.get(key) for key in wanted]
        if all(document is None for document in found):
            return
        if all(document is not None and document["cmd"] == self.cmd for document in found):
            raise Replayed
        raise Refusal("id_reused")

    def editable(self, key: str, rev: int) -> Document:
        """For edits: the document when `rev` is current; Replayed when this very command made it so.

        Raises Refusal `not_found`, `stale_revision`.
        """
        document = self.need_document(key)
        if document["op"] == self.op and document["cmd"] == self.cmd:
            raise Replayed
        if document["rev"] != rev:
            raise Refusal("stale_revision", rev=document["rev"])
        return document

    def movable(self, key: str, code: str = "not_found") -> Document:
        """For moves along a state machine: the document; Replayed when this operation moved it before, even if
        others moved it on since."""
        document = self.need_document(key, code)
        if self.op in (document["op"], *document.get("ops", ())):
            raise Replayed
        return document

    def replaceable(self, key: str) -> Document | None:
        """For documents whose last write wins: the document; Replayed when this very command wrote it, even if
        others wrote it since.

        Raises Refusal `id_reused` when another command of the same operation wrote it last.
        """
        document = self.get(key)
        if document is not None and self.op in document.get("ops", ()):
            raise Replayed
        if document is not None and document["op"] == self.op:
            if document["cmd"] == self.cmd:
                raise Replayed
            raise Refusal("id_reused")
        return document

    # Checks shared by the contexts

    def require_confirmed_keys(self, accounts: int = 1) -> None:
        """The command is signed by confirmed keys of so many accounts, or Refusal `key_required`.

        A service that acts without an account has no key: its certificate was checked.
        """
        if self.actor is not None and len(self.confirmed) < accounts:
            raise Refusal("key_required")

    def require_own(self, code6: str) -> None:
        """The record's municipality is the signer's, or Refusal `foreign_record`."""
        if code6 != self.code6:
            raise Refusal("foreign_record")

    def require_cover(self, site_id: str) -> None:
        """The actor's office covers this site of the own municipality, or Refusal `foreign_record`."""
        if self.actor is not None and not covers(self.actor.office, self.code6, site_id):
            raise Refusal("foreign_record")

    def require_past(self, *times: int | None) -> None:
        """Claimed times lie at most 15 minutes ahead, or Refusal `time_out_of_range`."""
        if any(time is not None and time > self.at + MAX_AHEAD_SECONDS for time in times):
            raise Refusal("time_out_of_range")

    # Writing

    def create(self, key: str, fields: Document) -> None:
        """A new document; members that are None are left out."""
        self.writes[key] = self._frame() | _present(fields)

    def edit(self, key: str, document: Document, **changes: Any) -> None:
        """A document that this command edits or moves: new revision, operation and author. None takes a member out."""
        self.writes[key] = _present(document | changes) | self._frame(document)

    def put(self, key: str, fields: Document) -> None:
        """A document that is written as a whole whoever wrote it before: the last write wins."""
        self.writes[key] = self._frame(self.get(key)) | _present(fields)

    def bookkeep(self, key: str, document: Document, **changes: Any) -> None:
        """Quantities of a document that another command owns: `op`, `cmd` and `rev` stay, so that no open form of
        its owner goes stale."""
        self.writes[key] = _present(document | changes)

    def delete(self, key: str) -> None:
        """The key is free again."""
        self.writes[key] = None

    def emit(self, **data: Any) -> None:
        """The event's data: ids, quantities, deltas; never a whole document."""
        self.data = _present(data)

    def event_payload(self) -> bytes:
        """What stands in the block beside the writes."""
        payload: Document = {"v": self.envelope.v, "tx": self.tx_id, "at": self.at, "m": self.code6,
                             "service": self.service, "op": self.op, "data": self.data, "attested": self.attested}
        if self.actor:
            payload["actor"] = {"account": self.actor.account, "role": self.actor.role, "office": self.actor.office}
        if self.envelope.scope:
            payload["scope"] = self.scope
        return canonical.encode(payload)

    def _frame(self, before: Document | None = None) -> Document:
        frame = {"v": self.envelope.v, "rev": 1, "op": self.op, "cmd": self.cmd, "at": self.at, "by": self.by,
                 "m": self.code6}
        if before is None:
            return frame
        ops = before.get("ops", ())
        if before["op"] != self.op:  # two elements of one command may write one document
            ops = (*ops, before["op"])
        return frame | {"rev": before["rev"] + 1} | ({"ops": list(ops[-REMEMBERED:])} if ops else {})


def business(document: Document) -> Document:
    """A document without its frame (v, rev, op, ops, cmd, at, by, m)."""
    return {key: value for key, value in document.items() if key not in _FRAME}


def _present(fields: Document) -> Document:
    return {key: value for key, value in fields.items() if value is not None}
