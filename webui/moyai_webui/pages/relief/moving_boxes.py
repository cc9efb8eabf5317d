"""S9: boxes on their way: they reach a hub, go to another site, or never come."""
from __future__ import annotations

from datetime import timedelta

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, TextAreaField

from moyai_contracts.api.identifiers import parse_label
from moyai_contracts.api.relief import LOST_AFTER_SECONDS, HandOverPackage, RedirectPackage, ReportLost
from moyai_webui.access import OFFICE, RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Code, Select, half_width
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver, is_sender
from moyai_webui.pages.relief.choices import hubs, one_line, open_sites, site_choices
from moyai_webui.pages.serving import found, opened, reading, send, settings, show
from moyai_webui.presentation.formats import now
from moyai_webui.reading import PackageFilter
from moyai_webui.rows import Package, Site

LOSERS = ("A", "C", "P")
MOST_BOXES = 300
ON_THE_WAY = ("shipped", "handed_over")


class HandOverPackageForm(PageForm):
    code = Code("箱のコード")
    site = Select("集積所")
    scanned_at = HiddenField()


class RedirectPackageForm(PageForm):
    site = Select("新しい届け先")
    reason = TextAreaField("理由")


class ReportLostForm(PageForm):
    note = TextAreaField("わかっていること")


@relief.route("/hand_over_package", methods=["GET", "POST"])
@roles(*RECEIVERS)
def hand_over_package() -> ResponseReturnValue:
    places = _hubs()
    form = opened(HandOverPackageForm, code=request.args.get("code"), scanned_at=str(int(now().timestamp())),
                  site=places[0].place.site_id if len(places) == 1 else None)
    form.code.flags.required = form.site.flags.required = True
    form.site.choices = site_choices(places)
    if form.validate_on_submit():
        label = parse_label(half_width(form.code.data or ""))
        if label is None or reading().package(label[0]) is None:
            form.complain("code", "このコードの荷物はありません。読み取り直してください")
        elif form.site.data not in {hub.place.site_id for hub in places}:
            form.complain("site", "集積所を選んでください")
        else:
            at = int(form.scanned_at.data or 0) or int(now().timestamp())
            return send(form, HandOverPackage(package_id=label[0], code6=settings().municipality, site=form.site.data,
                                              scanned_at=min(at, int(now().timestamp()))), *RECEIVERS)
    return show("hand_over_package.html", form, hubs=places, boxes=_passing(places))


@relief.route("/redirect_package", methods=["GET", "POST"])
@roles(*OFFICE)
def redirect_package() -> ResponseReturnValue:
    boxes = [_box(package_id) for package_id in dict.fromkeys(request.args.getlist("package"))][:20]
    if not boxes:
        return redirect(url_for("relief.arrivals", tab="coming"), 303)
    if not all(is_receiver(person(), box.place) for box in boxes):
        abort(403)
    sites = tuple(site for site in open_sites(person()) if site.place.site_id != boxes[0].place.site_id)
    form = opened(RedirectPackageForm)
    form.site.choices = site_choices(sites)
    form.site.flags.required = form.reason.flags.required = True
    if form.validate_on_submit():
        reason = one_line(form.reason.data)
        if form.site.data not in {site.place.site_id for site in sites}:
            form.complain("site", "新しい届け先を選んでください")
        if not reason:
            form.complain("reason", "理由を書いてください")
        command = None if form.problems else RedirectPackage(
            packages=tuple(box.package_id for box in boxes), site=form.site.data, reason=reason)
        if command is not None and form.fits(command):
            return send(form, command, *OFFICE)
    return show("redirect_package.html", form, boxes=boxes)


@relief.route("/report_lost", methods=["GET", "POST"])
@roles(*LOSERS)
def report_lost() -> ResponseReturnValue:
    box = _box(request.args.get("package", ""))
    if not (is_receiver(person(), box.place) or is_sender(person(), box.sender)):
        abort(403)
    form = opened(ReportLostForm)
    from_when = box.shipped_at + timedelta(seconds=LOST_AFTER_SECONDS) if box.shipped_at else None
    possible = box.state in ON_THE_WAY and from_when is not None and from_when <= now()
    if possible and form.validate_on_submit():
        command = ReportLost(package_id=box.package_id, note=one_line(form.note.data) or None)
        if form.fits(command):
            return send(form, command, *LOSERS)
    return show("report_lost.html", form, box=box, possible=possible, from_when=from_when)


def _box(package_id: str) -> Package:
    return found(reading().package(package_id))


def _hubs() -> tuple[Site, ...]:
    """The hubs a person may act for: its own site, or all of the municipality."""
    return tuple(hub for hub in hubs() if person().site_id in ("", hub.place.site_id))


def _passing(places: tuple[Site, ...]) -> list[Package]:
    """The boxes that come through these hubs or lie there, those that lie there first."""
    own = {(hub.place.code, hub.place.site_id) for hub in places}
    coming = reading().packages(PackageFilter(municipality=settings().municipality, stage="coming", size=MOST_BOXES))
    boxes = [box for box in coming.rows if own & set(box.route[max(box.leg - 1, 0):])]
    return sorted(boxes, key=lambda box: box.state != "handed_over")
