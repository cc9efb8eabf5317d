"""S10: the office's master data: the list of sites, one site's form."""
from __future__ import annotations

import dataclasses

from flask import request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.directory import SaveSite, SiteLine
from moyai_webui.access import OFFICE, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Code, Line, Number, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.home import SiteContact
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.serving import (
    PAGE_SIZE, as_file, found, home, identity, opened, page_number, reading, send, services, settings, show,
)
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.template_context import as_of
from moyai_webui.sites import cells
from moyai_webui.sites.preview import registered_line
from moyai_webui.sites.source_list import to_csv

LARGEST_SITE = 10_000_000
MOST_SITES = 10_000


class SaveSiteForm(PageForm):
    site_id = Code("ID")
    kind = Select("種類", choices=list(vocabulary.SITE_KINDS.items()))
    name = Line("名称")
    kana = Line("よみ")
    address = Line("住所")
    district = Line("地区")
    phone = Code("施設の電話番号")
    capacity_indoor = Number("収容できる人数（屋内）", least=0, required=False, message="人数を0以上の数字で入れてください")
    contact_person = Line("担当の方")
    contact_mail = Code("メールアドレス")
    contact_phone = Code("担当の方の電話番号")


@directory.get("/")
@roles(*OFFICE)
def manage() -> ResponseReturnValue:
    own = settings().municipality
    return show("manage.html", sites=reading().sites(own, size=1), opened=reading().sites(own, opened=True, size=1),
                items=reading().items(own), metered=services().metering is not None, chores=_chores(), as_of=as_of())


def _chores() -> dict[str, bool]:
    """What an administrator should do: protect the own sign-in, confirm others' devices."""
    me = person()
    if "A" not in me.roles:
        return {}
    factor = identity().factors.factor(me.user.user_id)
    waiting = [key for key in reading().keys(settings().municipality)
               if key.state == "self" and key.account_id != me.account]
    return {"authenticator": factor is None or not factor.confirmed, "devices": bool(waiting)}


@directory.get("/sites")
@roles(*OFFICE)
def sites() -> ResponseReturnValue:
    text, state = request.args.get("q", "").strip()[:60], request.args.get("open", "")
    page = reading().sites(settings().municipality, text=text, kind=request.args.get("kind", ""),
                           opened={"1": True, "0": False}.get(state), page=page_number(), size=PAGE_SIZE)
    return show("sites.html", page=page, text=text, as_of=as_of())


@directory.get("/sites.csv")
@roles(*OFFICE)
def sites_csv() -> ResponseReturnValue:
    """All sites in the columns of the list they came from; rows that nobody changed as they were written."""
    own = settings().municipality
    content = to_csv(home().site_list(), reading().sites(own, size=MOST_SITES).rows, own)
    return as_file(content, "text/csv", "sites.csv")


@directory.route("/save_site", methods=["GET", "POST"])
@roles(*OFFICE)
def save_site() -> ResponseReturnValue:
    own = settings().municipality
    site_id = request.args.get("site", "")
    old = registered_line(found(reading().site(own, site_id))) if site_id else None
    contact = home().contact(site_id) if site_id else SiteContact()
    form = opened(SaveSiteForm, **(dataclasses.asdict(old) if old else {}), contact_person=contact.person,
                  contact_mail=contact.mail, contact_phone=contact.phone)
    for field in (form.site_id, form.name, form.kind):
        field.flags.required = True
    if form.validate_on_submit():
        line = _line(form, old)
        if line is not None and form.fits(SaveSite(sites=(line,))):
            home().save_contact(line.site_id, SiteContact(form.contact_person.data or "", form.contact_mail.data or "",
                                                          form.contact_phone.data or ""))
            return send(form, SaveSite(sites=(line,)), *OFFICE)
    return show("save_site.html", form, old=old)


def _line(form: SaveSiteForm, old: SiteLine | None) -> SiteLine | None:
    """The site as it shall be, or None with the reasons beside the fields."""
    mail = form.contact_mail.data or ""
    if old is None and reading().site(settings().municipality, form.site_id.data or "") is not None:
        form.complain("site_id", "このIDの施設はすでにあります")
    if not form.name.data:
        form.complain("name", "名称を入れてください")
    if form.kind.data not in vocabulary.SITE_KINDS:
        form.complain("kind", "種類を選んでください")
    if mail and (mail.count("@") != 1 or mail.startswith("@") or mail.endswith("@") or " " in mail):
        form.complain("contact_mail", "メールアドレスを、name@example.jpのような形で入れてください")
    phone = cells.phone(form.phone.data or "")
    if phone is None:
        form.complain("phone", "電話番号を数字とハイフンで入れてください")
    try:
        site_id = old.site_id if old else cells.site_id(form.site_id.data or "")
    except cells.Unreadable as error:
        form.complain("site_id", str(error).rstrip("。"))
    if form.problems:
        return None
    values = dict(kind=form.kind.data, name=form.name.data, kana=form.kana.data or None,
                  address=form.address.data or "", district=form.district.data or None, phone=phone or None,
                  capacity_indoor=form.capacity_indoor.data)
    return dataclasses.replace(old, **values) if old else SiteLine(site_id=site_id, rev=0, **values)
