"""Projector, web workers and mail worker on the real network: killed under load, nothing is lost, nothing doubled."""
from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psutil
import pytest
from moyai_contracts.api.directory import SaveItem
from moyai_contracts.api.evidence import mail_id
from moyai_contracts.api.relief import NeedLine, RegisterNeed, RegisterOffer

from moyai_webui.mailbox.folder import Folder
from moyai_webui.reading import NeedFilter
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene, item_line, ulid
from tests.network.consortium import RunningConsortium
from tests.network.webui_site import NOT_ANSWERED, Visitor, WebSite, eventually, form_of

CLERK = "bousai@nanao.example"


@pytest.fixture(scope="module")
def scene(consortium: RunningConsortium) -> Iterator[Scene]:
    """The three municipalities on the channel, their web UIs running."""
    channel = FabricChannel(consortium.state.root).bootstrap()
    for command in (("webui", "prepare"), ("network", "start", "webui")):
        done = consortium.moyai(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    yield Scene(channel)
    consortium.stop("webui")
    channel.close()


@pytest.fixture(scope="module")
def nanao(consortium: RunningConsortium, scene: Scene) -> Iterator[WebSite]:
    site = WebSite(consortium, NANAO)
    eventually(site.caught_up)
    yield site
    site.close()


@pytest.fixture(scope="module")
def place(scene: Scene) -> str:
    """An open shelter."""
    return scene.site(NANAO)


@pytest.fixture(scope="module")
def item(scene: Scene) -> str:
    return scene.item(NANAO, name="試験用の水")


class Registering:
    """Clerks who register needs, one after the other in each thread, until told to stop."""

    def __init__(self, scene: Scene, place: str, item: str) -> None:
        self._access = scene.channel.access(NANAO, "webui")
        self._clerk = scene.official(NANAO, "C")
        self._line = (place, item)
        self._stop = threading.Event()
        self.acknowledged: list[str] = []
        self._threads = [threading.Thread(target=self._register) for _ in range(4)]

    def __enter__(self) -> Registering:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _register(self) -> None:
        while not self._stop.is_set():
            need_id = ulid()
            self._access.submit(RegisterNeed((NeedLine(need_id, *self._line, 1),)), self._clerk)
            self.acknowledged.append(need_id)


def _read_model_is_what_the_chain_says(site: WebSite) -> None:
    done = site.consortium.moyai("webui", "--as", site.code6, "rebuild", "--check")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "The rebuilt read model equals the live one."), \
        done.stdout + done.stderr


def test_the_projector_killed_under_load_loses_and_doubles_nothing(nanao: WebSite, scene: Scene, place: str,
                                                                   item: str) -> None:
    program = f"projector-{NANAO}"
    with Registering(scene, place, item) as clerks:
        for _ in range(3):
            before = nanao.cursor()
            eventually(lambda: nanao.cursor() > before + 10)
            former = nanao.consortium.kill(program)
            nanao.consortium.wait_restarted(program, former)
    eventually(nanao.caught_up)
    assert len(clerks.acknowledged) > 30
    assert all(nanao.reading.need(need_id) for need_id in clerks.acknowledged)
    assert nanao.reading.needs(NeedFilter(municipality=NANAO, site_id=place)).total == len(clerks.acknowledged)
    _read_model_is_what_the_chain_says(nanao)


def test_a_projection_rebuilt_under_load_takes_the_place_of_the_live_one(nanao: WebSite, scene: Scene, place: str,
                                                                         item: str) -> None:
    with Registering(scene, place, item) as clerks:
        done = nanao.consortium.moyai("webui", "--as", NANAO, "rebuild")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "The rebuilt read model equals the live one.")
    eventually(nanao.caught_up)
    assert all(nanao.reading.need(need_id) for need_id in clerks.acknowledged)
    _read_model_is_what_the_chain_says(nanao)


def test_web_workers_killed_under_load_record_every_accepted_command_once(nanao: WebSite, scene: Scene, place: str,
                                                                          item: str) -> None:
    """Each form is sent until it is answered, as an impatient person does; every op that was accepted is on the
    chain once, those of forms that nobody answered at most once."""
    clerk = nanao.person(CLERK)
    forms = [form_of(clerk, "/relief/register_need", {
        "site": place, "item": "試験用の水", "quantity": str(number), "due": "tomorrow", "priority": "high",
        "separate": "y"}) for number in range(1, 151)]
    killed: list[int] = []
    done = threading.Event()

    def kill_again_and_again() -> None:
        while not done.wait(3.0):
            with suppress(ProcessLookupError, psutil.NoSuchProcess):  # it ended while we looked at it
                for worker in nanao.consortium.pids(f"webui-{NANAO}")[1:2]:
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)

    killer = threading.Thread(target=kill_again_and_again)
    killer.start()
    with ThreadPoolExecutor(6) as people:
        answers = list(people.map(lambda form: _until_answered(clerk, form), forms))
    done.set()
    killer.join()
    assert len(set(killed)) >= 3
    assert answers == [f"/recorded/{form['op']}" for form in forms]
    ops = [form["op"] for form in forms]
    eventually(lambda: all(_settled(nanao, op) for op in ops), 150)
    assert {nanao.submissions.find(op).state for op in ops} == {"recorded"}  # type: ignore[union-attr]
    carried = Counter(each.event.payload["op"] for each in scene.channel.transactions()
                      if each.valid and each.event is not None)
    assert [carried[op] for op in ops] == [1] * len(ops)


def test_s08_mails_are_caught_and_recorded_on_the_ledger(nanao: WebSite, scene: Scene, place: str, item: str) -> None:
    common = f"{HACHIOJI}-0999"
    scene.administer(HACHIOJI, _own_item(common))
    need_id, offer_id = ulid(), ulid()
    clerk, helper = scene.official(NANAO, "C"), scene.official(HACHIOJI, "C")
    scene.submit(NANAO, "webui", RegisterNeed((NeedLine(need_id, place, common, 30),)), actor=clerk)
    receipt = scene.submit(HACHIOJI, "webui", RegisterOffer(offer_id, 30, "own", HACHIOJI, item=common,
                                                            aimed_at=need_id), actor=helper)
    expected = mail_id(receipt.tx_id, "offer_registered", place)

    def recorded() -> bool:
        return any(mail.mail_id == expected and mail.recorded for mail in nanao.reading.mails(size=200).rows)

    eventually(recorded)
    document = scene.evaluate(NANAO, "evidence.get_mail", code6=NANAO, mail_id=expected, n=0)
    assert (document["outcome"], document["site"], document["cause_tx"]) == ("accepted", place, receipt.tx_id)
    caught = [mail for mail in Folder(nanao.consortium.state.root / "webui" / "mailbox").mails()
              if expected in str(mail.message["Message-ID"])]
    assert [mail.recipients for mail in caught] == ["bousai@nanao.example"]


def test_s08_the_mail_worker_killed_sends_no_mail_twice(nanao: WebSite, scene: Scene, place: str) -> None:
    common = f"{HACHIOJI}-0998"
    scene.administer(HACHIOJI, _own_item(common))
    need_id = ulid()
    clerk, helper = scene.official(NANAO, "C"), scene.official(HACHIOJI, "C")
    scene.submit(NANAO, "webui", RegisterNeed((NeedLine(need_id, place, common, 10_000),)), actor=clerk)
    offers = [scene.submit(HACHIOJI, "webui", RegisterOffer(ulid(), 1, "own", HACHIOJI, item=common,
                                                            aimed_at=need_id), actor=helper) for _ in range(12)]
    program = f"worker-{NANAO}"
    nanao.consortium.wait_restarted(program, nanao.consortium.kill(program))
    wanted = {mail_id(receipt.tx_id, "offer_registered", place) for receipt in offers}

    def outcomes() -> dict[str, str]:
        return {mail.mail_id: mail.outcome for mail in nanao.reading.mails(size=500).rows if mail.mail_id in wanted}

    eventually(lambda: len(outcomes()) == 12 and "waiting" not in outcomes().values())
    caught = Counter(str(mail.message["Message-ID"]) for mail in Folder(
        nanao.consortium.state.root / "webui" / "mailbox").mails())
    for one, outcome in outcomes().items():
        assert outcome in ("accepted", "unknown")
        assert caught[f"<{one}@nanao.example>"] <= 1
        assert caught[f"<{one}@nanao.example>"] == 1 or outcome == "unknown"


def test_what_make_up_prints(nanao: WebSite) -> None:
    done = nanao.consortium.moyai("webui", "addresses")
    assert done.returncode == 0
    for words in (nanao.settings.public_url, "mailbox", CLERK, "kanri@hachioji.example", "sanno@nanao.example"):
        assert words in done.stdout
    assert (nanao.consortium.state.root / "accounts.json").stat().st_mode & 0o777 == 0o600
    again = nanao.consortium.moyai("webui", "prepare")
    assert again.returncode == 0 and done.stdout == nanao.consortium.moyai("webui", "addresses").stdout


def _until_answered(clerk: Visitor, form: dict[str, str]) -> str:
    for _ in range(120):
        threading.Event().wait(0.5)
        try:
            return clerk.post("/relief/register_need", form)
        except NOT_ANSWERED:
            continue
    raise AssertionError("nobody answers")


def _settled(site: WebSite, op: str) -> bool:
    found = site.submissions.find(op)
    return found is not None and found.state != "pending"


def _own_item(code: str) -> SaveItem:
    return SaveItem((item_line(code),))
