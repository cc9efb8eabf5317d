"""Accounts: senders with their home municipality, the own municipality's people, their keys."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from moyai_webui import account_rows, rows
from moyai_webui.store.home_tables import User
from moyai_webui.store.identity_tables import AccountMail, KeyName, OpenSession, SecondFactor
from moyai_webui.store.projection_tables import Account, ActorKey, Entry, EntryLink, Municipality, Site
from moyai_webui.store.queries import named
from moyai_webui.store.queries.paging import count, cut, has_words

Home = aliased(Municipality)
"""The municipality of an account, where another one stands in the same question."""

KEY_EVENTS = ("directory.key_registered", "directory.key_confirmed", "directory.key_revoked")


def party(session: Session, account_id: str) -> rows.Party | None:
    """The sender with an account."""
    found = session.execute(select(Account, Municipality).join(Municipality, Municipality.code6 == Account.m)
                            .where(Account.account_id == account_id)).one_or_none()
    return None if found is None else named.party(*found)


def accounts(session: Session, wanted: account_rows.AccountFilter) -> rows.Page[account_rows.Account]:
    statement = _accounts().where(*_conditions(wanted))
    total, _ = count(session, statement)
    order = (func.coalesce(User.name, "") == "", User.name, Account.account_id)
    shown = session.execute(cut(statement.order_by(*order), wanted.page, wanted.size))
    return rows.Page(tuple(_account(session, *row) for row in shown), total, wanted.page, wanted.size)


def account(session: Session, account_id: str) -> account_rows.Account | None:
    found = session.execute(_accounts().where(Account.account_id == account_id)).first()
    return None if found is None else _account(session, *found)


def keys(session: Session, municipality: str, account_id: str) -> tuple[account_rows.ActorKey, ...]:
    wanted = (select(ActorKey, Account, User.name, KeyName.name)
              .join(Account, Account.account_id == ActorKey.account_id)
              .outerjoin(User, User.account == ActorKey.account_id)
              .outerjoin(KeyName, and_(KeyName.account == ActorKey.account_id, KeyName.key_id == ActorKey.key_id)))
    if municipality:
        wanted = wanted.where(Account.m == municipality)
    if account_id:
        wanted = wanted.where(ActorKey.account_id == account_id)
    found = [_key(session, *row) for row in session.execute(wanted)]
    order = ("self", "confirmed", "revoked")
    return tuple(sorted(found, key=lambda key: (order.index(key.state), key.owner, key.key_id)))


def _accounts() -> Select[Any]:
    return (select(Account, User, Site, Municipality, SecondFactor.confirmed)
            .join(Municipality, Municipality.code6 == Account.m)
            .outerjoin(User, User.account == Account.account_id)
            .outerjoin(SecondFactor, SecondFactor.user_id == User.user_id)
            .outerjoin(Site, and_(Site.code6 == Account.m, Account.office == Site.code6 + "/" + Site.site_id)))


def _conditions(wanted: account_rows.AccountFilter) -> Iterable[ColumnElement[bool]]:
    yield Account.m == wanted.municipality
    yield Account.status == wanted.status if wanted.status else Account.status != "closed"
    if wanted.role:
        yield cast(Account.roles, String).contains(f'"{wanted.role}"')
    if wanted.text:
        yield or_(Account.account_id == wanted.text.upper(), has_words(
            wanted.text, (User.name, User.login, Account.display_name, Account.office, Site.name, Site.kana)))


def _account(session: Session, row: Account, user: User | None, site: Site | None, municipality: Municipality,
             second_factor: bool | None) -> account_rows.Account:
    place = None if site is None else named.place(site, municipality)
    found = account_rows.Account(row.account_id, row.rev, tuple(row.roles), row.office, row.party, row.display_name,
                                 row.status, place)
    if user is None:
        return found
    outcome = select(AccountMail.state).where(AccountMail.user_id == user.user_id).order_by(
        AccountMail.created_at.desc()).limit(1)
    seen = select(func.max(OpenSession.seen_at)).where(OpenSession.user_id == user.user_id)
    return account_rows.Account(
        row.account_id, row.rev, tuple(row.roles), row.office, row.party, row.display_name, row.status, place,
        user_id=user.user_id, name=user.name, login=user.login, mail=user.mail, has_password=bool(user.password_hash),
        mail_confirmed=user.mail_confirmed, valid_until=user.valid_until, seen_at=session.scalar(seen),
        second_factor=bool(second_factor), mail_outcome=session.scalar(outcome) or "")


def _key(session: Session, row: ActorKey, owner: Account, name: str | None, device: str | None
         ) -> account_rows.ActorKey:
    told = {}
    linked = select(Entry, User.name).outerjoin(User, and_(User.account == Entry.account, Entry.account != "")).join(
        EntryLink, and_(EntryLink.block == Entry.block, EntryLink.number == Entry.number, EntryLink.part == Entry.part)
    ).where(EntryLink.ref == row.account_id, Entry.event.in_(KEY_EVENTS)).order_by(Entry.block, Entry.number)
    for entry, person in session.execute(linked):
        if entry.data.get("key_id") == row.key_id:
            told[entry.event] = (entry.at, person or ("コンソール" if not entry.account else "管理者"))
    registered, confirmed, revoked = (told.get(event, (None, "")) for event in KEY_EVENTS)
    return account_rows.ActorKey(
        row.account_id, name or owner.display_name or row.account_id[:6], tuple(owner.roles), row.key_id, row.grade,
        row.status, registered_at=registered[0], device=device or "", confirmed_by=confirmed[1],
        confirmed_at=confirmed[0], revoked_at=revoked[0])
