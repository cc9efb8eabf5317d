"""A real SMTP server whose answers a test may script."""
from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from moyai_network.ports import free_ports

Answer = Callable[[SMTP], str]


class MailServer:
    """Keeps what it takes. `rcpt` and `data` answer the next mails; an empty list says yes."""

    def __init__(self, **options: object) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.senders: list[str] = []
        self.secure: list[bool] = []
        self.rcpt: list[str] = []
        self.data: list[Answer] = []
        (self.port,) = free_ports(1)
        self._options = options

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **self._options)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str,  # noqa: N802
                          options: list[str]) -> str:
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.data.pop(0)(server) if self.data else "250 taken"
        if answer.startswith("2"):
            message = message_from_bytes(bytes(envelope.content or b""), policy=default)
            assert isinstance(message, EmailMessage)
            self.mails.append(message)
            self.recipients += envelope.rcpt_tos
            self.senders.append(envelope.mail_from or "")
            self.secure.append(session.ssl is not None)
        return answer


def hang_up_after_taking(server: SMTP) -> str:
    """The mail is taken, and the line drops before the answer."""
    assert server.transport is not None
    server.transport.abort()
    return "250 nobody hears this"
