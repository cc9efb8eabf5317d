"""S12: a drill begins, alone or in what another municipality began: everything of relief once more, apart from the
real thing."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from moyai_contracts.api.directory import OpenDrill
from moyai_webui import scope
from moyai_webui.access import ADMINISTRATORS, roles
from moyai_webui.forms.fields import Choice, Day, Line
from moyai_webui.forms.form import PageForm
from moyai_webui.operation_rows import Drill
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.serving import opened, reading, send, settings, show
from moyai_webui.presentation.formats import today
from moyai_webui.rows import Site

TYPED = "訓練"
MOST_SITES = 100


class OpenDrillForm(PageForm):
    title = Line("訓練の名前")
    starts_on = Day("始まる日")
    ends_on = Day("終わる日")
    which = Choice("参加する避難所", choices=[("all", "すべて"), ("some", "選ぶ")])
    confirmed = HiddenField()
    word = Line("「訓練」と入れてください")


@directory.route("/open_drill", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def open_drill() -> ResponseReturnValue:
    """`?join=<id>` takes part in another municipality's drill."""
    joined = next((drill for drill in _others() if drill.scope == request.args.get("join")), None)
    sites = reading().sites(settings().municipality, size=500).rows
    form = opened(OpenDrillForm, which="all", starts_on=(joined and joined.starts_on) or today(),
                  ends_on=(joined and joined.ends_on) or today(), title=joined.title if joined else None)
    for field in (form.title, form.starts_on, form.ends_on):
        field.flags.required = True
    chosen = _chosen(sites)
    if form.validate_on_submit() and (command := _command(form, joined, chosen)):
        if form.confirmed.data and form.word.data == TYPED:
            return send(form, command, *ADMINISTRATORS)
        if form.confirmed.data:
            form.complain("word", f"始めるときは「{TYPED}」と入れてください")
        return show("confirm_open_drill.html", form, chosen=chosen, joined=joined)
    return show("open_drill.html", form, sites=sites, chosen=chosen, joined=joined, running=scope.open_drills(),
                others=_others(), towns={town.code: town.name for town in reading().municipalities()})


def _others() -> list[Drill]:
    """Open drills of the other municipalities that this one takes no part in."""
    own = settings().municipality
    known = {drill.scope for drill in reading().drills(own)}
    found = (drill for town in reading().municipalities() if town.code != own for drill in reading().drills(town.code))
    return list({drill.scope: drill for drill in found if drill.is_open and drill.scope not in known}.values())


def _chosen(sites: tuple[Site, ...]) -> tuple[Site, ...]:
    return tuple(site for site in sites if f"site-{site.place.site_id}" in request.form)


def _command(form: OpenDrillForm, joined: Drill | None, chosen: tuple[Site, ...]) -> OpenDrill | None:
    """The drill, or None with the reasons beside the fields."""
    start, end = form.starts_on.data, form.ends_on.data
    if not form.title.data:
        form.complain("title", "訓練の名前を入れてください")
    if start is None:
        form.complain("starts_on", "始まる日を入れてください")
    if end is None or end < today() or (start is not None and end < start):
        form.complain("ends_on", "終わる日を、今日と始まる日より後で選んでください")
    if form.which.data == "some" and not 0 < len(chosen) <= MOST_SITES:
        form.complain("which", f"参加する避難所を、1から{MOST_SITES}か所まで選んでください")
    if form.problems:
        return None
    command = OpenDrill(
        drill_id=joined.scope if joined else form.new_id("drill"), title=form.title.data,
        starts_on=start.isoformat(), ends_on=end.isoformat(),
        sites=tuple(site.place.site_id for site in chosen) if form.which.data == "some" else None)
    return command if form.fits(command) else None
