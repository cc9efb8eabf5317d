"""The scope of a command in `relief`: the real thing, or a drill that the signer's municipality takes part in.

Each municipality opens and closes its own part in a drill, under the drill's id; so the document that tells whether
a scope is open is found by the signer's municipality, without a search.
"""
from __future__ import annotations

from typing import Any, Iterator

from moyai_contracts import keys
from moyai_contracts.api.command import LIVE
from moyai_contracts.api.identifiers import parse_label
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Transaction

LIVE_PREFIX, DRILL_PREFIX = "P", "T"


def reads(scope: str, code6: str) -> list[str]:
    """The key that tells whether a scope is open; none for the real thing."""
    return [] if scope == LIVE else [keys.drill(code6, scope)]


def refusal(tx: Transaction) -> Refusal | None:
    """What a command of a scope that is not open is refused with: `not_found`, `scope_closed`."""
    for key in reads(tx.scope, tx.code6):
        drill = tx.get(key)
        if drill is None:
            return Refusal("not_found")
        if drill["status"] != "open":
            return Refusal("scope_closed")
    return None


def require_labels_of(scope: str, message: dict[str, Any]) -> None:
    """A drill's labels begin with T, real ones with P, or Refusal `wrong_scope`."""
    prefix = LIVE_PREFIX if scope == LIVE else DRILL_PREFIX
    if any(not package_id.startswith(prefix) for package_id in _package_ids(message)):
        raise Refusal("wrong_scope")


def _package_ids(value: Any) -> Iterator[str]:
    """Every package id that a command names, and the one in what was read of a label."""
    if isinstance(value, list):
        for element in value:
            yield from _package_ids(element)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name == "package_id":
                yield member
            elif name in ("packages", "void"):
                yield from (element for element in member if isinstance(element, str))
                yield from _package_ids(member)
            elif name == "label_seen":
                yield from (label[0] for label in [parse_label(member)] if label)
            else:
                yield from _package_ids(member)
