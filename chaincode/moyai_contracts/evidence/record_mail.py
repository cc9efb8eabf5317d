"""S8: what was mailed, and what came back."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.evidence import MailLine, RecordMail, mail_id
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory.accounts import own_account
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import WORKER, use_case


def _reads(command: RecordMail, code6: str, scope: str) -> Iterable[str]:
    for line in command.mails:
        yield keys.mail(code6, line.mail_id, line.n)
        yield _recipient(code6, line)
        if line.n > 0:
            yield keys.mail(code6, line.mail_id, line.n - 1)


@use_case(RecordMail, services=(), unaccounted=(WORKER,), reads=_reads)
def record_mail(tx: Transaction, command: RecordMail) -> None:
    """Recorded by the municipality whose database holds the recipient's address.

    Refuses: `bad_argument` (recipient, id), `time_out_of_range`, `id_reused`, `not_found` (recipient, the sending
    that a bounce belongs to), `foreign_record`.
    """
    for line in command.mails:
        _check_id(line)
    tx.new(keys.mail(tx.code6, line.mail_id, line.n) for line in command.mails)
    tx.require_past(*(line.handed_at for line in command.mails))
    for line in sorted(command.mails, key=lambda line: line.n):
        _record(tx, line)
    tx.emit(mails=[{"mail_id": line.mail_id, "n": line.n, "kind": line.kind, "cause_tx": line.cause_tx,
                    "outcome": line.outcome} for line in command.mails])


def _check_id(line: MailLine) -> None:
    if (line.account is None) == (line.site is None):
        raise Refusal("bad_argument", field="account, site")
    if line.mail_id != mail_id(line.cause_tx, line.kind, line.account or line.site or ""):
        raise Refusal("bad_argument", field="mail_id")


def _record(tx: Transaction, line: MailLine) -> None:
    if line.account is not None:
        own_account(tx, line.account)
    else:
        tx.need_document(_recipient(tx.code6, line))
    if line.n > 0:
        tx.need_document(keys.mail(tx.code6, line.mail_id, line.n - 1))
    tx.create(keys.mail(tx.code6, line.mail_id, line.n), {
        "kind": line.kind, "cause_tx": line.cause_tx, "account": line.account, "site": line.site,
        "handed_at": line.handed_at, "outcome": line.outcome, "message_id_sha256": line.message_id_sha256})


def _recipient(code6: str, line: MailLine) -> str:
    return keys.account(line.account) if line.account is not None else keys.site(code6, line.site or "")
