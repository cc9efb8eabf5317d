"""Where the municipality's mail server hands over what comes back: LMTP (RFC 2033), taken once it is stored."""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from moyai_webui.mail.returns import Returned, returned

LARGEST = 10 * 1024 * 1024  # bytes
NOT_STORED = "451 4.3.0 not stored, come again"

log = structlog.get_logger()


class ReturnDesk(Controller):
    """A server thread; start() and stop() it. `store` keeps a return and may raise: the mail is then not taken."""

    def __init__(self, store: Callable[[Returned], None], host: str, port: int) -> None:
        super().__init__(_Clerk(store), hostname=host, port=port)

    def factory(self) -> SMTP:
        """LMTP, since only the own mail server speaks here."""
        return LMTP(self.handler, data_size_limit=LARGEST)


class _Clerk:
    def __init__(self, store: Callable[[Returned], None]) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd under this name when a mail has come."""
        content: Any = envelope.content
        found = returned(envelope.rcpt_tos, bytes(content))
        if found is None:
            log.info("mail is no failure", to=envelope.rcpt_tos)
            return "250 2.0.0 nothing to note"
        try:
            await asyncio.get_running_loop().run_in_executor(None, self._store, found)
        except Exception as error:  # whatever it is, the mail server keeps the mail and comes again
            log.error("returned mail not stored", mail_id=found.mail_id, reason=repr(error))
            return NOT_STORED
        return "250 2.0.0 noted"
