"""Pages at the size of a great earthquake: 3,000 shelters, 30,000 needs, 3,000 people looking.

Everything is recorded on the ledger and read through the projection, as in life; the pages are fetched over HTTP from
the municipality's own gunicorn.
"""
from __future__ import annotations

import asyncio
import json
import multiprocessing
import re
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener, urlopen

import psutil
from moyai_client import Ledger, Profile
from moyai_contracts.api import Actor
from moyai_contracts.api.directory import SaveSite, SiteLine
from moyai_contracts.api.relief import NeedLine, RegisterNeed, SetSiteStatus
from moyai_network.operations import Operations
from moyai_network.waiting import wait_for
from playwright.sync_api import sync_playwright
from ulid import ULID

from tests.bench.report import Line, percentile
from tests.contract.channel import NANAO
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene
from tests.network.consortium import RunningConsortium

SITES, NEEDS_OF_A_SITE, LIST, CLERKS = 3_000, 10, 100, 50
PAGES = {
    "needs": "/relief/needs", "needs, last page": f"/relief/needs?page={SITES * NEEDS_OF_A_SITE // 50}",
    "needs, searched": "/relief/needs?q=1234", "needs, newest first": "/relief/needs?sort=newest",
    "needs, the nearest": "/relief/needs?sort=near", "needs of a kind": "/relief/needs?category=food&priority=urgent",
    "offers": "/relief/offers", "office": "/relief/office", "arrivals": "/relief/arrivals", "records": "/records",
    "sites": "/directory/sites", "sites, searched": "/directory/sites?q=1234",
}
VISITS = 40
OPEN_PAGES, POLL_SECONDS, SPREAD_SECONDS = 3_000, 2.0, 0.5  # as static/live.js has it
VIEWS = ("", "sort=newest", "sort=near", "priority=urgent", f"city={NANAO}", f"city={NANAO}&priority=urgent",
         "category=food", "category=blanket", "status=part", "q=1234", f"city={NANAO}&sort=newest", "page=2")
COMMITS, BETWEEN_COMMITS = 12, 4.0
CHROMIUM, FLAGS = "/usr/bin/chromium", ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")


@dataclass(frozen=True)
class Stage:
    """The municipality under load: its ledger, a clerk and an item, and where its pages are."""

    network: RunningConsortium
    ledger: Ledger
    clerk: Actor
    item: str
    sites: tuple[str, ...]

    @property
    def address(self) -> str:
        member = next(each for each in self.network.definition.municipalities if each.code == NANAO)
        return f"http://{member.address('webui')}"

    def need(self, site: str, quantity: int = 10) -> NeedLine:
        return NeedLine(str(ULID()), site, self.item, quantity)


def measure(network: RunningConsortium) -> list[Line]:
    """The lines of the pages, on a network that is up and has its web UIs prepared but not running."""
    with _stage(network) as stage:
        seconds = _record_everything(stage)
        network.start("webui")
        _wait_for_pages(stage)
        return [Line(f"recording {SITES:,} sites and {SITES * NEEDS_OF_A_SITE:,} needs", seconds, "s"),
                *_lists(stage), *_open_pages(stage)]


@contextmanager
def _stage(network: RunningConsortium) -> Iterator[Stage]:
    channel = FabricChannel(network.state.root).bootstrap()
    scene = Scene(channel)
    clerk, item = scene.official(NANAO, "A"), scene.item(NANAO)
    ledger = Ledger.open(Profile.load(network.profile(NANAO, "webui")))
    try:
        yield Stage(network, ledger, clerk, item, tuple(f"BENCH{number:06}" for number in range(SITES)))
    finally:
        ledger.close()
        channel.close()


def _record_everything(stage: Stage) -> float:
    print(f"recording {SITES} sites with {NEEDS_OF_A_SITE} needs each", file=sys.stderr)
    started = time.monotonic()
    for sites in _parts(stage.sites):
        stage.ledger.submit(SaveSite(tuple(_site(site) for site in sites)), stage.clerk)
    with ThreadPoolExecutor(CLERKS) as clerks:
        list(clerks.map(lambda site: stage.ledger.submit(
            SetSiteStatus(NANAO, site, True, 120), stage.clerk), stage.sites))
    needs = [stage.need(site, 10 + number) for site in stage.sites for number in range(NEEDS_OF_A_SITE)]
    for lines in _parts(needs):
        stage.ledger.submit(RegisterNeed(tuple(lines)), stage.clerk)
    return time.monotonic() - started


def _site(site_id: str) -> SiteLine:
    number = int(site_id[-6:])
    return SiteLine(site_id, 0, "shelter", f"第{number}避難所", f"架空町{number}番地",
                    lat=37_000_000 + number * 37 % 100_000, lon=136_900_000 + number * 91 % 100_000)


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start:start + LIST] for start in range(0, len(values), LIST))


def _wait_for_pages(stage: Stage) -> None:
    """Until the projection shows everything."""
    wanted = f"<b>{SITES * NEEDS_OF_A_SITE:,}</b>"

    def shown() -> bool:
        try:
            with urlopen(f"{stage.address}/relief/needs?city={NANAO}", timeout=30) as page:
                return wanted in page.read().decode()
        except OSError:
            return False
    wait_for(shown, seconds=300, failure=lambda: f"the list never showed {wanted}")


def _lists(stage: Stage) -> list[Line]:
    """Each list page as an administrator sees it, one after the other."""
    browser, before = _signed_in(stage), _evaluations(stage)
    lines = []
    for name, address in PAGES.items():
        taken = []
        for _ in range(VISITS):
            started = time.perf_counter()
            with browser.open(stage.address + address) as page:
                assert page.status == 200 and page.read()
            taken.append((time.perf_counter() - started) * 1000)
        lines.append(Line(f"page {name}, p95", percentile(tuple(taken), 95), "ms", at_most=200))
    return [*lines, Line("evaluates at the peers caused by browsing", _evaluations(stage) - before, "", at_most=0)]


def _signed_in(stage: Stage) -> OpenerDirector:
    accounts = json.loads((stage.network.state.root / "accounts.json").read_text("utf-8"))
    account = next(each for each in accounts if each["municipality"] == NANAO and "C" in each["roles"])
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    form = browser.open(f"{stage.address}/sign_in").read().decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    answer = browser.open(f"{stage.address}/sign_in", urlencode(
        hidden | {"login": account["login"], "password": account["password"]}).encode())
    assert not answer.url.endswith("/sign_in"), "the sign-in failed"
    return browser


def _evaluations(stage: Stage) -> float:
    """Proposals for the contracts that the peers have ever executed, by their own metrics."""
    total = 0.0
    for member in stage.network.definition.municipalities:
        operations = Operations.of(member, "peer", stage.network.state)
        for line in operations.metrics().splitlines():
            if line.startswith("endorser_proposal_duration_count") and 'chaincode="moyai' in line:
                total += float(line.rsplit(" ", 1)[1])
    return total


def _open_pages(stage: Stage) -> list[Line]:
    """Commit to screen in one real browser, while thousands of pages ask the beacon and fetch what moved."""
    print(f"{OPEN_PAGES} open pages", file=sys.stderr)
    spawned = multiprocessing.get_context("spawn")
    ready, stop, fetched = spawned.Event(), spawned.Event(), spawned.Value("i", 0)
    crowd = spawned.Process(target=_crowd, args=(stage.address, ready, stop, fetched))
    crowd.start()
    try:
        assert ready.wait(60), "the pages never opened"
        with sync_playwright() as playwright, _processor(stage) as used:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            page = browser.new_page()
            page.goto(f"{stage.address}/relief/needs?sort=newest")
            delays = tuple(_commit_to_screen(stage, page) for _ in range(COMMITS))
            browser.close()
        asked = fetched.value
    finally:
        stop.set()
        crowd.join(30)
    return [Line(f"commit to screen with {OPEN_PAGES:,} open pages, p50", statistics.median(delays), "s"),
            Line(f"commit to screen with {OPEN_PAGES:,} open pages, p95", percentile(delays, 95), "s", at_most=3),
            Line("processors of the web UI meanwhile", used(), "", at_most=1),
            Line("fragments fetched a commit", asked / COMMITS, "")]


def _commit_to_screen(stage: Stage, page: Any) -> float:
    """Seconds from the ledger's answer until the open page says that there is something new."""
    page.evaluate("""() => { window.seen = new Promise(done => {
        const bar = document.querySelector('.fresh');
        new MutationObserver(() => { if (!bar.hidden) { done(Date.now()); } })
            .observe(bar, { attributes: true, childList: true });
    }); }""")
    stage.ledger.submit(RegisterNeed((stage.need(stage.sites[0]),)), stage.clerk)
    committed = time.time()
    seen = page.evaluate("window.seen") / 1000
    page.click(".fresh button")
    threading.Event().wait(BETWEEN_COMMITS)
    return seen - committed


@contextmanager
def _processor(stage: Stage) -> Iterator[Any]:
    """Gives a function that tells, after the block, how many processors the web UI's processes used in it."""
    processes = [psutil.Process(pid) for pid in stage.network.pids(f"webui-{NANAO}")]
    begin, before = time.monotonic(), _seconds(processes)
    result: list[float] = []
    yield lambda: result[0]
    result.append((_seconds(processes) - before) / (time.monotonic() - begin))


def _seconds(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def _crowd(address: str, ready: Any, stop: Any, fetched: Any) -> None:
    """A process that is all the other people: each page polls on its own connection, as a browser does."""
    asyncio.run(_people(address, ready, stop, fetched))


async def _people(address: str, ready: Any, stop: Any, fetched: Any) -> None:
    host, port = address.removeprefix("http://").split(":")
    known = json.loads(await _get(host, int(port), "/live"))["blocks"]
    ready.set()
    await asyncio.gather(*(_person(host, int(port), number, max(known.values()), stop, fetched)
                           for number in range(OPEN_PAGES)))


async def _person(host: str, port: int, number: int, block: int, stop: Any, fetched: Any) -> None:
    """One open page: what people look at when they look at needs."""
    await asyncio.sleep(number / OPEN_PAGES * POLL_SECONDS)
    path = f"/relief/needs?{VIEWS[number % len(VIEWS)]}"
    while not stop.is_set():
        known = json.loads(await _get(host, port, "/live"))["blocks"]
        if known["need"] > block:
            await asyncio.sleep(SPREAD_SECONDS * (number % 97) / 97)
            assert await _get(host, port, path, "Moyai-Fragment: 1\r\n")
            block = known["need"]
            fetched.value += 1
        await asyncio.sleep(POLL_SECONDS)


async def _get(host: str, port: int, path: str, header: str = "") -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{header}\r\n".encode())
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head.split(b"\r\n")[0]
    return body
