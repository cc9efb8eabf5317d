"""Running the mail catcher: SMTP on one port, the page on another."""
from __future__ import annotations

import threading
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict
from werkzeug.serving import make_server

from moyai_webui.mailbox.catcher import controller
from moyai_webui.mailbox.folder import Folder
from moyai_webui.mailbox.page import create_page

ADDRESS_FILE = "address"
"""Holds the page's address while the mailbox runs."""


class MailboxSettings(BaseSettings):
    """What `network.yaml` decides for the mail catcher."""

    model_config = SettingsConfigDict(env_prefix="MOYAI_MAILBOX_", frozen=True)

    host: str = "127.0.0.1"
    smtp_port: int
    page_port: int
    folder: Path


def serve(settings: MailboxSettings, stop: threading.Event) -> None:
    """Catches and shows mails until `stop` is set. Raises OSError where a port is taken."""
    folder = Folder(settings.folder)
    page = make_server(settings.host, settings.page_port, create_page(folder), threaded=True)
    smtp = controller(folder, settings.host, settings.smtp_port)
    smtp.start()
    serving = threading.Thread(target=page.serve_forever, name="page")
    serving.start()
    address = settings.folder / ADDRESS_FILE
    address.write_text(f"http://{settings.host}:{settings.page_port}/\n", "utf-8")
    try:
        stop.wait()
    finally:
        address.unlink(missing_ok=True)
        smtp.stop()
        page.shutdown()
        serving.join()
        page.server_close()
