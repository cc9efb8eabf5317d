"""What a contract answers with."""
from __future__ import annotations

from dataclasses import dataclass

OK = 200
ERROR_THRESHOLD = 400
"""Answers from this status on are not endorsed and never reach the ledger."""
ERROR = 500


@dataclass(frozen=True, slots=True)
class Response:
    """Outcome of one invocation: status as in HTTP, a message for errors, a payload for results.

    Fabric drops the payload of an error on its way through the gateway: whatever a refusal says belongs in `message`.
    """

    status: int
    message: str = ""
    payload: bytes = b""

    def __post_init__(self) -> None:
        if not OK <= self.status < 600:
            raise ValueError(f"{self.status} is no status of an answer")

    @property
    def is_error(self) -> bool:
        """True if a peer does not endorse this answer."""
        return self.status >= ERROR_THRESHOLD


def success(payload: bytes = b"") -> Response:
    """Answer that is endorsed."""
    return Response(OK, "", payload)


def error(message: str, status: int = ERROR) -> Response:
    """Answer that is not endorsed; `status` must be 400 or more."""
    if status < ERROR_THRESHOLD:
        raise ValueError(f"an error needs a status of {ERROR_THRESHOLD} or more, not {status}")
    return Response(status, message)
