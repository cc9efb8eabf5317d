"""What can go wrong, as a tree whose branches say what the caller may do next.

NotSent: nothing left, asking again is harmless. OutcomeUnknown: send the same envelope again. Invalidated: endorse
afresh. Refused: show the person why. The wording of the network is never interpreted, with one exception: the fixed
prefix in which a gateway wraps a contract's answer, read in `refusal_in` and nowhere else.
"""
from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from moyai_contracts.api import refusals

_CONTRACT_ANSWER = re.compile(r"chaincode response (\d{3}), (.*)", re.DOTALL)


class MoyaiError(Exception):
    """Root of everything this client raises on purpose."""


class ProfileError(MoyaiError):
    """A client profile, certificate or key cannot be used; the message says which file and why."""


class BrokenChain(MoyaiError):
    """A block's content or predecessor contradicts the hashes in its header."""


class NotSent(MoyaiError):
    """Nothing reached the ordering service; `details` are the sentences of the peers that were asked.

    `temporary` is false where asking again at once cannot help (a contract that raises, an identity nobody accepts).
    """

    def __init__(self, message: str, details: tuple[str, ...] = (), *, temporary: bool = True) -> None:
        super().__init__("; ".join((message, *details)))
        self.details = details
        self.temporary = temporary


class OutcomeUnknown(MoyaiError):
    """The transaction may or may not be committed; `Ledger.finish(envelope, transaction_id)` asks again safely."""

    def __init__(self, transaction_id: str, envelope: bytes, reason: str) -> None:
        super().__init__(f"outcome of transaction {transaction_id} is unknown: {reason}")
        self.transaction_id = transaction_id
        self.envelope = envelope


class Invalidated(MoyaiError):
    """Committed as invalid; `code` is Fabric's validation code, such as MVCC_READ_CONFLICT. Endorse afresh."""

    def __init__(self, code: str, transaction_id: str = "") -> None:
        super().__init__(f"transaction {transaction_id} was invalidated: {code}")
        self.code = code
        self.transaction_id = transaction_id


class EndorsementsDiffer(Invalidated):
    """The first peer endorsed, another one did not agree: usually the two are one block apart. Nothing was sent.

    `refusal` is the other peer's refusal where it gave one.
    """

    def __init__(self, details: tuple[str, ...], refusal: Refused | None = None) -> None:
        super().__init__("ENDORSEMENTS_DIFFER")
        self.args = ("; ".join(("the peers' answers differ", *details)),)
        self.details = details
        self.refusal = refusal


class Refused(MoyaiError):
    """A contract said no: `code` of LEDGER.md §2.6, its `params`, and `status` 400, 403, 404 or 409."""

    def __init__(self, code: str, params: Mapping[str, Any], status: int) -> None:
        super().__init__(f"{code} {dict(params)}")
        self.code = code
        self.params = dict(params)
        self.status = status

    @property
    def sentence(self) -> str:
        """What to tell the person, in Japanese, with the figures filled in."""
        return refusals.sentence(self.code, self.params)


def refusal_in(message: str) -> Refused | None:
    """The contract's refusal inside a peer's error message, or None where the message tells of something else."""
    found = _CONTRACT_ANSWER.fullmatch(message)
    if found is None:
        return None
    try:
        answer = json.loads(found[2])
    except ValueError:
        return None
    if not isinstance(answer, dict) or not isinstance(answer.get("code"), str):
        return None
    params = answer.get("params", {})
    return Refused(answer["code"], params if isinstance(params, dict) else {}, int(found[1]))
