"""What the solver found."""
from __future__ import annotations

from dataclasses import dataclass

from moyai_webui.suggestions.problem import Proposal


@dataclass(frozen=True)
class Solution:
    """`complete`: nothing was left out for want of time or room. Proposals in descending worth a piece."""

    proposals: tuple[Proposal, ...]
    complete: bool
