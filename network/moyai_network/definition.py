"""The one definition of the consortium, network.yaml, read into frozen values."""
from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Iterator

import yaml

from moyai_network.errors import DefinitionError

DEFAULT_DEFINITION = Path("network/network.yaml")
SMALLEST_CONSORTIUM = 3
"""Majority endorsement and Raft both need three: of two members a majority is both."""

DEFAULT_LAN_PAGE = 7970
"""Port of the page from which phones fetch the CA's certificate."""
_HALF_HOUR = 1800
"""Seconds between two anchors of a bridge: meters are read as often."""
_GRACE_HOURS = 72
"""A meter that lost its network over a weekend still gets into its month."""
_MOST_BRIDGES = 9

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_MSP_ID = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_ROMAJI = re.compile(r"[A-Za-z][A-Za-z '-]{0,63}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_DURATION = re.compile(r"[1-9][0-9]{0,5}(ms|s)")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_DATABASE = re.compile(r"postgresql://\S+")


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports of one municipality's programs, all on its host."""

    ca: int
    ca_operations: int
    orderer: int
    orderer_admin: int
    orderer_operations: int
    peer: int
    peer_chaincode: int
    peer_operations: int
    contract_service: int
    broker: int
    webui: int
    returned_mail: int


@dataclass(frozen=True, slots=True)
class Mail:
    """Addresses of a municipality: the sender of its mails, and the office that receives what concerns it."""

    sender: str
    office: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The local mail catcher: it listens for SMTP at one port and shows what came on a page at the other."""

    host: str
    smtp: int
    page: int


@dataclass(frozen=True, slots=True)
class Municipality:
    """One member: 6-digit code (JIS X 0402 with check digit), names, MSP, host and ports.

    `database`: URL of its PostgreSQL database; without one its programs keep SQLite files in the state folder.
    `bridges`: how many share the load of its meters.
    """

    code: str
    name: str
    kana: str
    romaji: str
    msp_id: str
    host: str
    mail: Mail
    ports: Ports
    database: str | None = None
    bridges: int = 1

    @property
    def bridge_names(self) -> tuple[str, ...]:
        """"1", "2", …"""
        return tuple(str(number + 1) for number in range(self.bridges))

    @property
    def server_name(self) -> str:
        """The name its TLS certificates are checked against."""
        return "localhost" if _is_address(self.host) else self.host

    def address(self, program: str) -> str:
        """host:port of `program`, a field of Ports."""
        return f"{self.host}:{getattr(self.ports, program)}"

    @property
    def public_url(self) -> str:
        """Where its residents reach the web UI."""
        return f"http://{self.address('webui')}"


@dataclass(frozen=True, slots=True)
class Consortium:
    """The whole definition; `municipalities` in the order of admission, the founder first.

    `anchor_seconds`: how often a bridge anchors what it has received. `totals_grace_hours`: how long a month's totals
    wait for missing readings.
    """

    channel: str
    chaincode: str
    batch_timeout: str
    anchor_seconds: int
    totals_grace_hours: int
    mailbox: Mailbox
    municipalities: tuple[Municipality, ...]
    lan_page: int = DEFAULT_LAN_PAGE
    lan: str | None = None
    """Address of this machine on which the web UIs are served to phones by https; decided when it is started."""

    def public_url(self, municipality: Municipality) -> str:
        """Where a municipality's residents reach the web UI."""
        if self.lan is None:
            return municipality.public_url
        return f"https://{self.lan}:{municipality.ports.webui}"

    def municipality(self, code: str) -> Municipality:
        """The member with this code; DefinitionError if there is none."""
        for municipality in self.municipalities:
            if municipality.code == code:
                return municipality
        raise DefinitionError(f"No municipality has the code {code}.")


def load(path: Path) -> Consortium:
    """Reads the definition; DefinitionError says in one sentence what is wrong with the file."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise DefinitionError(f"There is no definition {path}: name one with --definition.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path} cannot be read: {error}.") from error
    try:
        return parse(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        raise DefinitionError(f"{path} is not YAML{line}.") from error
    except DefinitionError as error:
        raise DefinitionError(f"{path}: {error}") from error


def parse(document: Any) -> Consortium:
    """The consortium a YAML document describes; DefinitionError names the first thing that is wrong."""
    optional = {"batch_timeout", "anchor_seconds", "totals_grace_hours", "lan_page"}
    document = _mapping(document, "The definition", {"channel", "chaincode", "mailbox", "municipalities"} | optional,
                        optional=optional)
    members = document["municipalities"]
    if not isinstance(members, list) or len(members) < SMALLEST_CONSORTIUM:
        raise DefinitionError(f"municipalities must list at least {SMALLEST_CONSORTIUM} members.")
    consortium = Consortium(
        channel=_matching(document["channel"], _NAME, "channel"),
        chaincode=_matching(document["chaincode"], _NAME, "chaincode"),
        batch_timeout=_matching(document.get("batch_timeout", "50ms"), _DURATION, "batch_timeout"),
        anchor_seconds=_number(document.get("anchor_seconds", _HALF_HOUR), 86400, "anchor_seconds"),
        totals_grace_hours=_number(document.get("totals_grace_hours", _GRACE_HOURS), 24 * 28, "totals_grace_hours"),
        mailbox=_mailbox(document["mailbox"]),
        municipalities=tuple(_municipality(member, number) for number, member in enumerate(members, 1)),
        lan_page=_port(document.get("lan_page", DEFAULT_LAN_PAGE), "lan_page"),
    )
    for field in ("code", "name", "romaji", "msp_id"):
        _unique(consortium, field)
    _distinct_ports(consortium)
    return consortium


def check_digit(code5: str) -> str:
    """Check digit of a local government code (JIS X 0402) for its first five digits."""
    total = sum(int(digit) * weight for digit, weight in zip(code5, (6, 5, 4, 3, 2), strict=True))
    return str((11 - total % 11) % 10)


def _municipality(document: Any, number: int) -> Municipality:
    where = f"Municipality {number}"
    document = _mapping(document, where, {field.name for field in fields(Municipality)},
                        optional={"database", "bridges"})
    code = document["code"]
    if not isinstance(code, str) or not re.fullmatch(r"[0-9]{6}", code):
        raise DefinitionError(f"{where}: the code must be six digits in quotes, not {code!r}.")
    if code[5] != check_digit(code[:5]):
        raise DefinitionError(f"{where}: the code {code} has a wrong check digit.")
    where = f"Municipality {code}"
    mail = _mapping(document["mail"], f"{where}: mail", {"from", "office"})
    return Municipality(
        code=code,
        name=_text(document["name"], f"{where}: name"),
        kana=_text(document["kana"], f"{where}: kana"),
        romaji=_matching(document["romaji"], _ROMAJI, f"{where}: romaji"),
        msp_id=_matching(document["msp_id"], _MSP_ID, f"{where}: msp_id"),
        host=_matching(document["host"], _HOST, f"{where}: host"),
        mail=Mail(sender=_matching(mail["from"], _MAIL, f"{where}: mail.from"),
                  office=_matching(mail["office"], _MAIL, f"{where}: mail.office")),
        ports=_ports(document["ports"], where),
        database=_matching(document["database"], _DATABASE, f"{where}: database") if "database" in document else None,
        bridges=_number(document.get("bridges", 1), _MOST_BRIDGES, f"{where}: bridges"),
    )


def _ports(document: Any, where: str) -> Ports:
    names = [field.name for field in fields(Ports)]
    document = _mapping(document, f"{where}: ports", set(names))
    return Ports(**{name: _port(document[name], f"{where}: port {name}") for name in names})


def _mailbox(document: Any) -> Mailbox:
    document = _mapping(document, "mailbox", {"host", "smtp", "page"})
    return Mailbox(host=_matching(document["host"], _HOST, "mailbox: host"),
                   smtp=_port(document["smtp"], "mailbox: port smtp"),
                   page=_port(document["page"], "mailbox: port page"))


def listening(consortium: Consortium) -> Iterator[tuple[str, int, str]]:
    """Every (host, port, what listens there) of the definition."""
    for municipality in consortium.municipalities:
        for field in fields(Ports):
            yield municipality.host, getattr(municipality.ports, field.name), f"{field.name} of {municipality.name}"
    yield consortium.mailbox.host, consortium.mailbox.smtp, "smtp of the mailbox"
    yield consortium.mailbox.host, consortium.mailbox.page, "page of the mailbox"


def _distinct_ports(consortium: Consortium) -> None:
    taken: dict[tuple[str, int], str] = {}
    for host, port, owner in listening(consortium):
        if (host, port) in taken:
            raise DefinitionError(f"Port {port} on {host} is given twice: {taken[host, port]} and {owner}.")
        taken[host, port] = owner


def _unique(consortium: Consortium, field: str) -> None:
    values = [getattr(municipality, field) for municipality in consortium.municipalities]
    for value in values:
        if values.count(value) > 1:
            raise DefinitionError(f"Two municipalities have the {field} {value}.")


def _mapping(document: Any, where: str, known: set[str], optional: frozenset[str] | set[str] = frozenset()) -> dict:
    if not isinstance(document, dict):
        raise DefinitionError(f"{where} must be a mapping.")
    for name in document:
        if name not in known:
            raise DefinitionError(f"{where} has an unknown field {name!r}.")
    for name in sorted(known - optional):
        if name not in document:
            raise DefinitionError(f"{where} lacks the field {name!r}.")
    return document


def _matching(value: Any, pattern: re.Pattern[str], where: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise DefinitionError(f"{where} cannot be {value!r}.")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 40:
        raise DefinitionError(f"{where} must be a text of 1 to 40 characters.")
    return value


def _port(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1024 <= value <= 65535:
        raise DefinitionError(f"{where} must be a number from 1024 to 65535, not {value!r}.")
    return value


def _number(value: Any, most: int, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise DefinitionError(f"{where} must be a number from 1 to {most}, not {value!r}.")
    return value


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
