"""The outbox as the office sees it."""
from __future__ import annotations

from moyai_contracts.api.command import LIVE
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from moyai_webui import rows
from moyai_webui.mail.subjects import subject
from moyai_webui.store.home_tables import OutgoingMail, ReturnedMail
from moyai_webui.store.projection_tables import Site
from moyai_webui.store.queries import accounts
from moyai_webui.store.queries.paging import cut

BEING_SENT = "sending"
TROUBLED = ("bounced", "unknown", "deferred")


def mails(session: Session, municipality: str, scope: str, outcome: str, page: int, size: int) -> rows.Page[rows.Mail]:
    """Mails of one scope; those of drills name it in their content."""
    drill = OutgoingMail.content["scope"].as_string()
    statement = select(OutgoingMail).where(drill.is_(None) if scope == LIVE else drill == scope)
    if outcome:
        statement = statement.where(_outcome(outcome))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    shown = session.scalars(cut(statement.order_by(OutgoingMail.created_at.desc(), OutgoingMail.mail_id), page, size))
    return rows.Page(tuple(_mail(session, municipality, row) for row in shown), total, page, size)


def _outcome(outcome: str) -> ColumnElement[bool]:
    """What was taken and came back did not arrive."""
    came_back = OutgoingMail.mail_id.in_(select(ReturnedMail.mail_id))
    if outcome == "bounced":
        return or_(OutgoingMail.state == outcome, came_back)
    states = (outcome, BEING_SENT) if outcome == "waiting" else (outcome,)
    return and_(OutgoingMail.state.in_(states), ~came_back)


def _mail(session: Session, municipality: str, row: OutgoingMail) -> rows.Mail:
    back = session.scalars(select(ReturnedMail).where(ReturnedMail.mail_id == row.mail_id)
                           .order_by(ReturnedMail.n.desc()).limit(1)).first()
    outcome = "bounced" if back else "waiting" if row.state == BEING_SENT else row.state
    return rows.Mail(
        mail_id=row.mail_id, kind=row.kind, to=_recipient(session, municipality, row),
        subject=subject(row.kind, row.about, drill="scope" in row.content), created_at=row.created_at,
        outcome=outcome, handed_at=row.handed_at, recorded=row.recorded,
        record_id=_record(row), site=row.site,
        answer=back.answer if back else row.answer if row.state in TROUBLED else "")


def _recipient(session: Session, municipality: str, row: OutgoingMail) -> str:
    """A site by its name, a sender as everybody may call her."""
    if row.site:
        site = session.get(Site, (municipality, row.site))
        return row.site if site is None else site.name
    party = accounts.party(session, row.account)
    return "支援者" if party is None else party.label


def _record(row: OutgoingMail) -> str:
    """What the mail tells of: an offer, a box, or a dispatch."""
    content = row.content
    if "offer_id" in content:
        return str(content["offer_id"])
    if "package_id" in content:
        return str(content["package_id"])
    return str(content["packages"][0] if "packages" in content else content["dispatches"][0][1])
