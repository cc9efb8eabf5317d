"""What is taken of a need and of an offer, and what is given back: pure functions on documents.

`need.committed` is what was promised to a need and neither given back nor found missing. An offer's quantity is
`withdrawn` + `requested` + free. `request_dispatch` is the only command that takes.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

from moyai_contracts.transaction import Document


FIGURES = ("quantity", "committed", "requested", "withdrawn")
"""The quantities of needs and offers that commands move."""


class BrokenInvariant(Exception):
    """Quantities would leave their bounds: a fault of the contract, never of the person."""


@dataclass(frozen=True)
class Posting:
    """How one unit of quantity moves the need's and the offer's figures."""
    committed: int
    requested: int
    withdrawn: int


REQUESTED = Posting(committed=+1, requested=+1, withdrawn=0)
CANCELLED = Posting(committed=-1, requested=-1, withdrawn=0)
"""Before shipping, by the receiver: on offer again."""
DECLINED = Posting(committed=-1, requested=-1, withdrawn=+1)
"""By the sender, who does not have it after all."""
SHIPPED_LESS = DECLINED
NOT_RECEIVED = Posting(committed=-1, requested=0, withdrawn=0)
"""Short, damaged, refused, lost or recalled: the need stands again, the goods are gone from the offer."""
FOUND = Posting(committed=+1, requested=0, withdrawn=0)
"""Counted anew, more was good than a receipt had said."""


def missing(need: Document) -> int:
    """What may still be asked for."""
    return int(need["quantity"] - need["committed"])


def free(offer: Document) -> int:
    """What is still on offer."""
    return int(offer["quantity"] - offer["withdrawn"] - offer["requested"])


def rest(dispatch: Document) -> int:
    """What a dispatch still holds of need and offer."""
    return int(dispatch["quantity"] - dispatch["released"])


def lost(counts: Document) -> int:
    """What of a received line the need does not have."""
    return int(counts["short"] + counts["damaged"] + counts["refused"])


def post_need(need: Document, posting: Posting, quantity: int) -> Document:
    """The need's changed figures. Raises BrokenInvariant."""
    committed = need["committed"] + posting.committed * quantity
    if not 0 <= committed <= need["quantity"]:
        raise BrokenInvariant(f"committed {committed} of {need['quantity']}")
    return {"committed": committed}


def post_offer(offer: Document, posting: Posting, quantity: int) -> Document:
    """The offer's changed figures. Raises BrokenInvariant."""
    changed = {"requested": offer["requested"] + posting.requested * quantity,
               "withdrawn": offer["withdrawn"] + posting.withdrawn * quantity}
    if min(changed.values()) < 0 or free(offer | changed) < 0:
        raise BrokenInvariant(f"requested {changed['requested']}, withdrawn {changed['withdrawn']} "
                              f"of {offer['quantity']}")
    return changed


def committed_by(dispatches: Iterable[Document], receipts: Iterable[Document], gone: Iterable[Document]) -> int:
    """`need.committed` added up anew from the need's dispatches, the received counts of its lines, and its lines in
    boxes that were lost or recalled (INV-1)."""
    return sum(map(rest, dispatches)) - sum(map(lost, receipts)) - sum(line["quantity"] for line in gone)


def deltas(kind: str, identifier: str, before: Document, after: Document) -> list[Document]:
    """`[{kind: identifier, figure: ±n}]` of the figures that differ, for the event; empty where none does."""
    moved = {name: after[name] - before[name] for name in FIGURES if name in before and after[name] != before[name]}
    return [{kind: identifier} | moved] if moved else []
