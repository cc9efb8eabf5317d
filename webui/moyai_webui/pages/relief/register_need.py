"""S1: register what a site needs."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, TextAreaField

from moyai_contracts.api.relief import NeedLine, RegisterNeed
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.due import DUE_CHOICES, due_of
from moyai_webui.forms.fields import Choice, Clock, Day, Line, Number, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.choices import (
    attribute_choices, chosen_attribute, find_item, guide, one_line, open_sites, site_choices,
)
from moyai_webui.pages.serving import opened, reading, send, settings, show
from moyai_webui.presentation import vocabulary
from moyai_webui.reading import NeedFilter
from moyai_webui.rows import Item, Need, Site


class RegisterNeedForm(PageForm):
    site = Select("届け先")
    item = Line("品目")
    quantity = Number("数量")
    attribute = Select("種類・サイズ")
    due = Choice("いつまでに必要ですか", choices=DUE_CHOICES, message="いつまでに必要かを選んでください")
    due_day = Day("日")
    due_time = Clock("時刻")
    priority = Choice("優先度", choices=list(vocabulary.PRIORITIES.items()))
    note = TextAreaField("補足")
    separate = BooleanField("同じ品目を、別の必要物資として登録する")


@relief.route("/register_need", methods=["GET", "POST"])
@roles(*RECEIVERS)
def register_need() -> ResponseReturnValue:
    items = reading().items(settings().municipality)
    sites = open_sites(person())
    known = find_item(items, request.args.get("item", ""))
    form = opened(RegisterNeedForm, item=known.name if known else None, priority="high", due="tomorrow",
                  site=request.args.get("site"))
    form.item.flags.required = form.site.flags.required = True
    form.site.choices = site_choices(sites)
    if len(sites) == 1:
        form.site.data = sites[0].place.site_id
    site = next((entry for entry in sites if entry.place.site_id == form.site.data), None)
    item = find_item(items, form.item.data or "")
    form.attribute.choices = attribute_choices(item)
    same = None
    if form.validate_on_submit() and _complete(form, site, item):
        assert site is not None and item is not None
        same = _same_need(form, site, item)
        if same is None or form.separate.data:
            command = _command(form, site, item)
            if command is not None:
                return send(form, command, *RECEIVERS)
        else:
            form.complain("item", "同じ品目をすでに登録しています")
    return show("register_need.html", form, items=items, item=item, sites=sites, chosen=site, same=same,
                guides={entry.code: guide(entry, site) for entry in items})


def _complete(form: RegisterNeedForm, site: Site | None, item: Item | None) -> bool:
    if site is None:
        form.complain("site", "届け先を選んでください")
    if item is None:
        form.complain("item", "品目を一覧から選んでください")
    return site is not None and item is not None


def _command(form: RegisterNeedForm, site: Site, item: Item) -> RegisterNeed | None:
    """The command, or None with the reason beside the field."""
    due = due_of(form)
    if due is None:
        return None
    line = NeedLine(need_id=form.new_id("need"), site=site.place.site_id, item=item.code, quantity=form.quantity.data,
                    attributes=chosen_attribute(form.attribute.data), needed_by=int(due.timestamp()),
                    priority=form.priority.data, headcount=site.status.headcount if site.status else None,
                    note=one_line(form.note.data) or None)
    command = RegisterNeed(needs=(line,))
    return command if form.fits(command) else None


def _same_need(form: RegisterNeedForm, site: Site, item: Item) -> Need | None:
    """An open need of this site for the very same thing."""
    attributes = chosen_attribute(form.attribute.data) or {}
    there = reading().needs(NeedFilter(municipality=site.place.code, site_id=site.place.site_id, size=200)).rows
    return next((need for need in there if need.item.code == item.code and dict(need.attributes) == attributes
                 and need.need_id != form.new_id("need")), None)
