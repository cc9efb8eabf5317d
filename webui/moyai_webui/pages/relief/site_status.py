"""S10: whether a site is open, how many people are there, and that its needs still hold."""
from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.relief import ConfirmNeeds, SetSiteStatus
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Choice, Number
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver
from moyai_webui.pages.serving import found, opened, reading, send, settings, show
from moyai_webui.presentation.formats import now
from moyai_webui.reading import NeedFilter
from moyai_webui.rows import Site


class SetSiteStatusForm(PageForm):
    open = Choice("開設のようす", choices=[("yes", "開いています"), ("no", "閉じました")])
    headcount = Number("避難者の人数", least=0, most=1_000_000, message="人数を0以上の数字で入れてください")


class ConfirmNeedsForm(PageForm):
    """Nothing to fill in."""


@relief.route("/set_site_status", methods=["GET", "POST"])
@roles(*RECEIVERS)
def set_site_status() -> ResponseReturnValue:
    site = _own_site()
    status = site.status
    form = opened(SetSiteStatusForm, open="no" if status and not status.open else "yes",
                  headcount=status.headcount if status else None)
    if form.validate_on_submit():
        at = int(now().timestamp())
        return send(form, SetSiteStatus(code6=site.place.code, site=site.place.site_id, open=form.open.data == "yes",
                                        headcount=form.headcount.data, counted_at=at), *RECEIVERS)
    return show("set_site_status.html", form, site=site)


@relief.route("/confirm_needs", methods=["GET", "POST"])
@roles(*RECEIVERS)
def confirm_needs() -> ResponseReturnValue:
    site = _own_site()
    form = opened(ConfirmNeedsForm)
    if form.validate_on_submit():
        return send(form, ConfirmNeeds(code6=site.place.code, site=site.place.site_id), *RECEIVERS)
    open_ones = reading().needs(NeedFilter(municipality=site.place.code, site_id=site.place.site_id, size=200))
    return show("confirm_needs.html", form, site=site, needs=open_ones.rows)


def _own_site() -> Site:
    site = found(reading().site(settings().municipality, request.args.get("site") or person().site_id))
    if not is_receiver(person(), site.place):
        abort(403)
    return site
