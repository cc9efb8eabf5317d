"""Writing a mail: to whom, what it says, in text and HTML, with links to the pages."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from moyai_contracts.api.command import LIVE
from moyai_webui.mail import words
from moyai_webui.mail.post_office import is_address
from moyai_webui.mail.returns import return_address
from moyai_webui.mail.subjects import subject
from moyai_webui.presentation import formats, vocabulary
from moyai_webui.reading import Reading
from moyai_webui.store.home import SqlHome
from moyai_webui.store.outbox import Outgoing


OF_A_DRILL = "これは訓練です。物資は動きません。"


@dataclass(frozen=True)
class Letterhead:
    """What all mails of a municipality have in common. Addresses may be empty: then nothing can be sent there."""

    municipality: str
    name: str
    sender: str
    office: str
    public_url: str


@dataclass(frozen=True)
class Letter:
    """A finished mail with its envelope: `sender` is where it comes back to, `recipient` is empty where nobody can be
    written to."""

    message: EmailMessage
    sender: str
    recipient: str


class Composer:
    """Writes the mails of one municipality from its read model and its own addresses."""

    def __init__(self, letterhead: Letterhead, reading: Reading, home: SqlHome,
                 clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._letterhead = letterhead
        self._reading = reading
        self._home = home
        self._clock = clock
        self._templates = Environment(loader=PackageLoader("moyai_webui.mail"), autoescape=select_autoescape(),
                                      undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self._templates.filters |= {"number": formats.number, "day": formats.day, "expiry": formats.expiry,
                                    "code": formats.package_code}
        self._templates.globals |= {"carriers": vocabulary.CARRIERS, "letterhead": letterhead, "goods": words.goods,
                                    "destination": words.destination, "of_a_drill": OF_A_DRILL}

    def compose(self, mail: Outgoing) -> Letter | None:
        """The mail, or None while the read model does not have what it tells of."""
        drill = mail.content.get("scope", LIVE) != LIVE
        matter = self._matter(mail, self._reading.in_scope(mail.content.get("scope", LIVE)))
        if matter is None:
            return None
        matter["drill"] = drill
        sender = self._letterhead.sender
        recipient = self._recipient(mail)
        message = EmailMessage()
        message["Subject"] = subject(mail.kind, mail.about, drill=drill)
        message["From"] = Address(f"{self._letterhead.name} もやい", addr_spec=sender)
        message["To"] = recipient if is_address(recipient) else "undisclosed-recipients:;"
        message["Date"] = format_datetime(self._clock())
        message["Message-ID"] = self.message_id(mail.mail_id)
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = "ja"
        text = self._templates.get_template(f"{mail.kind}.txt").render(matter)
        message.set_content(f"{OF_A_DRILL}\n\n{text}" if drill else text, cte="base64")
        message.add_alternative(self._templates.get_template(f"{mail.kind}.html").render(
            matter, title=vocabulary.MAIL_KINDS[mail.kind]), subtype="html", cte="base64")
        return Letter(message, return_address(sender, mail.mail_id), recipient)

    def message_id(self, mail_id: str) -> str:
        """The same for every attempt at a mail."""
        return f"<{mail_id}@{self._letterhead.sender.rpartition('@')[2]}>"

    def _recipient(self, mail: Outgoing) -> str:
        """The person of a site or account, else the office that looks after both."""
        found = self._home.contact(mail.site).mail if mail.site else self._home.mail_of_account(mail.account)
        return found or self._letterhead.office

    def _matter(self, mail: Outgoing, reading: Reading) -> dict[str, Any] | None:
        """What the templates speak of."""
        content, url = mail.content, self._letterhead.public_url.rstrip("/")
        if mail.kind == "offer_registered":
            offer = reading.offer(content["offer_id"])
            need = reading.need(offer.aimed_at) if offer and offer.aimed_at else None
            return {"offer": offer, "need": need, "url": f"{url}/relief/offers/{content['offer_id']}"} if need else None
        if mail.kind == "consignment_shipped":
            packages = [reading.package(package_id) for package_id in content["packages"]]
            return {"packages": packages, "url": f"{url}/relief/arrivals?tab=coming"} if all(packages) else None
        dispatches = [reading.dispatch(*ids) for ids in content["dispatches"]]
        if not all(dispatches):
            return None
        if mail.kind == "dispatch_requested":
            return {"dispatches": dispatches, "url": f"{url}/relief/dispatches"}
        package = reading.package(content["package_id"])
        theirs = {dispatch_id for _, dispatch_id in content["dispatches"]}
        lines = [line for line in package.lines if line.dispatch_id in theirs] if package else []
        return {"package": package, "lines": lines, "url": f"{url}/records/{content['package_id']}"} if lines else None
