"""The local mail catcher: everything sent to it is kept and shown, and the shown mail can do no harm."""
from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from moyai_network.ports import free_ports

from moyai_webui.mail.post_office import PostOffice
from moyai_webui.mailbox.folder import Folder
from moyai_webui.mailbox.serving import ADDRESS_FILE, MailboxSettings, serve


class Mailbox:
    """A running mailbox."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.smtp, page = free_ports(2)
        self.url = f"http://127.0.0.1:{page}"
        self._stop = threading.Event()
        settings = MailboxSettings(smtp_port=self.smtp, page_port=page, folder=folder)
        self._thread = threading.Thread(target=serve, args=(settings, self._stop))
        self._thread.start()
        while not (folder / ADDRESS_FILE).exists():
            assert self._thread.is_alive()
            self._stop.wait(0.02)

    def send(self, subject: str, html: str = "", recipient: str = "bousai@nanao.example") -> None:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, "moyai@nanao.example", recipient
        message.set_content(f"{subject}の本文")
        if html:
            message.add_alternative(html, subtype="html")
        PostOffice("127.0.0.1", self.smtp).hand_over(message, "moyai@nanao.example", recipient)

    def get(self, path: str = "/") -> tuple[str, dict[str, str]]:
        """A page's text and headers."""
        with urllib.request.urlopen(self.url + path) as answer:
            return answer.read().decode(), dict(answer.headers)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    mailbox = Mailbox(tmp_path / "mailbox")
    yield mailbox
    mailbox.close()


def test_inv28_no_address_comes_into_the_log(mailbox: Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    mailbox.send("送付依頼")
    assert "送付依頼" in mailbox.get()[0]
    assert "nanao.example" not in caplog.text


def test_s08_an_empty_mailbox_says_so(mailbox: Mailbox) -> None:
    page, headers = mailbox.get()
    assert "まだメールは届いていません" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_s08_caught_mails_are_listed_newest_first(mailbox: Mailbox) -> None:
    for subject in ("一通目", "二通目"):
        mailbox.send(subject)
    page, _ = mailbox.get()
    assert page.index("二通目") < page.index("一通目") and "bousai@nanao.example" in page


def test_s08_a_mail_is_shown_as_text_and_as_it_is_meant_to_look(mailbox: Mailbox) -> None:
    mailbox.send("件名<b>", html="<html><head></head><body><script>alert(1)</script>本文</body></html>")
    (mail,) = Folder(mailbox.folder).mails()
    page, _ = mailbox.get(f"/mails/{mail.name}")
    assert "件名&lt;b&gt;の本文" in page and f"/mails/{mail.name}/html" in page
    frame, headers = mailbox.get(f"/mails/{mail.name}/html")
    assert "本文" in frame and '<base target="_blank">' in frame
    policy = headers["Content-Security-Policy"]
    assert "sandbox" in policy and "allow-scripts" not in policy and "default-src 'none'" in policy


def test_s08_mails_outlive_the_mailbox(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.send("残る")
    mailbox.close()
    assert not (mailbox.folder / ADDRESS_FILE).exists()
    assert [mail.subject for mail in Folder(tmp_path / "mailbox").mails()] == ["残る"]


@pytest.mark.parametrize("name", ["0" * 26, "..%2Faddress", "address"])
def test_s08_what_is_no_mail_is_not_found(mailbox: Mailbox, name: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as told:
        mailbox.get(f"/mails/{name}")
    assert told.value.code == 404
