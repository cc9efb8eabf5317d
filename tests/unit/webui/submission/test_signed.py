"""Acts of weight: held back until the actor's key has signed exactly what is sent."""
from __future__ import annotations

import json
from typing import Any

from moyai_client import ActorKey
from moyai_contracts.api import canonical, directory

from moyai_webui.home import Actor, Submission
from moyai_webui.signing import text_to_sign
from tests.contract.channel import NANAO
from tests.contract.scene import ulid
from tests.unit.webui.submission.desk import FORM, Desk


def _held(desk: Desk, op: str) -> tuple[Submission, ActorKey]:
    """An administrator's act of weight that waits for a signature, and the administrator's key."""
    actor, key = desk.story.channel.administrator(NANAO)
    clerk = desk.story["clerk"].actor
    assert clerk is not None
    held = desk.submissions.hold(
        directory.SuspendAccount(clerk.account, "退職"), Actor(actor.account, actor.role, actor.office),
        until="unsigned", user_id="ADMIN", op=op, page="/directory/suspend_account", form=FORM)
    return held, key


def _signed(held: Submission, key: ActorKey, at: int, **changes: str) -> list[dict[str, Any]]:
    """What a browser makes of the text to sign."""
    message = json.loads(text_to_sign(held)) | changes
    proof = key.proof(at, held.account)
    return [proof | {"sig": key.sign(canonical.encode(message | {"proof": [proof]}))}]


def test_a_command_held_back_goes_with_its_signature(desk: Desk) -> None:
    op = ulid()
    held, key = _held(desk, op)
    assert held.state == "unsigned" and desk.submissions.resume() == 0 and desk.ledger.calls == []
    released = desk.submissions.release(op, _signed(held, key, desk.story.channel.now))
    assert released is not None and released.state == "recorded" and desk.on_the_chain(op) == 1
    assert desk.submissions.release(op) == released, "a second signature changes nothing"


def test_a_signature_over_something_else_is_refused(desk: Desk) -> None:
    op = ulid()
    held, key = _held(desk, op)
    refused = desk.submissions.release(op, _signed(held, key, desk.story.channel.now, reason="別の理由"))
    assert refused is not None and (refused.state, refused.refusal) == ("refused", "signature_invalid")
    assert desk.on_the_chain(op) == 0
    assert _held(desk, op)[0].state == "unsigned", "the form may be sent and signed anew"


def test_what_nobody_signed_is_forgotten_after_a_day(desk: Desk) -> None:
    op = ulid()
    _held(desk, op)
    desk.later(hours=25)
    desk.submissions.tidy()
    assert desk.submissions.submission(op) is None and desk.submissions.release(op) is None
