"""S9 on a phone: the printed label before the camera, many boxes with one confirmation, all of it without network."""
from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_contracts.api import Actor
from moyai_contracts.api.directory import RegisterKey
from moyai_network.waiting import wait_for
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.camera_film import film_of
from tests.browser.conftest import CHROMIUM, FLAGS, PATIENCE_MS, PHONE, TownHalls, answers
from tests.contract.channel import NANAO
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene
from tests.network.sent_boxes import Neighbour, SentBox

CLERK = "bousai@nanao.example"
KEPT_PAGES = "async () => (await (await caches.open('moyai-pages')).keys()).length"


class PhoneWithCamera:
    """A clerk's own phone: what it keeps outlives its browser, and its camera sees a film of labels."""

    def __init__(self, playwright: Playwright, halls: TownHalls, folder: Path) -> None:
        self._halls = halls
        self._folder = folder
        self._playwright = playwright
        self._context: BrowserContext | None = None
        self.film = folder / "labels.y4m"

    def open(self) -> Page:
        """Starts the browser."""
        camera = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                  f"--use-file-for-fake-video-capture={self.film}")
        self._context = self._playwright.chromium.launch_persistent_context(
            self._folder / "profile", executable_path=CHROMIUM, args=[*FLAGS, *camera], viewport=PHONE,
            permissions=["camera"], locale="ja-JP", timezone_id="Asia/Tokyo", base_url=self._halls.addresses[NANAO])
        page = self._context.pages[0]
        page.set_default_timeout(PATIENCE_MS)
        return page

    def sign_in(self, page: Page) -> None:
        page.goto("/sign_in")
        page.get_by_label("メールアドレスまたは職員番号").fill(CLERK)
        page.get_by_label("パスワード").fill(self._halls.passwords[CLERK])
        page.get_by_label("この端末でサインインを続ける").check()
        page.get_by_role("button", name="サインイン", exact=True).click()
        page.wait_for_url(lambda url: "/sign_in" not in url)

    def close(self) -> None:
        """Ends the browser, as a phone does that needs its memory."""
        if self._context is not None:
            self._context.close()
            self._context = None


@pytest.fixture(scope="module")
def neighbour(town_halls: TownHalls) -> Iterator[Neighbour]:
    channel = FabricChannel(town_halls.consortium.state.root).bootstrap()
    yield Neighbour(Scene(channel), item_name="箱の試験の水")
    channel.close()


@pytest.fixture
def phone_with_camera(playwright: Playwright, town_halls: TownHalls, tmp_path: Path) -> Iterator[PhoneWithCamera]:
    phone = PhoneWithCamera(playwright, town_halls, tmp_path)
    yield phone
    phone.close()


def print_labels(page: Page, boxes: list[SentBox], phone: PhoneWithCamera) -> None:
    """The labels as the web UI prints them, put before the camera of the next browser."""
    address = "/relief/labels.pdf?" + "&".join(f"package={box.package_id}" for box in boxes)
    wait_for(lambda: page.request.get(address).ok, seconds=60, failure=lambda: "the boxes never appeared")
    film_of(page.request.get(address).body(), len(boxes), phone.film.parent)


def enrol(page: Page, neighbour: Neighbour) -> None:
    """Gives the phone a key of its own; nobody has confirmed it yet."""
    actor = page.request.get("/me/snapshot.json").json()["actor"]
    page.add_script_tag(url="/static/moyai-key.js")
    public = page.evaluate("async account => (await moyaiKey.makeKey(account)).public", actor["account"])
    neighbour.scene.submit(NANAO, "webui", RegisterKey(public), actor=Actor(**actor))


def test_s09_a_row_of_boxes_before_the_camera_is_received_with_one_confirmation(
        phone_with_camera: PhoneWithCamera, neighbour: Neighbour) -> None:
    boxes = neighbour.boxes(3)
    page = phone_with_camera.open()
    phone_with_camera.sign_in(page)
    print_labels(page, boxes, phone_with_camera)
    phone_with_camera.close()
    page = phone_with_camera.open()
    page.goto("/relief/scan")
    expect(page.locator("[data-rows] li")).to_have_count(3, timeout=60_000)
    expect(page.get_by_text("箱の試験の水 24個").first).to_be_visible()
    page.get_by_role("button", name="3箱をこの数で受け取る").click()
    page.wait_for_url(re.compile("/recorded/"))
    expect(page.get_by_role("heading", name="受取を記録しました")).to_be_visible(timeout=60_000)
    for box in boxes:
        assert neighbour.document(box)["state"] == "received"
        assert len(neighbour.events("relief.receive_package", box)) == 1


def test_s09_a_box_scanned_without_network_is_recorded_once_with_its_own_time(
        phone_with_camera: PhoneWithCamera, neighbour: Neighbour, town_halls: TownHalls) -> None:
    box, other = neighbour.boxes(2)
    page = phone_with_camera.open()
    phone_with_camera.sign_in(page)
    print_labels(page, [box], phone_with_camera)
    enrol(page, neighbour)
    page.goto("/relief/arrivals")
    page.wait_for_function(f"async () => await ({KEPT_PAGES})() >= 5")
    page.reload()
    page.wait_for_timeout(1000)  # the browser writes what it keeps a moment later
    phone_with_camera.close()
    town_halls.consortium.stop(f"webui-{NANAO}")
    try:
        page = phone_with_camera.open()
        page.goto("/relief/scan")
        expect(page.get_by_text("圏外です。入力は端末に保存します。")).to_be_visible()
        expect(page.get_by_text("箱の試験の水 24個").first).to_be_visible()
        page.get_by_role("button", name="1箱をこの数で受け取る").click()
        page.wait_for_url(re.compile("/me/queue"))
        expect(page.get_by_text("端末に保存").first).to_be_visible()
        expect(page.get_by_text("端末の署名つき")).to_be_visible()
        scanned_before = int(time.time())
        page.goto(f"/relief/receive_package?code={other.package_id}")
        page.get_by_label("使える物").fill("20")
        page.get_by_role("button", name="この数で受け取る").click()
        page.wait_for_url(re.compile("/me/queue"))
        expect(page.get_by_text("送っていない入力が2件あります")).to_be_visible()
        phone_with_camera.close()
        assert neighbour.document(box)["state"] == "shipped"
    finally:
        town_halls.consortium.start(f"webui-{NANAO}")
    wait_for(lambda: answers(town_halls.addresses[NANAO]), seconds=60, failure=lambda: "the web UI does not answer")
    page = phone_with_camera.open()
    page.goto("/me/queue")
    expect(page.get_by_text("記録済み")).to_have_count(2, timeout=60_000)
    for sent, good in ((box, 24), (other, 20)):
        (event,) = neighbour.events("relief.receive_package", sent)
        assert event["queued"] and event["lines"][0]["good"] == good  # type: ignore[index]
        assert scanned_before - 60 <= int(str(event["scanned_at"])) <= scanned_before + 60
    assert neighbour.document(other)["receipt"]["lines"][0]["short"] == 4  # type: ignore[index]
    assert neighbour.document(box)["receipt"]["attested"] == "self"  # type: ignore[index]


def test_s09_two_phones_that_disagree_make_a_difference_and_both_counts_stay(
        phone_with_camera: PhoneWithCamera, neighbour: Neighbour, town_halls: TownHalls) -> None:
    (box,) = neighbour.boxes(1)
    page = phone_with_camera.open()
    phone_with_camera.sign_in(page)
    print_labels(page, [box], phone_with_camera)
    page.goto(f"/relief/receive_package?code={box.package_id}")
    page.wait_for_function(f"async () => await ({KEPT_PAGES})() >= 5")
    page.context.set_offline(True)
    page.get_by_label("使える物").fill("23")
    page.get_by_role("button", name="この数で受け取る").click()
    page.wait_for_url(re.compile("/me/queue"))
    expect(page.get_by_text("端末に保存").first).to_be_visible()
    neighbour.receive(box, good=24)
    page.locator("summary.who").click()
    page.get_by_role("button", name="サインアウト", exact=True).click()
    expect(page.get_by_role("heading", name="まだ送っていない入力があります")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="いま送る").click()
    expect(page.get_by_text("記録済み")).to_be_visible(timeout=60_000)
    first, second = neighbour.events("relief.receive_package", box)
    assert first["lines"][0]["good"] == 24 and second["conflicting"]  # type: ignore[index]
    assert second["lines"][0]["good"] == 23  # type: ignore[index]
    difference = neighbour.scene.evaluate(NANAO, "relief.get_discrepancy", scope="live", package_id=box.package_id,
                                          discrepancy_id=str(second["discrepancy_id"]))
    assert (difference["kind"], difference["state"]) == ("conflicting_scan", "open")
    assert neighbour.document(box)["receipt"]["lines"][0]["good"] == 24  # type: ignore[index]
