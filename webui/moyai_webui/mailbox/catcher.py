"""The SMTP side of the mailbox."""
from __future__ import annotations

import asyncio
import logging

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from moyai_webui.mailbox.folder import Folder


class Catcher:
    """Takes every mail for anybody; the 250 comes after the mail is on the disk."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd under this name when a mail has come."""
        content = envelope.content
        assert isinstance(content, bytes)  # the controller does not decode
        name = await asyncio.get_running_loop().run_in_executor(
            None, self._folder.keep, content, list(envelope.rcpt_tos))
        return f"250 kept as {name}"


def controller(folder: Folder, host: str, port: int) -> Controller:
    """A server thread for the folder; start() and stop() it."""
    # aiosmtpd tells senders and recipients of every mail at INFO: addresses have no place in logs.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    return Controller(Catcher(folder), hostname=host, port=port)
