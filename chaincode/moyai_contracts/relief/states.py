"""The state machines of relief: state → states that a command may lead to."""
from __future__ import annotations

from typing import Mapping

from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Document

Machine = Mapping[str, tuple[str, ...]]

NEED: Machine = {"open": ("closed",), "closed": ("open",)}
OFFER: Machine = {"open": ("closed",)}
DISPATCH: Machine = {"requested": ("shipped", "declined", "cancelled")}
# A box may be received that was never announced as shipped: what has arrived has arrived.
PACKAGE: Machine = {"labelled": ("shipped", "voided", "received"), "shipped": ("received",)}
DISCREPANCY: Machine = {"open": ("acknowledged",), "acknowledged": ("resolved",)}


def require_edge(machine: Machine, document: Document, target: str) -> None:
    """The document may go to `target`, or Refusal `wrong_state` with the state it is in."""
    if target not in machine.get(document["state"], ()):
        raise Refusal("wrong_state", state=document["state"])


def require_state(document: Document, *states: str) -> None:
    """The document is in one of the states, or Refusal `wrong_state` with the one it is in."""
    if document["state"] not in states:
        raise Refusal("wrong_state", state=document["state"])
