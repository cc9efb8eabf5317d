"""A TLS socket that gathers what is sent until it is flushed: many small messages, few TLS records.

Mosquitto reads one record of a connection, saves its whole store, and reads the next. Hundreds of acknowledgements in a
record of their own each would be as many saves.
"""
from __future__ import annotations

import ssl
from typing import Any

RECORD_BYTES = 16_384
"""Most that a TLS record takes."""
CLOSING_SECONDS = 2.0


class GatheringSocket(ssl.SSLSocket):
    """Made by an SSLContext whose `sslsocket_class` it is."""

    _gathered: bytearray | None = None

    @property
    def has_gathered(self) -> bool:
        """Whether something waits to be flushed."""
        return bool(self._gathered)

    def send(self, data: Any, flags: int = 0) -> int:
        """Gathers all of it."""
        if self._gathered is None:
            self._gathered = bytearray()
        self._gathered += data
        return len(data)

    def flush(self) -> None:
        """Sends what was gathered, as far as the connection takes it. Raises SSLWantWriteError, SSLWantReadError where
        the rest has to wait, OSError where the connection is broken."""
        while self._gathered:
            del self._gathered[:super().send(bytes(self._gathered[:RECORD_BYTES]))]

    def close(self) -> None:
        """Flushes for a moment at most, and closes."""
        try:
            if self.has_gathered:
                self.settimeout(CLOSING_SECONDS)
                self.flush()
        except OSError:
            self._gathered = None  # the connection is broken: what is under way is lost, gathered or not
        finally:
            super().close()
