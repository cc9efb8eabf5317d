"""Where everything is after `make up`."""
from __future__ import annotations

from io import StringIO
from pathlib import Path

import qrcode
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from moyai_client import Profile
from moyai_client.directory import console_profiles
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from moyai_webui.mailbox.serving import ADDRESS_FILE
from moyai_webui.preparation import ACCOUNTS_FILE, AccountsFile
from moyai_webui.rendered_settings import settings_of

NEXT_STEP = """Next: sign in to 七尾市 as its administrator and import the list of shelters (管理 → 避難所の一覧を取り込む),
or let 'make demo-data' tell the whole story: shelters, needs, offers, boxes."""
PHONES = """Phones on this network: open {address} (the code below), install the certificate as it says there, and
compare its fingerprint: {fingerprint}
A firewall on this machine must let the ports above through."""


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
    return Group(places, "", people, "", *_phones(state), NEXT_STEP)


def _phones(state: Path) -> list[RenderableType]:
    """How a phone of the local network comes to trust this one, where it is served."""
    page = state / "lan" / "page"
    if not page.is_file():
        return []
    address = page.read_text("utf-8").strip()
    code = qrcode.QRCode(border=2)
    code.add_data(address)
    drawn = StringIO()
    code.print_ascii(out=drawn, invert=True)
    return [Text(PHONES.format(address=address, fingerprint=_fingerprint(state / "lan" / "ca.pem"))),
            Text(drawn.getvalue())]


def _fingerprint(ca: Path) -> str:
    digest = x509.load_pem_x509_certificate(ca.read_bytes()).fingerprint(hashes.SHA256()).hex().upper()
    return " ".join(digest[start:start + 4] for start in range(0, len(digest), 4))
