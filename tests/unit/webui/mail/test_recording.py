"""S8: what was sent stands on the ledger, in batches, once, without any address."""
from __future__ import annotations

import hashlib
from typing import Any

import pytest
from moyai_client import OutcomeUnknown

from moyai_webui.mail import worker as worker_module
from moyai_webui.home import SiteContact
from tests.contract.channel import NANAO
from tests.unit.webui.mail.mail_server import MailServer
from tests.unit.webui.mail.post import Post
from tests.unit.webui.town import TickingStory


def _offers(story: TickingStory, number: int) -> None:
    need_id = story.need(1000)
    for _ in range(number):
        story.offer(1, aimed_at=need_id)


def _recorded(story: TickingStory) -> list[list[dict[str, Any]]]:
    """The mails of each recording transaction."""
    return [each.event.payload["data"]["mails"] for each in story.channel.transactions()
            if each.valid and each.event is not None and each.event.name == "evidence.mail_recorded"]


def test_s08_sendings_are_recorded_together_after_five_seconds(post: Post, story: TickingStory) -> None:
    _offers(story, 3)
    post.send()
    assert post.worker.record() == 0, "others may follow"
    post.later(seconds=5)
    assert post.worker.record() == 3
    (mails,) = _recorded(story)
    assert {mail["mail_id"] for mail in mails} == {one.mail_id for one in post.shown}
    assert all(one.recorded for one in post.shown)
    assert post.worker.record() == 0
    document = story.query("evidence.get_mail", code6=NANAO, mail_id=mails[0]["mail_id"], n=0)
    message_id = f"<{mails[0]['mail_id']}@nanao.example>"
    assert document["message_id_sha256"] == hashlib.sha256(message_id.encode()).hexdigest()
    assert (document["site"], document["outcome"], document["kind"]) == (
        story.cast.shelter, "accepted", "offer_registered")


def test_s08_a_full_batch_is_recorded_at_once(post: Post, story: TickingStory,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "BATCH", 2)
    _offers(story, 3)
    post.send()
    post.worker.send()
    assert post.worker.record() == 2
    assert post.worker.record() == 0


def test_s08_a_mail_that_was_refused_for_good_is_recorded_too(post: Post, story: TickingStory,
                                                              server: MailServer) -> None:
    _offers(story, 1)
    server.rcpt.append("550 unknown")
    post.send()
    post.later(seconds=5)
    post.worker.record()
    assert [mail["outcome"] for mail in _recorded(story)[0]] == ["bounced"]


def test_s08_a_mail_in_doubt_is_not_recorded(post: Post, story: TickingStory) -> None:
    _offers(story, 1)
    post.project()
    post.outbox.begin(post.row().mail_id)
    post.worker = post.new_worker()
    post.later(minutes=5)
    assert post.worker.record() == 0 and _recorded(story) == []


def test_s08_a_recording_whose_outcome_was_lost_is_not_doubled(post: Post, story: TickingStory) -> None:
    """The transaction went through, the worker did not hear of it and tries again before it reads the block."""
    _offers(story, 2)
    post.send()
    post.later(seconds=5)
    submit = post.ledger.submit

    def deaf(command: Any) -> None:
        submit(command)
        raise OutcomeUnknown("", b"", "no answer")

    post.ledger.submit = deaf
    post.worker.record()
    assert not any(one.recorded for one in post.shown)
    post.ledger.submit = submit
    _offers(story, 1)  # the next batch is another one
    post.send()
    post.later(seconds=5)
    with pytest.MonkeyPatch.context() as unread:
        unread.setattr(post.outbox, "settle_recorded", lambda: None)
        post.worker.record()
    assert all(one.recorded for one in post.shown)
    ids = [mail["mail_id"] for mails in _recorded(story) for mail in mails]
    assert len(ids) == len(set(ids)) == 3


def test_s08_what_the_chain_says_is_taken_over(post: Post, story: TickingStory) -> None:
    _offers(story, 1)
    post.send()
    post.later(seconds=5)
    post.ledger.submit, submit = (lambda command: (submit(command), _raise())[0]), post.ledger.submit
    post.worker.record()
    post.project()
    post.outbox.settle_recorded()
    assert [(one.outcome, one.recorded) for one in post.shown] == [("accepted", True)]


def test_s08_no_address_reaches_the_ledger(post: Post, story: TickingStory) -> None:
    post.projected.home.save_contact(story.cast.shelter, SiteContact("canary person", "canary@nanao.example", "0999"))
    _offers(story, 1)
    post.send()
    post.later(seconds=5)
    post.worker.record()
    everything = b"".join(value for value in story.state.values()) + repr(story.channel.transactions()).encode()
    for canary in (b"canary", b"nanao.example", b"0999"):
        assert canary not in everything


def _raise() -> None:
    raise OutcomeUnknown("", b"", "no answer")
