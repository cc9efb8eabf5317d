"""S11: today's numbers that open a shift at a shelter, to be read out or printed."""
from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from moyai_webui.access import OFFICE, roles
from moyai_webui.accounts import person
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.portal.day_code import make_pass
from moyai_webui.pages.serving import found, home, identity, reading, settings, show
from moyai_webui.presentation.formats import now, today
from moyai_webui.presentation.qr import qr
from moyai_webui.presentation.template_context import as_of
from moyai_webui.rows import Site

SHIFTS_SHOWN = 20


class DayCodesForm(PageForm):
    pass


@directory.route("/day_codes", methods=["GET", "POST"])
@roles(*OFFICE)
def day_codes() -> ResponseReturnValue:
    """POST makes a new number for one site, or for every open one that has none yet."""
    form, sites = DayCodesForm(), _open_sites()
    shifts = identity().shifts
    codes = shifts.codes(today())
    if form.validate_on_submit():
        wanted = request.form.get("site", "")
        for site in sites:
            site_id = site.place.site_id
            if site_id == wanted or (not wanted and site_id not in codes):
                shifts.make_code(site_id, today(), person().user.user_id, now())
        return redirect(url_for("directory.day_codes"), 303)
    staffed = {site.place.site_id: home().user_of_office(_office(site), "S") is not None for site in sites}
    return show("day_codes.html", form, sites=sites, codes=codes, staffed=staffed, as_of=as_of())


@directory.get("/day_codes/<site_id>")
@roles(*OFFICE)
def day_code_sheet(site_id: str) -> ResponseReturnValue:
    """One sheet to print: number, QR code, how it goes; and who was on duty."""
    site = found(reading().site(settings().municipality, site_id))
    code = found(identity().shifts.code(site_id, today()))
    address = url_for("portal.day_code", **{"pass": make_pass(site_id, code)})
    link = f"{settings().public_url.rstrip('/')}{address}"
    return show("day_code_sheet.html", site=site, day_code=code, link=link, code=qr(link, "当番をはじめるコード"),
                shifts=identity().shifts.at(site_id, SHIFTS_SHOWN), typed=settings().public_url)


def _open_sites() -> tuple[Site, ...]:
    return reading().sites(settings().municipality, opened=True, size=500).rows


def _office(site: Site) -> str:
    return f"{site.place.code}/{site.place.site_id}"
