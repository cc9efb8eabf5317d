"""Handing one mail to the mail server, and saying exactly what became of it."""
from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

TIMEOUT_SECONDS = 30.0
_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
"""What may stand between < and > in SMTP: ASCII without blanks and angle brackets."""


class NotTaken(Exception):
    """The mail is certainly not on its way. `for_good`: coming again is useless; `answered`: a server said so."""

    def __init__(self, answer: str, *, for_good: bool = False, answered: bool = True) -> None:
        super().__init__(answer)
        self.answer = answer
        self.for_good = for_good
        self.answered = answered


class Doubtful(Exception):
    """The whole mail went out and no answer came: the server may have taken it or not."""


@dataclass(frozen=True)
class PostOffice:
    """A mail server, spoken to in plain SMTP or, where it offers that, after STARTTLS."""

    host: str
    port: int
    timeout: float = TIMEOUT_SECONDS

    def hand_over(self, message: EmailMessage, sender: str, recipient: str) -> str:
        """The server's answer to a mail that it took. Raises NotTaken or Doubtful."""
        for address in (sender, recipient):
            if not is_address(address):
                raise NotTaken("not a mail address", for_good=True)
        content = _content(message)
        try:
            smtp = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise NotTaken(f"not reached: {error}", answered=False) from error
        try:
            _announce(smtp, sender, recipient)
            answer = _deliver(smtp, content)
            # The mail was taken: how the connection ends changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            return answer
        finally:
            smtp.close()


def is_address(text: str) -> bool:
    """Whether a mail server can be asked to bring a mail there."""
    return _ADDRESS.fullmatch(text) is not None


def _announce(smtp: smtplib.SMTP, sender: str, recipient: str) -> None:
    """Everything before the mail itself; whatever goes wrong here, the server has no mail."""
    try:
        smtp.ehlo_or_helo_if_needed()
        if smtp.has_extn("starttls"):
            _expect(smtp.starttls(context=_opportunistic()))
            smtp.ehlo_or_helo_if_needed()
        _expect(smtp.mail(sender))
        _expect(smtp.rcpt(recipient))
        _expect(smtp.docmd("DATA"), first_digit=3)
    except (OSError, smtplib.SMTPException) as error:
        raise NotTaken(f"connection lost: {error}", answered=False) from error


def _deliver(smtp: smtplib.SMTP, content: bytes) -> str:
    try:
        smtp.send(content)
        answer = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise Doubtful(f"no answer to the mail: {error}") from error
    return _expect(answer)


def _expect(answer: tuple[int, bytes], first_digit: int = 2) -> str:
    """The answer as text if it is a yes. 5… is a refusal for good, anything else asks to come again."""
    code, words = answer
    text = f"{code} {words.decode('utf-8', 'replace')}"
    if code // 100 != first_digit:
        raise NotTaken(text, for_good=code // 100 == 5)
    return text


def _content(message: EmailMessage) -> bytes:
    """The mail as it goes over the wire: lines that begin with a dot get a second one, a lone dot ends it."""
    lines = message.as_bytes(policy=SMTP)
    return re.sub(rb"(?m)^\.", b"..", lines).removesuffix(b"\r\n") + b"\r\n.\r\n"


def _opportunistic() -> ssl.SSLContext:
    """Between mail servers TLS is taken as offered: refusing an unknown certificate would mean sending in clear."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
