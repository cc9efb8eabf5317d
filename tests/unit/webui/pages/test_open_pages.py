"""The beacon and the fragments, over the application with its services in memory."""
from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from moyai_webui.home import Services
from moyai_webui.live import heights
from moyai_webui.live.shelf import HEADER
from moyai_webui.live.topics import TOPICS
from moyai_webui.store.projection_tables import Projection
from tests.unit.webui.pages.conftest import Browser

FRAGMENT = {HEADER: "1"}


@pytest.fixture(autouse=True)
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heights, "KEPT_SECONDS", 0.0)


def rows_read(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one whenever the list of needs is read."""
    read, found = services.reading.needs, []

    def counted(*arguments: object) -> object:
        found.append(1)
        return read(*arguments)
    monkeypatch.setattr(services.reading, "needs", counted)
    return found


def test_every_topic_is_a_page_and_a_table(site: tuple[Flask, Services]) -> None:
    assert TOPICS.keys() <= site[0].view_functions.keys()
    assert {topic for topics in TOPICS.values() for topic in topics} <= Projection.metadata.tables.keys()


def test_the_beacon_says_how_far_everything_is(site: tuple[Flask, Services]) -> None:
    app, services = site
    services.reading.blocks = {"need": 41}
    answer = app.test_client().get("/live")
    assert answer.json["blocks"] == {"need": 41} and answer.json["fresh"] is True
    assert answer.headers["Cache-Control"] == "public, max-age=1" and "Set-Cookie" not in answer.headers


def test_a_page_says_what_it_shows_and_how_far(site: tuple[Flask, Services]) -> None:
    app, services = site
    services.reading.blocks = {"need": 41, "offer": 43, "mail": 99}
    page = app.test_client().get("/relief/needs").text
    assert 'data-live="need site_status offer dispatch package" data-block="43"' in page
    assert "/static/live.js" in page


def test_a_form_is_not_live(signed_in: Callable[[str], Browser]) -> None:
    page = signed_in("shelter").get("/relief/register_need").text
    assert "data-live" not in page and "live.js" not in page


def test_a_fragment_is_the_main_part_alone(site: tuple[Flask, Services]) -> None:
    app, _ = site
    whole = app.test_client().get("/relief/needs").text
    part = app.test_client().get("/relief/needs", headers=FRAGMENT)
    assert "<html" in whole and "<html" not in part.text and "<header" not in part.text
    assert part.text.count("<main ") == 1 and part.text[part.text.index("<main "):].strip() in whole
    assert HEADER in part.headers.getlist("Vary")


def test_a_fragment_is_made_once_for_a_block(site: tuple[Flask, Services], monkeypatch: pytest.MonkeyPatch) -> None:
    app, services = site
    services.reading.blocks = {"need": 41}
    read = rows_read(services, monkeypatch)
    first, second = (app.test_client().get("/relief/needs", headers=FRAGMENT).text for _ in range(2))
    assert first == second and len(read) == 1
    services.reading.blocks = {"need": 42}
    assert 'data-block="42"' in app.test_client().get("/relief/needs", headers=FRAGMENT).text and len(read) == 2
    app.test_client().get("/relief/needs?priority=urgent", headers=FRAGMENT)
    assert len(read) == 3


def test_visitors_share_a_fragment_before_flask_sees_them(site: tuple[Flask, Services],
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    app, services = site
    drawn = app.test_client().get("/relief/needs?priority=urgent", headers=FRAGMENT)
    monkeypatch.setattr(app, "wsgi_app", app.wsgi_app.__class__(_closed, *_of(app.wsgi_app)))
    again = app.test_client().get("/relief/needs?priority=urgent", headers=FRAGMENT)
    assert again.status_code == 200 and again.data == drawn.data and again.mimetype == "text/html"
    phone = FRAGMENT | {"User-Agent": "Mobile Safari"}
    assert app.test_client().get("/relief/needs?priority=urgent", headers=phone).status_code == 503
    assert app.test_client().get("/relief/needs?priority=urgent").status_code == 503
    services.reading.blocks = {"need": 99}
    assert app.test_client().get("/relief/needs?priority=urgent", headers=FRAGMENT).status_code == 503


def test_who_is_signed_in_is_asked_for_rights_before_the_shelf(site: tuple[Flask, Services],
                                                               signed_in: Callable[[str], Browser]) -> None:
    app, _ = site
    visitor = app.test_client().get("/relief/needs", headers=FRAGMENT).text
    assert signed_in("office").client.get("/relief/needs", headers=FRAGMENT).text != visitor


def test_people_of_other_rights_get_a_fragment_of_their_own(
        site: tuple[Flask, Services], signed_in: Callable[[str], Browser]) -> None:
    texts: Iterator[str] = (browser.client.get("/relief/needs", headers=FRAGMENT).text
                            for browser in (Browser(site[0].test_client()), signed_in("shelter"), signed_in("office")))
    visitor, shelter, office = texts
    assert "へ液体ミルクを提供する" in visitor and "へ液体ミルクを提供する" not in shelter and shelter != office


def test_a_fragment_asks_for_the_rights_of_its_page(site: tuple[Flask, Services]) -> None:
    assert site[0].test_client().get("/relief/office", headers=FRAGMENT).status_code == 303


def test_a_fragment_with_somebodys_token_is_nobody_elses(
        site: tuple[Flask, Services], signed_in: Callable[[str], Browser]) -> None:
    tokens = [page.partition('name="csrf_token" value="')[2].partition('"')[0]
              for page in (signed_in("shelter").client.get("/relief/", headers=FRAGMENT).text for _ in range(2))]
    assert all(tokens) and tokens[0] != tokens[1]


def _closed(environ: object, start_response: object) -> list[bytes]:
    """An application that answers nothing."""
    start_response("503 SERVICE UNAVAILABLE", [])
    return [b""]


def _of(answers: object) -> tuple[object, object, str]:
    return answers._heights, answers._shelf, answers._cookie.rstrip("=")
