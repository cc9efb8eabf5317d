"""S8: a mail that comes back after it was taken is found, stored, shown and recorded, whoever reports it and how."""
from __future__ import annotations

import smtplib
from collections.abc import Iterator

import pytest
from moyai_network.ports import free_ports

from moyai_webui.mail.return_desk import ReturnDesk
from moyai_webui.mail.returns import Returned, return_address, returned
from tests.contract.channel import NANAO
from tests.unit.webui.mail.mail_server import MailServer
from tests.unit.webui.mail.post import Post
from tests.unit.webui.town import TickingStory

MAIL_ID = "01ABCDEFGHJKMNPQRSTVWXYZ45"
SENDER = "moyai@nanao.example"
TO = return_address(SENDER, MAIL_ID)


def report(action: str = "failed", status: str = "5.1.1", original: str = "") -> bytes:
    """What a mail server writes about a mail that it could not bring (RFC 3464)."""
    fields = f"Final-Recipient: rfc822; wakura@nanao.example\r\nAction: {action}\r\nStatus: {status}\r\n" \
             "Diagnostic-Code: smtp; 550 no such user\r\n"
    return (
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n{fields}\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n{original}\r\n--b--\r\n").encode()


def test_s08_a_failure_names_the_mail_by_the_address_it_came_to() -> None:
    assert returned([TO], report()) == Returned(MAIL_ID, "5.1.1 smtp; 550 no such user")


def test_s08_or_by_the_mail_that_it_carries() -> None:
    found = returned([SENDER], report(original=f"Message-ID: <{MAIL_ID}@nanao.example>\r\n"))
    assert found is not None and found.mail_id == MAIL_ID


@pytest.mark.parametrize("content", [
    report(action="delayed", status="4.4.1"), report(action="delivered", status="2.0.0"),
    b"Subject: =?utf-8?b?5LiN5Zyo?=\r\n\r\nI am away until Monday.\r\n", b"", b"\xff\xfe\x00",
    b"Content-Type: multipart/report\r\n\r\nnothing\r\n",
], ids=["delayed", "delivered", "on holiday", "empty", "no mail", "report without parts"])
def test_s08_what_is_no_failure_is_none(content: bytes) -> None:
    assert returned([TO], content) is None


def test_s08_a_failure_of_nobodys_mail_is_none() -> None:
    assert returned(["someone@nanao.example"], report()) is None


class Desk:
    """A running desk, and its mail server's side."""

    def __init__(self) -> None:
        self.stored: list[Returned] = []
        self.broken = False
        (self.port,) = free_ports(1)
        self.desk = ReturnDesk(self._store, "127.0.0.1", self.port)

    def _store(self, found: Returned) -> None:
        if self.broken:
            raise OSError("database is locked")
        self.stored.append(found)

    def hand_over(self, content: bytes) -> tuple[int, bytes]:
        """As postfix does: LMTP, the empty sender, the answer for the one recipient."""
        with smtplib.LMTP("127.0.0.1", self.port, local_hostname="mx.example") as lmtp:
            lmtp.ehlo_or_helo_if_needed()
            assert lmtp.mail("")[0] == 250 and lmtp.rcpt(TO)[0] == 250
            return lmtp.data(content)


@pytest.fixture
def desk() -> Iterator[Desk]:
    running = Desk()
    running.desk.start()
    yield running
    running.desk.stop()


def test_s08_the_mail_server_hands_returns_over(desk: Desk) -> None:
    assert desk.hand_over(report())[0] == 250
    assert desk.stored == [Returned(MAIL_ID, "5.1.1 smtp; 550 no such user")]
    assert desk.hand_over(b"Subject: hello\r\n\r\nI am away.\r\n")[0] == 250 and len(desk.stored) == 1


def test_s08_a_return_that_cannot_be_stored_stays_with_the_mail_server(desk: Desk) -> None:
    desk.broken = True
    assert desk.hand_over(report())[0] == 451
    desk.broken = False
    assert desk.hand_over(report())[0] == 250 and len(desk.stored) == 1


def test_s08_a_mail_goes_out_with_its_own_return_address(post: Post, story: TickingStory, server: MailServer) -> None:
    story.offer(1, aimed_at=story.need(100))
    post.send()
    assert server.senders == [return_address("moyai@nanao.example", post.row().mail_id)]


def test_s08_a_return_is_shown_and_recorded_after_its_sending(post: Post, story: TickingStory) -> None:
    story.offer(1, aimed_at=story.need(100))
    post.send()
    mail_id = post.row().mail_id
    assert post.outbox.came_back(mail_id, "5.1.1 no such user", post.now)
    assert not post.outbox.came_back(mail_id, "5.1.1 no such user", post.now), "the same report twice is one"
    assert not post.outbox.came_back("0" * 26, "5.1.1", post.now)
    assert [(one.outcome, one.answer) for one in post.shown] == [("bounced", "5.1.1 no such user")]
    assert post.projected.reading.mails(outcome="bounced").total == 1
    assert post.projected.reading.mails(outcome="accepted").total == 0
    post.later(seconds=6)
    for _ in range(3):
        post.worker.record()
        post.send()
    documents = [story.query("evidence.get_mail", code6=NANAO, mail_id=mail_id, n=n) for n in (0, 1)]
    assert [document["outcome"] for document in documents] == ["accepted", "bounced"]
    assert post.shown[0].outcome == "bounced", "what the ledger says of the sending does not hide the return"


def test_s08_a_mail_in_doubt_goes_out_again_when_a_person_says_so(post: Post, story: TickingStory,
                                                                  server: MailServer) -> None:
    story.offer(1, aimed_at=story.need(100))
    post.project()
    mail_id = post.row().mail_id
    assert post.outbox.begin(mail_id)
    post.worker = post.new_worker()  # the one before died while it was sending
    post.send()
    assert post.shown[0].outcome == "unknown" and not server.mails
    assert post.projected.home.send_mail_again(mail_id, post.now)
    post.send()
    assert post.shown[0].outcome == "accepted" and len(server.mails) == 1
    assert not post.projected.home.send_mail_again(mail_id, post.now)
