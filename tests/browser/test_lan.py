"""`make up LAN=1`: a phone that trusts the CA has its camera, keys and offline pages; one that does not is warned."""
from __future__ import annotations

import dataclasses
import os
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_network import lan
from moyai_network.binaries import obtain
from moyai_network.layout import State
from moyai_network.ports import free_ports
from moyai_network.preparation import tools
from moyai_network.rendering import chaincode, processes
from moyai_network.waiting import wait_for
from playwright.sync_api import Browser, Error

from tests.browser.conftest import CHROMIUM, FLAGS, TownHalls

NANAO, CLERK = "172022", "bousai@nanao.example"
ADDRESS = "127.0.0.2"  # another address of this machine, as a phone would use one
DEVICE = "[isSecureContext, typeof crypto.subtle, typeof navigator.mediaDevices, 'serviceWorker' in navigator]"


@dataclasses.dataclass(frozen=True)
class Served:
    url: str
    ca: Path


@pytest.fixture(scope="module")
def served(town_halls: TownHalls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """七尾市's web UI once more, as the plan has it with a local network."""
    state = town_halls.consortium.state
    lan.serve(state, ADDRESS, 7970)
    (port,) = free_ports(1)
    consortium = dataclasses.replace(town_halls.consortium.definition, lan=ADDRESS)
    member = consortium.municipality(NANAO)
    member = dataclasses.replace(member, ports=dataclasses.replace(member.ports, webui=port))
    consortium = dataclasses.replace(consortium, municipalities=tuple(
        member if each.code == NANAO else each for each in consortium.municipalities))
    plan = processes.plan(consortium, [chaincode.moyai(consortium)], state, tools(obtain()))
    program = next(each for each in plan if each.name == f"webui-{NANAO}")
    server = subprocess.Popen(program.command, cwd=tmp_path_factory.mktemp("lan"),
                              env={**os.environ, **program.environment})
    found = Served(consortium.public_url(member), lan.Files.of(State(state.root)).ca)
    try:
        wait_for(lambda: _answers(found), seconds=60, failure=lambda: f"{found.url} does not answer")
        yield found
    finally:
        server.terminate()
        server.wait(30)
        lan.stop_serving(state)


def test_whoever_trusts_the_ca_connects_and_nobody_else(served: Served) -> None:
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(served.url, timeout=10)
    with urllib.request.urlopen(served.url, timeout=10, context=_trusting(served)) as answer:
        assert answer.status == 200 and answer.headers["Strict-Transport-Security"]
    here = served.url.replace(ADDRESS, "127.0.0.1")
    with urllib.request.urlopen(here, timeout=10, context=_trusting(served)) as answer:
        assert answer.status == 200


def test_a_phone_that_trusts_the_ca_may_use_camera_and_keys(
        served: Served, town_halls: TownHalls, tmp_path: Path, chromium: Browser) -> None:
    database = tmp_path / ".pki" / "nssdb"
    database.mkdir(parents=True)
    for arguments in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "moyai", "-i", str(served.ca)]):
        subprocess.run(["certutil", "-d", f"sql:{database}", *arguments], check=True)
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=list(FLAGS),
                                           env={**os.environ, "HOME": str(tmp_path)})
    page = browser.new_page(locale="ja-JP")
    page.goto(f"{served.url}/sign_in")
    assert page.evaluate(DEVICE) == [True, "object", "object", True]
    page.get_by_label("メールアドレスまたは職員番号").fill(CLERK)
    page.get_by_label("パスワード").fill(town_halls.passwords[CLERK])
    page.get_by_role("button", name="サインイン", exact=True).click()
    page.wait_for_url(f"{served.url}/relief/office")
    assert all(cookie["secure"] for cookie in page.context.cookies())
    browser.close()


def test_a_phone_that_does_not_is_warned(served: Served, chromium: Browser) -> None:
    page = chromium.new_page()
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(served.url)
    page.close()


def _trusting(served: Served) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(served.ca))


def _answers(served: Served) -> bool:
    try:
        with urllib.request.urlopen(served.url, timeout=5, context=_trusting(served)) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
