"""Where everything is after `make up`."""
from __future__ import annotations

from pathlib import Path

from moyai_client import Profile
from moyai_client.directory import console_profiles
from rich.console import Group, RenderableType
from rich.table import Table

from moyai_webui.mailbox.serving import ADDRESS_FILE
from moyai_webui.preparation import ACCOUNTS_FILE, AccountsFile
from moyai_webui.rendered_settings import settings_of

NEXT_STEP = """Next: sign in to 七尾市 as its administrator and import the list of shelters (管理 → 避難所の一覧を取り込む),
or let 'make demo-data' tell the whole story: shelters, needs, offers, boxes."""


def addresses_table(state: Path) -> RenderableType:
    """The web UIs, the mailbox, who can sign in with which password, and the next step. Raises NotReady."""
    places = Table("municipality", "address", box=None, pad_edge=False)
    for path in console_profiles(state):
        settings = settings_of(state, Profile.load(path).municipality)
        places.add_row(settings.municipality_name, settings.public_url)
    mailbox = state / "webui" / "mailbox" / ADDRESS_FILE
    if mailbox.is_file():
        places.add_row("mailbox", mailbox.read_text("utf-8").strip())
    people = Table("who", "login", "password", box=None, pad_edge=False)
    for entry in AccountsFile(state / ACCOUNTS_FILE).entries():
        people.add_row(entry.name, entry.login, entry.password)
    return Group(places, "", people, "", NEXT_STEP)
