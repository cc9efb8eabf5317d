"""Claimed times against those of the neighbours in the chain (INV-29).

A transaction's time is its signer's claim, within 15 minutes of each endorser's clock. Blocks have no time of their
own, so that the neighbours are all there is to compare with: a time is reported when it lies more than two such
clocks' difference before what was claimed just before it, or behind what was claimed just after it. Of the
neighbours the second latest and the second earliest count, so that one forged time accuses itself alone.
"""
from __future__ import annotations

from datetime import datetime, timezone
from typing import Iterator, NamedTuple, Sequence

TOLERANCE = 30 * 60
NEIGHBOURS = 8


class Claim(NamedTuple):
    """Where a transaction stands and when it says it was made, in UTC seconds."""

    block: int
    transaction: int
    tx_id: str
    at: int


def implausible(claims: Sequence[Claim], latest: int | None = None) -> Iterator[tuple[Claim, str]]:
    """The claims that do not fit, each with a sentence; `latest` is the time of reading, where that is known."""
    for number, claim in enumerate(claims):
        before = sorted(other.at for other in claims[max(0, number - NEIGHBOURS):number])
        after = sorted(other.at for other in claims[number + 1:number + 1 + NEIGHBOURS])
        earliest = before[-2] if len(before) > 1 else None
        ceiling = after[1] if len(after) > 1 else latest
        if earliest is not None and claim.at < earliest - TOLERANCE:
            yield claim, f"it claims {told(claim.at)}, those before it {told(earliest)}"
        elif ceiling is not None and claim.at > ceiling + TOLERANCE:
            yield claim, f"it claims {told(claim.at)}, those after it {told(ceiling)}"


def told(at: int) -> str:
    """A time to be read, in UTC."""
    try:
        return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{at} seconds since 1970"
