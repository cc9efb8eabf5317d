"""S8: the office sees what became of every mail, and what to do about it."""
from __future__ import annotations

from collections.abc import Callable

import pytest

from moyai_webui.home import Services, SiteContact
from tests.unit.webui.pages.conftest import Browser


@pytest.fixture
def office(signed_in: Callable[[str], Browser]) -> Browser:
    return signed_in("office")


def test_s08_a_mail_that_came_back_says_why_and_where_to_mend_it(office: Browser) -> None:
    page = office.get("/mails?outcome=bounced").text
    assert "550 5.1.1 no such user" in page and "アドレスを直す" in page and "送付依頼" not in page.partition("<tbody")[2]


def test_s08_only_a_mail_in_doubt_is_sent_again_by_hand(office: Browser, services: Services) -> None:
    page = office.get("/mails")
    assert page.text.count("もう一度送る") == 1
    assert office.send("/mails/M4/again", page=page).location == "/mails?again=yes"
    assert services.home.sent_again == ["M4"] and "もう一度送ります" in office.get("/mails?again=yes").text


def test_s08_the_office_sees_how_many_shelters_have_no_address(office: Browser, services: Services) -> None:
    opened = [site.place.site_id for site in services.reading.all_sites
              if site.status and site.status.open and site.place.code == "172022"]
    assert f"{len(opened)}か所には、メールアドレスがありません" in office.get("/mails").text
    for site_id in opened:
        services.home.save_contact(site_id, SiteContact("係", "kakari@nanao.example", ""))
    assert "メールアドレスがありません" not in office.get("/mails").text


def test_s08_a_state_without_mails_says_so(office: Browser) -> None:
    assert "この状態のメールはありません" in office.get("/mails?outcome=deferred").text
