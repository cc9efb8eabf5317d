"""What runs beside the web server: one program projects blocks, one works off what waits, one rebuilds."""
from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from moyai_client import Ledger, Profile
from moyai_database.database import Database

from moyai_webui.mail.account_letters import AccountLetters
from moyai_webui.mail.composer import Composer, Letterhead
from moyai_webui.mail.post_office import PostOffice
from moyai_webui.mail.return_desk import ReturnDesk
from moyai_webui.mail.returns import Returned
from moyai_webui.mail.worker import MailWorker
from moyai_webui.presentation.formats import now
from moyai_webui.projection.projector import Projector
from moyai_webui.projection.rebuild import Progress
from moyai_webui.projection.rebuild import rebuild as rebuild_projection
from moyai_webui.reception import Reception
from moyai_webui.settings import Settings
from moyai_webui.store import schema
from moyai_webui.store.home import SqlHome
from moyai_webui.store.identity import open_identity
from moyai_webui.store.outbox import Outbox
from moyai_webui.store.people import SqlPeople
from moyai_webui.store.projection_store import ProjectionStore
from moyai_webui.store.reading import SqlReading
from moyai_webui.store.rebuild import fresh_projection
from moyai_webui.store.submissions import SubmissionStore
from moyai_webui.store.tickets import SqlAccountMails
from moyai_webui.submission import LedgerSubmissions

ROUND_SECONDS = 1.0
ROUNDS_TO_TIDY = 600

log = structlog.get_logger()


def project(settings: Settings, stop: threading.Event) -> None:
    """Keeps the projection at the head of the chain until `stop` is set. Raises BrokenHandler."""
    database = _database(settings)
    ledger = Ledger.open(Profile.load(worker_profile(settings)))
    store = ProjectionStore(database.writing, settings.municipality)
    Projector(ledger, store, settings.municipality).run(stop)


def work(settings: Settings, stop: threading.Event) -> None:
    """Goes on with open commands, sends mails and records them, once a second until `stop` is set."""
    database = _database(settings)
    submissions = LedgerSubmissions(SubmissionStore(database, settings.municipality),
                                    Ledger.open(Profile.load(settings.profile)))
    mails = mail_worker(settings, database)
    mails.begin()
    reception = open_reception(settings, database, submissions)
    reception.begin()
    log.info("working", municipality=settings.municipality)
    with returned_mails(settings, database):
        _rounds(settings, database, submissions, mails, reception, stop)
    submissions.close()


def _rounds(settings: Settings, database: Database, submissions: LedgerSubmissions, mails: MailWorker,
            reception: Reception, stop: threading.Event) -> None:
    for number in itertools.count():
        if stop.wait(ROUND_SECONDS):
            break
        if number % ROUNDS_TO_TIDY == 0:
            submissions.tidy()
            SqlHome(database).forget_drafts(now())
            reception.tidy()
        reception.round()
        submissions.resume()
        mails.send()
        mails.record()


@contextmanager
def returned_mails(settings: Settings, database: Database) -> Iterator[None]:
    """Takes what the mail server hands back, while the block runs; nothing where no port is given."""
    if not settings.returned_mail_port:
        yield
        return
    outbox = Outbox(database, settings.municipality)

    def store(found: Returned) -> None:
        noted = outbox.came_back(found.mail_id, found.answer, now())
        log.warning("mail came back", mail_id=found.mail_id, answer=found.answer, new=noted)

    desk = ReturnDesk(store, settings.returned_mail_host, settings.returned_mail_port)
    desk.start()
    try:
        yield
    finally:
        desk.stop()


def rebuild(settings: Settings, *, replace: bool, progress: Progress) -> list[str]:
    """Makes the projection anew beside the live one; tells what differed. Raises BrokenHandler."""
    database = _database(settings)
    ledger = Ledger.open(Profile.load(worker_profile(settings)))
    with fresh_projection(database) as fresh:
        return rebuild_projection(ledger, fresh, settings.municipality, replace=replace, progress=progress)


def mail_worker(settings: Settings, database: Database) -> MailWorker:
    """The mail worker of these settings."""
    composer = Composer(letterhead(settings), SqlReading(database, settings.municipality), SqlHome(database))
    return MailWorker(Outbox(database, settings.municipality), composer,
                      PostOffice(settings.smtp_host, settings.smtp_port),
                      Ledger.open(Profile.load(worker_profile(settings))))


def open_reception(settings: Settings, database: Database, submissions: LedgerSubmissions) -> Reception:
    """What looks after people while they are away."""
    mails = SqlAccountMails(database)
    letters = AccountLetters(mails, letterhead(settings), PostOffice(settings.smtp_host, settings.smtp_port))
    return Reception(SqlPeople(database), open_identity(database), mails, letters, submissions,
                     SubmissionStore(database, settings.municipality))


def letterhead(settings: Settings) -> Letterhead:
    """What all mails of the municipality have in common."""
    return Letterhead(municipality=settings.municipality, name=settings.municipality_name, sender=settings.mail_from,
                      office=settings.office_mail, public_url=settings.public_url)


def worker_profile(settings: Settings) -> Path:
    """The profile of the service `worker`, beside that of the web UI unless said otherwise."""
    return settings.worker_profile or settings.profile.with_name("worker.json")


def _database(settings: Settings) -> Database:
    database = Database(settings.database)
    schema.check(database)
    return database
