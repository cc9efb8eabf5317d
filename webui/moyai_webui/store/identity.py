"""What signing in is built upon, from one database."""
from __future__ import annotations

from moyai_database.database import Database

from moyai_webui.identity import Identity
from moyai_webui.store.sessions import SqlSessions, SqlShifts
from moyai_webui.store.tickets import SqlAccountMails, SqlSecondFactors, SqlTickets


def open_identity(database: Database) -> Identity:
    return Identity(SqlSessions(database), SqlTickets(database), SqlAccountMails(database),
                    SqlSecondFactors(database), SqlShifts(database))
