"""The state machines of relief: state → states that a command may lead to."""
from __future__ import annotations

from typing import Mapping

from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Document

Machine = Mapping[str, tuple[str, ...]]

NEED: Machine = {"open": ("closed",), "closed": ("open",)}
OFFER: Machine = {"open": ("closed",)}
DISPATCH: Machine = {"proposed": ("requested", "rejected"), "requested": ("shipped", "declined", "cancelled"),
                     "shipped": ("recalled",)}
# A box may be received, or reach a hub, that was never announced as shipped: what has arrived has arrived.
# A hub that repacks makes the boxes void that it holds.
PACKAGE: Machine = {"labelled": ("shipped", "voided", "handed_over", "received"),
                    "shipped": ("handed_over", "received", "recalled", "lost"),
                    "handed_over": ("handed_over", "received", "recalled", "lost", "voided")}
DISCREPANCY: Machine = {"open": ("acknowledged",), "acknowledged": ("resolved",)}

ON_THE_WAY = ("shipped", "handed_over")
"""States of a box that is in transit."""
CALLED_OFF = ("voided", "recalled", "lost")
"""States of a box that nobody expects any more."""
GIVEN_BACK = ("recalled", "lost")
"""States of a box that left and whose contents its needs no longer count on."""


def require_edge(machine: Machine, document: Document, target: str) -> None:
    """The document may go to `target`, or Refusal `wrong_state` with the state it is in."""
    if target not in machine.get(document["state"], ()):
        raise Refusal("wrong_state", state=document["state"])


def require_state(document: Document, *states: str) -> None:
    """The document is in one of the states, or Refusal `wrong_state` with the one it is in."""
    if document["state"] not in states:
        raise Refusal("wrong_state", state=document["state"])
