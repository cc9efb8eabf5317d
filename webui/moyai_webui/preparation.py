"""Making the web UIs ready: databases, secrets, and the demonstration's accounts."""
from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from moyai_client.directory import Console, new_account_id, open_consoles, open_official
from moyai_contracts.api.directory import AccountLine, OpenAccount
from moyai_contracts.api.identifiers import CROCKFORD
from moyai_database.database import Database

from moyai_webui.accounts import normal_login
from moyai_webui.presentation.formats import today
from moyai_webui.rendered_settings import settings_of
from moyai_webui.settings import Settings
from moyai_webui.store import schema
from moyai_webui.store.home import SqlHome
from moyai_webui.tag_keys import prepare_readings
from moyai_webui.users import Person, create_user

ACCOUNTS_FILE = "accounts.json"
SHELTERS = {"172022": ("CC0000000518", "山王小学校", "sanno")}
"""Whose staff gets an account: municipality → site id, name, login."""
RESIDENTS = {"172022": ("jumin", "住民（太陽光のある家）")}
"""Who has the first of the simulated homes: municipality → login, name."""
RESIDENT = "M"
SECRET_BYTES = 32

Tell = Callable[[str], None]


@dataclass(frozen=True)
class DemonstrationAccount:
    """An entry of accounts.json; `password` in clear, since this is the demonstration's list of keys."""

    municipality: str
    name: str
    login: str
    password: str
    account: str
    roles: tuple[str, ...]
    office: str


def prepare(state: Path, tell: Tell) -> None:
    """Everything that the web UIs below a state folder need to start; what is there stays. Raises NotReady,
    MoyaiError."""
    consoles = open_consoles(state)
    accounts = AccountsFile(state / ACCOUNTS_FILE)
    every = [settings_of(state, console.code6) for console in consoles]
    prepare_readings([settings.readings_url for settings in every if settings.readings_url], today(),
                     all_here=len(consoles) == len(consoles[0].profile.gateways))
    for console, settings in zip(consoles, every, strict=True):
        _make_secret(settings.secret)
        database = Database(settings.database)
        schema.prepare(database)
        wanted = _people(console, settings, accounts)
        accounts.save()
        for entry in wanted:
            _open(console, entry)
            _let_in(database, entry)
        database.close()
        tell(f"{console.code6} {settings.municipality_name}: database and {len(wanted)} accounts are ready")


class AccountsFile:
    """accounts.json: written before anything is opened, so that an interrupted run goes on with the same ids."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries = self._read()

    def entry(self, municipality: str, login: str, make: Callable[[], DemonstrationAccount]) -> DemonstrationAccount:
        """The entry with this login, made anew where there is none."""
        for entry in self._entries:
            if (entry.municipality, entry.login) == (municipality, login):
                return entry
        self._entries.append(make())
        return self._entries[-1]

    def entries(self) -> Sequence[DemonstrationAccount]:
        return tuple(self._entries)

    def save(self) -> None:
        """Writes the file with mode 0600, whole or not at all."""
        draft = self._path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump([asdict(entry) for entry in self._entries], file, ensure_ascii=False, indent=1)
            file.write("\n")
        os.replace(draft, self._path)

    def _read(self) -> list[DemonstrationAccount]:
        try:
            content: list[dict[str, Any]] = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return []
        return [DemonstrationAccount(**entry | {"roles": tuple(entry["roles"])}) for entry in content]


def _people(console: Console, settings: Settings, accounts: AccountsFile) -> list[DemonstrationAccount]:
    """Administrator, clerk and, where a shelter is known, its staff; where homes are simulated, a resident."""
    administrator, _ = console.administrator()
    code6, town = console.code6, settings.municipality_name
    domain = settings.mail_from.rpartition("@")[2]
    wanted = [("kanri", f"{town} 管理者", "A", code6, administrator.account),
              ("bousai", f"{town} 防災担当", "C", code6, "")]
    if code6 in SHELTERS:
        site_id, name, login = SHELTERS[code6]
        wanted.append((login, f"{name} 避難所担当", "S", f"{code6}/{site_id}", ""))
    if code6 in RESIDENTS:
        login, name = RESIDENTS[code6]
        wanted.append((login, f"{town} {name}", RESIDENT, code6, ""))
    return [accounts.entry(code6, f"{login}@{domain}", lambda login=login, name=name, role=role, office=office,
                           account=account: DemonstrationAccount(  # type: ignore[misc]
                               code6, name, f"{login}@{domain}", _password(), account or new_account_id(), (role,),
                               office))
            for login, name, role, office, account in wanted]


def _open(console: Console, entry: DemonstrationAccount) -> None:
    """The account on the ledger; the administrator's stands there since the bootstrap."""
    if console.document("account", account_id=entry.account) is not None:
        return
    if entry.roles == (RESIDENT,):
        console.act(OpenAccount((AccountLine(entry.account, entry.roles, entry.office, "person"),)))
    else:
        open_official(console, entry.roles[0], entry.office, account_id=entry.account)


def _let_in(database: Database, entry: DemonstrationAccount) -> None:
    """The user in the home database; one that signs in with this account already keeps the password."""
    known = SqlHome(database).user_by_login(normal_login(entry.login))
    if known is None or known.account != entry.account:
        create_user(database, Person(entry.login, entry.name, entry.account, entry.roles, entry.office),
                    entry.password)


def _make_secret(path: Path) -> None:
    """A random secret with mode 0600; an existing one stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        os.replace(draft, path)


def _password() -> str:
    """Twelve symbols without look-alikes in three groups: 60 bits that can be typed from paper."""
    symbols = "".join(secrets.choice(CROCKFORD) for _ in range(12)).lower()
    return "-".join(symbols[start:start + 4] for start in (0, 4, 8))
