"""Something that comes first is missing."""
from __future__ import annotations


class NotReady(Exception):
    """The message says what is missing and what to call, in one sentence."""
