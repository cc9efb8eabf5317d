"""Settings of the web UI's programs, as environment variables."""
from __future__ import annotations

import json

from moyai_network.definition import Consortium, Municipality
from moyai_network.layout import State
from moyai_network.rendering.meters import device_settings


def settings(consortium: Consortium, municipality: Municipality, state: State) -> dict[str, str]:
    """What the web UI, the projector and the worker of one municipality are told."""
    home, folder = state.home(municipality.code), state.webui(municipality.code)
    tracking = {member.code: consortium.public_url(member) for member in consortium.municipalities}
    return {
        "MOYAI_STATE": str(state.root),
        "MOYAI_MUNICIPALITY": municipality.code,
        "MOYAI_MUNICIPALITY_NAME": municipality.name,
        "MOYAI_PROFILE": str(home.profile("webui")),
        "MOYAI_WORKER_PROFILE": str(home.profile("worker")),
        "MOYAI_DATABASE_URL": municipality.database or f"sqlite:///{folder / 'moyai.sqlite'}",
        "MOYAI_SECRET_FILE": str(folder / "secret"),
        "MOYAI_PUBLIC_URL": consortium.public_url(municipality),
        "MOYAI_TRACKING_URLS": json.dumps(tracking),
        "MOYAI_SMTP_HOST": consortium.mailbox.host,
        "MOYAI_SMTP_PORT": str(consortium.mailbox.smtp),
        "MOYAI_MAIL_FROM": municipality.mail.sender,
        "MOYAI_OFFICE_MAIL": municipality.mail.office,
        "MOYAI_RETURNED_MAIL_HOST": municipality.host,
        "MOYAI_RETURNED_MAIL_PORT": str(municipality.ports.returned_mail),
        **device_settings(municipality, state),
    }


def mailbox_settings(consortium: Consortium, state: State) -> dict[str, str]:
    """What the mail catcher is told."""
    return {
        "MOYAI_MAILBOX_HOST": consortium.mailbox.host,
        "MOYAI_MAILBOX_SMTP_PORT": str(consortium.mailbox.smtp),
        "MOYAI_MAILBOX_PAGE_PORT": str(consortium.mailbox.page),
        "MOYAI_MAILBOX_FOLDER": str(state.root / "webui" / "mailbox"),
    }
