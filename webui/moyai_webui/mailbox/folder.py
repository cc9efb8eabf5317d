"""Caught mails as .eml files, newest first."""
from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from pathlib import Path

from ulid import ULID

_NAME = re.compile(r"[0-9A-Z]{26}")


@dataclass(frozen=True)
class Caught:
    """One mail; `name` names it in the folder and in addresses of the page."""

    name: str
    at: datetime
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "（件名なし）")

    @property
    def sender(self) -> str:
        """Display name and address as the mail gives them."""
        return str(self.message["From"] or "")

    @property
    def recipients(self) -> str:
        """Addresses, those of the envelope where the mail names none."""
        named = [address for _, address in getaddresses(self.message.get_all("To", [])) if address]
        return "、".join(named) or str(self.message["X-Envelope-To"] or "")

    def body(self, kind: str) -> str:
        """The text or HTML of the mail; empty where it has none."""
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content())


class Folder:
    """The folder; several processes may use it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, content: bytes, recipients: list[str]) -> str:
        """Stores a mail whole or not at all; returns its name."""
        name = str(ULID())
        draft = self._path / f"{name}.part"
        with open(draft, "xb") as file:
            file.write(f"X-Envelope-To: {', '.join(recipients)}\r\n".encode() + content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._path / f"{name}.eml")
        return name

    def mails(self) -> list[Caught]:
        """All mails, newest first."""
        names = sorted((path.stem for path in self._path.glob("*.eml")), reverse=True)
        return [mail for name in names if (mail := self.mail(name)) is not None]

    def mail(self, name: str) -> Caught | None:
        """One mail; None where there is none of this name."""
        path = self._path / f"{name}.eml"
        if not _NAME.fullmatch(name) or not path.is_file():
            return None
        message = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(message, EmailMessage)  # what the policy makes
        return Caught(name, datetime.fromtimestamp(ULID.from_str(name).timestamp, timezone.utc), message)
