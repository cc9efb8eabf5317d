"""Commands that an actor's own key signs: what the browser is shown, and what it sends back."""
from __future__ import annotations

from typing import Any

from moyai_contracts import api
from moyai_contracts.api import Refusal, canonical, schema
from moyai_contracts.api.command import LIVE, Proof, compose

from moyai_webui.home import Submission


def text_to_sign(submission: Submission) -> str:
    """The whole command as canonical JSON with its name as `function`: moyai-key.js adds `proof` and signs it."""
    command = schema.decode(api.TRANSACTIONS[submission.transaction], dict(submission.fields))
    actor = api.Actor(submission.account, submission.role, submission.office)
    message = compose(command, op=submission.op, actor=actor,
                      scope=None if submission.scope == LIVE else submission.scope)
    return canonical.encode(message | {"function": submission.transaction}).decode()


def proof_in(text: str) -> list[dict[str, Any]]:
    """The entries that a form's field `proof` holds. Raises Refusal where it is none; the contract verifies them."""
    try:
        entries = canonical.decode(text)
    except canonical.NotCanonical as error:
        raise Refusal("bad_argument", field="proof") from error
    if not isinstance(entries, list) or not 0 < len(entries) <= 2:
        raise Refusal("bad_argument", field="proof")
    return [schema.to_json(schema.decode(Proof, entry)) for entry in entries]
