"""Lists of records as they shall be: which are new, which change, which stay."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Sequence

from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.schema import fields_of, to_json
from moyai_contracts.transaction import Document, Replayed, Transaction


@dataclass(frozen=True)
class Draft:
    """A record as it shall be: `rev` 0 makes a new one; `members` from the document that stands there, if any."""
    id: str
    key: str
    rev: int
    members: Callable[[Document | None], Document]


def members_of(line: Any, *left_out: str) -> Document:
    """The fields of a command's line as members of a document; what is absent takes an older member out."""
    return {name: to_json(getattr(line, name)) for name in fields_of(type(line)) if name not in left_out}


def save(tx: Transaction, drafts: Sequence[Draft]) -> dict[str, list[str]]:
    """Writes what is new or changed, all or nothing; returns the ids under `new`, `changed` and `same`.

    Replayed when this command was carried out before, or when everything stands there already.
    Raises Refusal `id_reused`, `not_found`, `stale_revision`.
    """
    if len({draft.key for draft in drafts}) < len(drafts):
        raise Refusal("id_reused")
    tx.load(draft.key for draft in drafts)
    found = {draft.key: tx.get(draft.key) for draft in drafts}
    if any(document and document["op"] == tx.op and document["cmd"] == tx.cmd for document in found.values()):
        raise Replayed
    tx.new(draft.key for draft in drafts if draft.rev == 0)
    result: dict[str, list[str]] = {"new": [], "changed": [], "same": []}
    for draft in drafts:
        result[_save(tx, draft, found[draft.key])].append(draft.id)
    if not tx.writes:
        raise Replayed
    return result


def _save(tx: Transaction, draft: Draft, document: Document | None) -> str:
    if draft.rev == 0:
        tx.create(draft.key, draft.members(None))
        return "new"
    if document is None:
        raise Refusal("not_found")
    if document["rev"] != draft.rev:
        raise Refusal("stale_revision", rev=document["rev"])
    members = draft.members(document)
    if all(document.get(name) == value for name, value in members.items()):
        return "same"
    tx.edit(draft.key, document, **members)
    return "changed"
