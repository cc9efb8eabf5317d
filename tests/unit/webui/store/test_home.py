"""People, pauses after wrong passwords, contacts and uploads."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import IntegrityError

from moyai_database.database import Database
from moyai_webui.home import SiteContact, User
from moyai_webui.sites.source_list import SourceList
from moyai_webui.store import schema
from moyai_webui.store.home import SqlHome

NOW = datetime(2024, 1, 9, 9, 0, tzinfo=timezone.utc)
MAIL = "bousai@nanao.example"
CLERK = User("01HKQ0000000000000000CLERK", MAIL, "hash", "七尾市 防災担当", "ACCOUNT", ("C",), "172022", mail=MAIL)


@pytest.fixture
def home(database_url: str) -> Iterator[SqlHome]:
    database = Database(database_url)
    schema.prepare(database)
    yield SqlHome(database)
    database.close()


def test_s11_a_person_is_found_by_id_and_login(home: SqlHome) -> None:
    home.save_user(CLERK)
    assert home.user(CLERK.user_id) == home.user_by_login(CLERK.login) == CLERK
    assert home.user("nobody") is None and home.user_by_login("nobody") is None
    assert home.mail_of_account("ACCOUNT") == "bousai@nanao.example"
    assert home.mail_of_account("ANOTHER") == ""
    assert home.users_by_mail(MAIL.upper()) == (CLERK,) and home.users_by_mail("another@nanao.example") == ()


def test_s11_a_login_belongs_to_one_person(home: SqlHome) -> None:
    home.save_user(CLERK)
    with pytest.raises(IntegrityError):
        home.save_user(User("01HKQ0000000000000000OTHER", CLERK.login, "", "", "", (), ""))


def test_s11_a_new_hash_replaces_the_old_one(home: SqlHome) -> None:
    home.save_user(CLERK)
    home.save_password_hash(CLERK.user_id, "stronger")
    found = home.user(CLERK.user_id)
    assert found is not None and found.password_hash == "stronger"


def test_s11_the_fifth_wrong_password_in_a_quarter_of_an_hour_starts_a_pause(home: SqlHome) -> None:
    login = "anybody, known or not"
    assert home.count_wrong_password(login, NOW - timedelta(minutes=16)) == 1  # too long ago to count
    for number in range(1, 5):
        assert home.count_wrong_password(login, NOW) == number
        assert home.locked_until(login, NOW) is None
    assert home.count_wrong_password(login, NOW) == 5
    assert home.locked_until(login, NOW) == NOW + timedelta(minutes=15)
    assert home.locked_until(login, NOW + timedelta(minutes=15)) is None
    assert home.locked_until("somebody else", NOW) is None


def test_s11_the_right_password_forgets_the_wrong_ones(home: SqlHome) -> None:
    for _ in range(5):
        home.count_wrong_password("login", NOW)
    home.clear_wrong_passwords("login")
    assert home.locked_until("login", NOW) is None
    assert home.count_wrong_password("login", NOW) == 1


def test_s10_a_contact_is_kept_and_changed(home: SqlHome) -> None:
    assert home.contact("CC0000000518") == SiteContact()
    for contact in (SiteContact("係", "sanno@nanao.example", "0000"), SiteContact("", "", "1111")):
        home.save_contact("CC0000000518", contact)
        assert home.contact("CC0000000518") == contact


def test_s10_an_upload_is_its_owners_for_an_hour(home: SqlHome) -> None:
    draft = home.save_draft("owner", "import_sites", b"\x00csv", NOW)
    assert home.draft(draft, "owner", NOW + timedelta(minutes=59)) == b"\x00csv"
    assert home.draft(draft, "somebody else", NOW) is None
    assert home.draft(draft, "owner", NOW + timedelta(hours=1)) is None
    later = home.save_draft("owner", "import_sites", b"", NOW + timedelta(hours=2))
    assert home.draft(draft, "owner", NOW) is None, "an expired upload is deleted when the next one comes"
    assert home.draft(later, "owner", NOW + timedelta(hours=2)) == b""


def test_e01_what_is_taken_is_gone_and_nobody_else_takes_it(home: SqlHome) -> None:
    draft = home.save_draft("owner", "device_file", b"key", NOW, timedelta(hours=24))
    assert home.take_draft(draft, "somebody else", NOW) is None
    assert home.take_draft(draft, "owner", NOW) == b"key"
    assert home.take_draft(draft, "owner", NOW) is None and home.draft(draft, "owner", NOW) is None


def test_e01_what_nobody_fetches_in_its_time_is_deleted(home: SqlHome) -> None:
    draft = home.save_draft("owner", "device_file", b"key", NOW, timedelta(hours=24))
    home.forget_drafts(NOW + timedelta(hours=23))
    assert home.draft(draft, "owner", NOW + timedelta(hours=23)) == b"key"
    home.forget_drafts(NOW + timedelta(hours=24))
    assert home.draft(draft, "owner", NOW) is None


def test_the_imported_list_of_sites_is_kept_as_it_was_written(home: SqlHome) -> None:
    assert home.site_list() is None
    first = SourceList("ID,名称\r\n", "cp932", (("B", 'B,"二\n行"\r\n'), ("A", "A,一\r\n")))
    home.save_site_list(first)
    assert home.site_list() == first
    home.save_site_list(SourceList("ID,名称\n", "utf-8", (("A", "A,一\n"),)))
    assert home.site_list() == SourceList("ID,名称\n", "utf-8", (("A", "A,一\n"),))
