"""S12: on the real read model nothing of a drill is seen outside it, and nothing real in it: every list page, both
ways."""
from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from moyai_contracts.api.command import LIVE
from moyai_contracts.api.directory import OpenDrill
from moyai_contracts.api.relief import ConfirmNeeds, SetIntake, SetSiteStatus
from moyai_webui import scope
from moyai_webui.application import create_application
from moyai_webui.store.reading import SqlReading
from tests.contract.channel import NANAO
from tests.contract.relief_story import MemoryStory
from tests.contract.scene import ulid
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser
from tests.unit.webui.projected import Projected
from tests.unit.webui.town import begin_story

LISTS = ("/relief/office", "/relief/?site={site}", "/relief/needs", "/relief/needs?status=off", "/relief/needs?q=和倉",
         "/relief/needs?city=172022", "/relief/offers", "/relief/offers?whose=for_us", "/relief/offers?status=asked",
         "/relief/dispatches", "/relief/dispatches?state=shipped", "/relief/arrivals?tab=coming",
         "/relief/arrivals?date={day}", "/relief/request_dispatch", "/relief/suggestions", "/relief/totals",
         "/relief/open_shelters", "/records", "/relief/approve_dispatch", "/relief/set_intake",
         "/relief/confirm_needs?site={site}", "/relief/register_need", "/directory/sites", "/mails")
MARKED = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}|[PT][0-9A-Z]{11}")


class Town:
    """七尾市's web UI over the read model of a story, which was played for real and in a drill."""

    def __init__(self, folder: Path) -> None:
        self.story = begin_story(folder / "consoles")
        self.drill = ulid()
        for administrator in ("admin", "hachioji_admin"):
            self.story.submit(administrator, OpenDrill(self.drill, "秋の訓練"))
        self.dispatches: set[str] = set()  # the receiver's lists name boxes instead
        self.ids = {LIVE: self._play()}
        self.story.scope = self.drill
        self.ids[self.drill] = self._play()
        self.story.scope = None
        self.projected = Projected(f"sqlite:///{folder / 'projection.sqlite'}", self.story.channel.ledger, NANAO)
        self.projected.project()
        (folder / "web").mkdir()
        app, services = world.application(folder / "web")
        reading = SqlReading(self.projected.database, NANAO, self.projected.now, scope.current)
        self.app = create_application(app.extensions["moyai_settings"], dataclasses.replace(services, reading=reading))
        self.app.testing = True

    def _play(self) -> set[str]:
        """A bit of everything; gives the ids that pages name."""
        story: MemoryStory = self.story
        story.submit("clerk", SetSiteStatus(NANAO, story.cast.shelter, True, 30))
        story.submit("clerk", ConfirmNeeds(NANAO, story.cast.shelter))
        received, shipped, asked = story.request(quantity=60), story.request(quantity=50), story.request(quantity=40)
        for box in (received, shipped):
            story.ship(box)
        story.receive(received, 45, short=15)
        aimed = story.need(30)
        offer = story.offer(20, aimed_at=aimed)
        story.submit("clerk", SetIntake(item=story.cast.blanket, stopped=True, until="2099-12-31", note="足りています"))
        boxes = (received, shipped, asked)
        dispatches = {box.dispatch_id for box in boxes}
        self.dispatches |= dispatches
        return dispatches | {aimed, offer} | {name for box in boxes
                                              for name in (box.package_id, box.need_id, box.offer_id)}

    def addresses(self) -> list[str]:
        return [address.format(site=self.story.cast.shelter, day=self.story.today) for address in LISTS]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, quick_hashes: None) -> Iterator[Town]:
    town = Town(tmp_path_factory.mktemp("town"))
    yield town
    town.projected.close()


def test_s12_every_list_shows_its_own_scope_alone(town: Town) -> None:
    office = Browser(town.app.test_client())
    assert office.sign_in("office").status_code == 303
    shown: dict[str, set[str]] = {}
    for chosen in (LIVE, town.drill, LIVE):
        assert office.send("/scope", {"chosen": chosen}, page=office.get("/relief/needs")).status_code == 303
        other = town.ids[LIVE] | town.ids[town.drill]
        for address in town.addresses():
            page = office.get(address)
            assert page.status_code == 200, (chosen, address, page.status_code)
            named = set(MARKED.findall(page.text)) & other
            assert named <= town.ids[chosen], (chosen, address)
            shown.setdefault(chosen, set()).update(named)
            assert ("is-drill" in page.text) == (chosen != LIVE), (chosen, address)
    for chosen, ids in town.ids.items():
        missing = ids - shown[chosen] - town.dispatches
        assert not missing, (chosen, missing)


def test_s12_single_records_are_as_apart_as_lists(town: Town) -> None:
    office = Browser(town.app.test_client())
    office.sign_in("office")
    drill_box = next(name for name in town.ids[town.drill] if name.startswith("T") and len(name) == 12)
    live_box = next(name for name in town.ids[LIVE] if name.startswith("P") and len(name) == 12)

    def status(box: str) -> int:
        return office.get(f"/records/{box}").status_code

    assert (status(live_box), status(drill_box)) == (200, 404)
    office.send("/scope", {"chosen": town.drill}, page=office.get("/relief/needs"))
    assert (status(live_box), status(drill_box)) == (404, 200)


def test_s12_anyone_follows_a_box_of_a_drill_and_sees_that_it_is_one(town: Town) -> None:
    visitor = Browser(town.app.test_client())
    for chosen, ids in town.ids.items():
        for box in (name for name in ids if len(name) == 12):
            page = visitor.get(f"/T/{box}-01")
            assert page.status_code == 200 and ("is-drill" in page.text) == (chosen != LIVE)
