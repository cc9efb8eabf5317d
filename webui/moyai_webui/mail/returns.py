"""Mails that come back: which of ours it was, and what the other mail server says (RFC 3464). Pure."""
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default

from moyai_contracts.api.identifiers import CROCKFORD

REPORT, STATUS = "multipart/report", "message/delivery-status"
_MAIL_ID = f"[{CROCKFORD}]{{26}}"
_RETURN = re.compile(rf"\+({_MAIL_ID})@", re.IGNORECASE)
_MESSAGE_ID = re.compile(rf"<({_MAIL_ID})@", re.IGNORECASE)
MOST_LETTERS = 500


@dataclass(frozen=True)
class Returned:
    """One of our mails did not arrive. `answer`: status and words of the server that gave up."""

    mail_id: str
    answer: str


def return_address(sender: str, mail_id: str) -> str:
    """Where a mail comes back to: the sender's own mailbox, with the mail's id behind a plus (RFC 5233)."""
    local, _, domain = sender.rpartition("@")
    return f"{local}+{mail_id.lower()}@{domain}"


def returned(recipients: Iterable[str], content: bytes) -> Returned | None:
    """What a mail to our return address tells; None where it is no failure: an answer by a person or a machine on
    holiday, a delay, or nothing of ours."""
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)  # what the policy makes
    if message.get_content_type() != REPORT:
        return None
    failed = [block for block in _blocks(message) if str(block.get("Action", "")).strip().lower() == "failed"]
    mail_id = _mail_id(recipients, message)
    if not failed or not mail_id:
        return None
    words = " ".join(f"{failed[0].get('Status', '')} {failed[0].get('Diagnostic-Code', '')}".split())
    return Returned(mail_id, words[:MOST_LETTERS])


def _blocks(message: EmailMessage) -> Iterable[Message]:
    """The groups of fields of a delivery status, one a recipient."""
    for part in message.walk():
        if part.get_content_type() == STATUS:
            payload = part.get_payload()
            yield from (block for block in payload if isinstance(block, Message)) if isinstance(payload, list) else ()


def _mail_id(recipients: Iterable[str], message: EmailMessage) -> str:
    """From the address it came back to, else from the header of the mail that it carries."""
    found = next((match for address in recipients if (match := _RETURN.search(address))), None)
    found = found or next((match for part in message.walk() if part is not message
                           if (match := _MESSAGE_ID.search(_carried(part)))), None)
    return found[1].upper() if found else ""


def _carried(part: Message) -> str:
    """The Message-ID of a mail that came back whole, or the headers of one that came back as text."""
    if part.get_content_type() == "text/rfc822-headers":
        return str(part.get_payload())
    return str(part.get("Message-ID", ""))
