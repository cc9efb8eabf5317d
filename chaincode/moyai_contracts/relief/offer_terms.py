"""When an offer holds."""
from __future__ import annotations

from moyai_contracts.api.refusals import Refusal
from moyai_contracts.business_date import is_over
from moyai_contracts.transaction import Document


def is_expired(offer: Document, today: str) -> bool:
    """Whether the offer's period or the goods' own date has passed; both last until the end of their day."""
    ends = (offer.get("available_until"), offer.get("expires_on"))
    return any(end is not None and is_over(end, today) for end in ends)


def require_period(available_from: str | None, available_until: str | None) -> None:
    """The period begins before it ends, or Refusal `bad_argument`."""
    if available_from and available_until and available_from > available_until:
        raise Refusal("bad_argument", field="available_until")
