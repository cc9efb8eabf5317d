"""S10: a site that is used no more: it takes no new needs, and what is under way goes on."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.directory import RetireSite
from moyai_webui.access import ADMINISTRATORS, roles
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.serving import found, opened, reading, send, settings, show
from moyai_webui.reading import NeedFilter


class RetireSiteForm(PageForm):
    """Nothing to fill in: the page tells what it means, the button is the decision."""


@directory.route("/retire_site", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def retire_site() -> ResponseReturnValue:
    own = settings().municipality
    site = found(reading().site(own, request.args.get("site", "")))
    form = opened(RetireSiteForm)
    if form.validate_on_submit():
        return send(form, RetireSite(site.place.site_id, site.rev), *ADMINISTRATORS)
    needs = reading().needs(NeedFilter(municipality=own, site_id=site.place.site_id, size=1))
    return show("retire_site.html", form, site=site, needs=needs.total)
