"""Why a file proves nothing."""
from __future__ import annotations

from moyai_client.errors import MoyaiError


class UnreadableProof(MoyaiError):
    """The file is no proof file of a version that is known here, or a certificate cannot be read."""


class NotProven(MoyaiError):
    """What the file claims does not hold; the message says which part does not match."""
