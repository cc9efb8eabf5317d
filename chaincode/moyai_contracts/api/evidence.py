"""Commands of the context `evidence`: what was mailed."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated

from moyai_contracts.api.command import AccountId, Command, Time, transaction
from moyai_contracts.api.directory import Sha256, SiteId
from moyai_contracts.api.identifiers import CROCKFORD, RANDOM_26_PATTERN
from moyai_contracts.api.schema import Length, OneOf, Pattern, Range

MAIL_KINDS = ("offer_registered", "dispatch_requested", "consignment_shipped", "package_received")
MailId = Annotated[str, Pattern(RANDOM_26_PATTERN)]
BounceNumber = Annotated[int, Range(0, 99)]
"""0 = handed over, 1… = later bounces."""
OUTCOMES = ("accepted", "deferred", "bounced")


@dataclass(frozen=True)
class MailLine:
    """One sending: to an account or a site of the own municipality."""
    mail_id: MailId
    n: BounceNumber
    kind: Annotated[str, OneOf(MAIL_KINDS)]
    cause_tx: Sha256
    handed_at: Time
    outcome: Annotated[str, OneOf(OUTCOMES)]
    message_id_sha256: Sha256
    account: AccountId | None = None
    site: SiteId | None = None


@transaction("evidence.record_mail", event="evidence.mail_recorded", data="mails")
class RecordMail(Command):
    """Records sendings in a batch."""
    mails: Annotated[tuple[MailLine, ...], Length(100)]


def mail_id(cause_tx: str, kind: str, recipient: str) -> str:
    """26 symbols of SHA-256(cause, kind, recipient): one mail a cause, kind and recipient (account id or site id)."""
    digest = hashlib.sha256("\n".join((cause_tx, kind, recipient)).encode()).digest()
    number = int.from_bytes(digest[:17])
    return "".join(CROCKFORD[(number >> (5 * index)) & 31] for index in range(26))
