"""S8: the four mails over real SMTP: to whom, what they say, and what becomes of them whatever the server does."""
from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from moyai_contracts.api import relief
from moyai_contracts.api.directory import OpenDrill, SaveItem

from moyai_webui.home import SiteContact, User
from moyai_webui.projection.block import changes_of
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.relief_story import shipping
from tests.contract.scene import item_line, ulid
from tests.unit.webui.mail.mail_server import MailServer, hang_up_after_taking
from tests.unit.webui.mail.post import Post
from tests.unit.webui.town import TickingStory


def _text(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def _aimed_offer(story: TickingStory, quantity: int = 48) -> str:
    return story.offer(quantity, aimed_at=story.need(100), expires_on="2024-09", available_until="2024-01-20")


def test_s08_an_aimed_offer_reaches_the_site_contact(post: Post, story: TickingStory, server: MailServer) -> None:
    offer_id = _aimed_offer(story)
    post.projected.home.save_contact(story.cast.shelter, SiteContact("係", "wakura@nanao.example", ""))
    post.send()
    (mail,) = server.mails
    assert server.recipients == ["wakura@nanao.example"]
    assert (mail["Subject"], mail["From"].addresses[0].display_name) == (
        "【もやい】提供物資登録：水 48個", "七尾市 もやい")
    assert mail["Auto-Submitted"] == "auto-generated"
    for words in ("和倉小学校 ご担当者さま", "水 48個", "2024年9月", "八王子市の支援者",
                  f"http://127.0.0.1:7380/relief/offers/{offer_id}"):
        assert words in _text(mail) and words in _text(mail, "html")
    assert [(one.outcome, one.recorded, one.to) for one in post.shown] == [("accepted", False, "和倉小学校")]


def test_s08_a_site_without_a_contact_is_told_through_its_office(post: Post, story: TickingStory,
                                                                 server: MailServer) -> None:
    _aimed_offer(story)
    post.send()
    assert server.recipients == ["bousai@nanao.example"]


def test_s08_a_request_reaches_the_supporter_who_signed_in_here(hachioji: Post, story: TickingStory,
                                                                server: MailServer) -> None:
    hachioji.projected.home.save_user(User("U1", "someone", "", "支援者", story["supporter"].account, ("P",), HACHIOJI,
                                           mail="someone@hachioji.example"))
    box = story.request(ship_by="2024-01-12")
    hachioji.send()
    (mail,) = server.mails
    assert server.recipients == ["someone@hachioji.example"]
    assert mail["Subject"] == "【もやい】送付依頼：水 60個"
    code = " ".join(re.findall("....", box.package_id))
    for words in ("八王子市の支援者 さま", "七尾市 和倉小学校", "1月12日", code, "/relief/dispatches"):
        assert words in _text(mail) and words in _text(mail, "html")


def test_s08_a_shipped_box_is_told_to_the_site(post: Post, story: TickingStory, server: MailServer) -> None:
    box = story.request()
    command = shipping(box)
    story.submit("supporter", relief.ShipConsignment(command.consignment_id, command.packages, "yamato", "2024-01-11"))
    post.send()
    (mail,) = server.mails
    assert mail["Subject"] == "【もやい】提供物資発送：水 60個"
    for words in ("ヤマト運輸", "1月11日", "水 60個", "/relief/arrivals?tab=coming"):
        assert words in _text(mail) and words in _text(mail, "html")


def test_s08_a_receipt_tells_the_supporter_the_counts(hachioji: Post, story: TickingStory, server: MailServer) -> None:
    box = story.shipped()
    story.receive(box, 45, short=10, damaged=5)
    hachioji.send()
    (mail,) = [one for one in server.mails if "物資受領" in one["Subject"]]
    assert server.recipients == ["bousai@hachioji.example"] * 2, "nobody signed in: the supporter's office is told"
    for words in ("使える物", "45個", "不足", "10個", "破損", "5個", f"/records/{box.package_id}"):
        assert words in _text(mail) and words in _text(mail, "html")


def test_s08_what_the_ledger_holds_cannot_break_out_of_the_html(post: Post, story: TickingStory,
                                                                server: MailServer) -> None:
    need_id = story.need(100)
    rev = story.query("directory.get_item", item_code=story.cast.water)["rev"]
    story.submit("admin", SaveItem((item_line(story.cast.water, rev, name="<script>&水"),)))
    story.offer(5, aimed_at=need_id)
    post.send()
    assert "<script>" not in _text(server.mails[0], "html")
    assert "&lt;script&gt;&amp;" in _text(server.mails[0], "html")


def test_s08_a_mail_is_sent_once_and_keeps_its_message_id(post: Post, story: TickingStory, server: MailServer) -> None:
    _aimed_offer(story)
    server.data.append(lambda _: "451 busy")
    post.send()
    assert [one.outcome for one in post.shown] == ["deferred"] and server.mails == []
    post.send()
    assert server.mails == [], "not before the pause is over"
    post.later(minutes=1)
    post.send()
    post.send()
    assert [mail["Message-ID"] for mail in server.mails] == [f"<{post.shown[0].mail_id}@nanao.example>"]
    assert [one.outcome for one in post.shown] == ["accepted"]


def test_s08_pauses_grow_and_after_a_day_the_mail_is_given_up(post: Post, story: TickingStory,
                                                              server: MailServer) -> None:
    _aimed_offer(story)
    server.rcpt += ["450 mailbox busy"] * 100
    post.project()
    begun, pauses, last = post.now, [], post.now
    for _ in range(60):
        post.send()
        row = post.row()
        if row.state == "bounced":
            break
        pauses.append(row.next_attempt_at - last)
        post.later(seconds=(row.next_attempt_at - post.now).total_seconds())
        last = post.now
    assert pauses[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert max(pauses) == timedelta(minutes=30)
    assert timedelta(days=1) < post.now - begun < timedelta(days=1, hours=1)
    assert post.row().answer == "450 mailbox busy"


@pytest.mark.parametrize("stage", ["recipient", "content"])
def test_s08_a_refusal_for_good_is_shown_and_not_repeated(post: Post, story: TickingStory, server: MailServer,
                                                          stage: str) -> None:
    _aimed_offer(story)
    if stage == "recipient":
        server.rcpt.append("550 no such mailbox")
    else:
        server.data.append(lambda _: "554 not wanted")
    post.send()
    post.later(hours=1)
    post.send()
    assert [one.outcome for one in post.shown] == ["bounced"] and server.mails == []


def test_s08_a_line_that_drops_after_the_mail_leaves_it_in_doubt(post: Post, story: TickingStory,
                                                                 server: MailServer) -> None:
    _aimed_offer(story)
    server.data.append(hang_up_after_taking)
    post.send()
    assert [(one.outcome, one.handed_at) for one in post.shown] == [("unknown", None)]
    post.later(hours=2)
    post.send()
    assert len(server.mails) == 1, "whether it was taken a person has to find out; it is not sent again"


def test_s08_a_server_that_is_away_is_asked_later(post: Post, story: TickingStory, server: MailServer) -> None:
    _aimed_offer(story)
    server.stop()
    post.send()
    assert [one.outcome for one in post.shown] == ["waiting"] and post.row().answer.startswith("not reached")
    server.start()
    post.later(minutes=1)
    post.send()
    assert [one.outcome for one in post.shown] == ["accepted"]


def test_s08_an_address_that_is_none_is_refused_for_good(post: Post, story: TickingStory, server: MailServer) -> None:
    _aimed_offer(story)
    post.projected.home.save_contact(story.cast.shelter, SiteContact("", "和倉 <x>\r\nBcc: all", ""))
    post.send()
    assert [one.outcome for one in post.shown] == ["bounced"] and server.mails == []


def test_s08_nothing_is_sent_before_the_whole_chain_was_read(post: Post, story: TickingStory, server: MailServer,
                                                             tmp_path: Path) -> None:
    """A restored database reads the chain anew: the block that says a mail was sent comes after its cause."""
    _aimed_offer(story)
    post.send()
    post.later(seconds=6)
    post.worker.record()
    assert len(server.mails) == 1
    fresh = Post(f"sqlite:///{tmp_path / 'restored.sqlite'}", story, server.port, NANAO, "七尾市", "nanao.example")
    for block in fresh.projected.chain.blocks(0, last=story.channel.height - 2):
        fresh.projected.store.apply(changes_of(block, NANAO))
    fresh.worker.send()
    assert len(server.mails) == 1
    fresh.send()
    assert len(server.mails) == 1
    assert [(one.outcome, one.recorded) for one in fresh.shown] == [("accepted", True)]
    fresh.close()


def test_s08_an_interrupted_sending_is_in_doubt(post: Post, story: TickingStory, server: MailServer) -> None:
    _aimed_offer(story)
    post.project()
    assert post.outbox.begin(post.row().mail_id)  # and here the worker is killed
    assert post.shown[0].outcome == "waiting"
    post.worker = post.new_worker()
    post.send()
    assert [one.outcome for one in post.shown] == ["unknown"] and server.mails == []


def test_s08_two_workers_do_not_send_one_mail_twice(post: Post, story: TickingStory, server: MailServer) -> None:
    _aimed_offer(story)
    post.project()
    mail_id = post.row().mail_id
    assert post.outbox.begin(mail_id) and not post.outbox.begin(mail_id)


def test_s12_a_mail_of_a_drill_says_so_and_is_seen_in_the_drill_alone(post: Post, story: TickingStory,
                                                                      server: MailServer) -> None:
    drill = ulid()
    for administrator in ("admin", "hachioji_admin"):
        story.submit(administrator, OpenDrill(drill, "秋の訓練"))
    _aimed_offer(story)
    story.scope = drill
    story.submit("clerk", relief.SetSiteStatus(NANAO, story.cast.shelter, True, 30))
    offer_id = _aimed_offer(story, 24)
    post.send()
    subjects = {str(mail["Subject"]): mail for mail in server.mails}
    assert subjects.keys() == {"【もやい】提供物資登録：水 48個", "【訓練】【もやい】提供物資登録：水 24個"}
    told = subjects["【訓練】【もやい】提供物資登録：水 24個"]
    for words in ("これは訓練です。物資は動きません。", "水 24個", offer_id):
        assert words in _text(told) and words in _text(told, "html")
    assert "訓練" not in _text(subjects["【もやい】提供物資登録：水 48個"])
    assert [one.subject for one in post.shown] == ["【もやい】提供物資登録：水 48個"]
    assert [one.subject for one in post.projected.reading.in_scope(drill).mails().rows] == [told["Subject"]]
