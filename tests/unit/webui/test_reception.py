"""The worker looks after people: roles follow the ledger, invitations and first offers leave in time or never."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from moyai_contracts.api.directory import ChangeAccount, ResumeAccount, SuspendAccount
from moyai_contracts.api.relief import RegisterOffer

from moyai_webui import invitations
from moyai_webui.first_offer import actor_of
from moyai_webui.home import User
from moyai_webui.mail.account_letters import AccountLetters
from moyai_webui.mail.composer import Letterhead
from moyai_webui.mail.post_office import PostOffice
from moyai_webui.reading import OfferFilter
from moyai_webui.reception import Reception
from moyai_webui.store.identity import open_identity
from moyai_webui.store.people import SqlPeople
from moyai_webui.store.submissions import SubmissionStore
from moyai_webui.store.tickets import SqlAccountMails
from moyai_webui.submission import LedgerSubmissions
from tests.contract.channel import NANAO
from tests.contract.scene import ulid
from tests.unit.webui.mail.mail_server import MailServer
from tests.unit.webui.projected import Projected
from tests.unit.webui.submission.desk import Ledger
from tests.unit.webui.town import TickingStory, begin_story

LETTERHEAD = Letterhead(NANAO, "七尾市", "moyai@nanao.example", "bousai@nanao.example", "https://192.168.1.5:7380/")


class Desk:
    """七尾市's worker over the ledger in memory."""

    def __init__(self, folder: Path, port: int) -> None:
        self.story: TickingStory = begin_story(folder / "consoles")
        self.projected = Projected(f"sqlite:///{folder / 'moyai.sqlite'}", self.story.channel.ledger, NANAO)
        self.projected.project()
        self.now = datetime.fromtimestamp(self.story.channel.now, timezone.utc)
        database = self.projected.database
        self.identity, self.home = open_identity(database), self.projected.home
        self.store = SubmissionStore(database, NANAO)
        ledger = Ledger(self.story.channel.access(NANAO, "webui"))
        self.submissions = LedgerSubmissions(self.store, ledger, clock=lambda: self.now)  # type: ignore[arg-type]
        mails = SqlAccountMails(database)
        letters = AccountLetters(mails, LETTERHEAD, PostOffice("127.0.0.1", port), lambda: self.now)
        self.reception = Reception(SqlPeople(database), self.identity, mails, letters, self.submissions, self.store,
                                   lambda: self.now)
        self.reception.begin()

    def person(self, **changes: object) -> User:
        """A clerk of the story who may be about to get a password."""
        actor = self.story["clerk"].actor
        assert actor is not None
        user = replace(User(ulid(), "clerk@nanao.example", "hash", "七尾市 担当者", actor.account, ("C",), NANAO,
                            mail="clerk@nanao.example"), **changes)  # type: ignore[arg-type]
        self.home.save_user(user)
        return user

    def newcomer(self) -> tuple[User, str]:
        """Somebody who offered and did not confirm the address yet, and the offer's operation."""
        user = User(ulid(), "new@nanao.example", "hash", "有志の会", ulid(), ("P",), NANAO, mail="new@nanao.example",
                    mail_confirmed=False, registered_at=self.now)
        self.home.save_user(user)
        op, cast = ulid(), self.story.cast
        offer = RegisterOffer(offer_id=ulid(), quantity=5, transport="own", ships_from=NANAO, item=cast.water)
        self.submissions.hold(offer, actor_of(user), until="unconfirmed", user_id=user.user_id, op=op)
        return user, op

    def state(self, op: str) -> str:
        found = self.store.find(op)
        return "" if found is None else found.state

    def administer(self, command: object) -> None:
        """The administrator acts, and the read model follows."""
        actor, key = self.story.channel.administrator(NANAO)
        self.story.channel.access(NANAO, "webui").submit(command, actor, signers=(key,))  # type: ignore[arg-type]
        self.projected.project()


@pytest.fixture
def server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def desk(tmp_path: Path, server: MailServer) -> Iterator[Desk]:
    desk = Desk(tmp_path, server.port)
    yield desk
    desk.submissions.close()
    desk.projected.database.close()


def test_s11_people_follow_their_accounts(desk: Desk) -> None:
    user = desk.person(roles=("S",), office="172022/ELSEWHERE")
    desk.reception.round()
    followed = desk.home.user(user.user_id)
    assert followed is not None and (followed.roles, followed.office) == (("C",), NANAO)
    rev = desk.story.query("directory.get_account", account_id=user.account)["rev"]
    desk.administer(ChangeAccount(user.account, rev, roles=("C", "A")))
    desk.reception.round()
    assert desk.home.user(user.user_id).roles == ("C", "A")  # type: ignore[union-attr]


def test_s11_a_suspended_person_is_out_at_once_and_comes_back(desk: Desk) -> None:
    user = desk.person()
    day = timedelta(days=1)
    desk.identity.sessions.begin(user.user_id, "secret", now=desk.now, until=desk.now + day, idle=day, device="")
    desk.administer(SuspendAccount(user.account, "調べています"))
    desk.reception.round()
    assert not desk.home.user(user.user_id).active  # type: ignore[union-attr]
    assert desk.identity.sessions.find("secret", desk.now) is None
    desk.administer(ResumeAccount(user.account, "分かりました"))
    desk.reception.round()
    assert desk.home.user(user.user_id).active  # type: ignore[union-attr]


def test_s11_an_invitation_goes_out_once_the_account_is_open(desk: Desk, server: MailServer) -> None:
    unopened = desk.person(password_hash="", registered_at=desk.now, account=ulid())
    desk.reception.round()
    assert server.mails == []
    desk.home.save_user(replace(unopened, account=desk.story["clerk"].actor.account))  # type: ignore[union-attr]
    desk.reception.round()
    desk.reception.round()
    (mail,) = server.mails
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "https://192.168.1.5:7380/set_password?ticket=" in text and "七尾市 担当者 さま" in text
    assert "心当たりがないときは" in text and "1回だけ使えます" in text
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "https://192.168.1.5:7380/set_password?ticket=" in html
    secret = text.partition("ticket=")[2].split()[0]
    ticket = desk.identity.tickets.look(invitations.PASSWORD, secret, desk.now)
    assert ticket is not None and ticket.user_id == unopened.user_id


def test_s11_a_first_offer_leaves_when_its_sender_stands_on_the_ledger(desk: Desk) -> None:
    user, op = desk.newcomer()
    before = desk.story.channel.height
    desk.reception.round()
    assert (desk.state(op), desk.story.channel.height) == ("unconfirmed", before), "not confirmed: nothing leaves"
    desk.home.save_user(replace(user, mail_confirmed=True))
    desk.reception.round()
    assert desk.state(op) == "unconfirmed", "the account has to be there first"
    desk.projected.project()
    desk.reception.round()
    assert desk.state(op) == "recorded" and desk.story.channel.height == before + 2
    desk.reception.round()
    assert desk.story.channel.height == before + 2


def test_s11_what_nobody_confirmed_is_dropped_after_a_day_with_a_mail(desk: Desk, server: MailServer) -> None:
    user, op = desk.newcomer()
    desk.now += timedelta(hours=23)
    desk.reception.tidy()
    assert desk.state(op) == "unconfirmed"
    desk.now += timedelta(hours=2)
    before = desk.story.channel.height
    desk.reception.tidy()
    desk.reception.round()
    assert desk.state(op) == "" and desk.home.user(user.user_id) is None and desk.story.channel.height == before
    (mail,) = server.mails
    assert server.recipients == ["new@nanao.example"] and "お申し出を取り消しました" in str(mail["Subject"])


def test_s11_who_was_never_opened_is_forgotten(desk: Desk) -> None:
    waiting = desk.person(password_hash="", registered_at=desk.now, account=ulid())
    desk.now += timedelta(days=1)
    desk.reception.tidy()
    assert desk.home.user(waiting.user_id) is not None
    desk.now += timedelta(days=2)
    desk.reception.tidy()
    assert desk.home.user(waiting.user_id) is None


def test_s11_a_mail_server_that_says_later_is_asked_again_and_one_that_says_no_is_not(
        desk: Desk, server: MailServer) -> None:
    user = desk.person()
    server.rcpt += ["450 later", "550 nobody here"]
    invitations.write_to(user, invitations.RESET, desk.identity, desk.now)
    desk.reception.round()
    desk.reception.round()
    assert len(server.rcpt) == 1, "not at once"
    desk.now += timedelta(minutes=2)
    desk.reception.round()
    desk.now += timedelta(hours=2)
    desk.reception.round()
    assert server.rcpt == [] and server.mails == []
    assert desk.projected.reading.account(user.account).mail_outcome == "bounced"  # type: ignore[union-attr]


def test_s11_unanswered_offers_of_a_blocked_supporter_expire(desk: Desk) -> None:
    story, reading = desk.story, desk.projected.reading
    need_id = story.need(20)
    offer_id = story.offer(8, aimed_at=need_id)
    desk.projected.project()
    offer, day = reading.offer(offer_id), desk.now.date()
    assert offer is not None and offer.status(day) == "open"
    assert reading.need(need_id).aimed_free == 8  # type: ignore[union-attr]
    listed = OfferFilter(aimed_at=need_id)
    assert reading.offers(listed).total == 1
    actor, key = story.channel.administrator(offer.sender.home)
    story.channel.access(offer.sender.home, "webui").submit(
        SuspendAccount(offer.sender.account, "いたずら"), actor, signers=(key,))
    desk.projected.project()
    blocked = reading.offer(offer_id)
    assert blocked is not None and blocked.status(day) == "late"
    assert reading.need(need_id).aimed_free == 0 and reading.offers(listed).total == 0  # type: ignore[union-attr]
    assert [reading.offers(replace(listed, status=status)).total for status in ("late", "any")] == [1, 1]
