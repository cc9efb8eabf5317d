"""base64url without padding, as keys' signatures travel."""
from __future__ import annotations

import base64


def to_base64url(data: bytes) -> str:
    """Text of bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Bytes of a text; ValueError where it is none."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
