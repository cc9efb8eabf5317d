"""S1: register what a site needs; also again, copied from an earlier need."""
from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, TextAreaField

from moyai_contracts.api.relief import NeedLine, RegisterNeed
from moyai_webui.access import RECEIVERS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.amounts import Amount, Kinds, pack_choices, pieces
from moyai_webui.forms.due import DUE_CHOICES, due_of
from moyai_webui.forms.fields import Choice, Clock, Day, Line, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_receiver
from moyai_webui.pages.relief.choices import find_item, guide, one_line, open_sites, site_choices
from moyai_webui.pages.relief.duplicates import likely_duplicates
from moyai_webui.pages.relief.paper import written_at
from moyai_webui.pages.serving import found, opened, reading, send, settings, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import moment
from moyai_webui.rows import Item, Need, Site


class RegisterNeedForm(PageForm):
    site = Select("届け先")
    item = Line("品目")
    quantity = Amount("数量")
    pack = Select("数え方")
    attributes = Kinds("種類・サイズ")
    due = Choice("いつまでに必要ですか", choices=DUE_CHOICES, message="いつまでに必要かを選んでください")
    due_day = Day("日")
    due_time = Clock("時刻")
    priority = Choice("優先度", choices=list(vocabulary.PRIORITIES.items()))
    note = TextAreaField("理由・補足")
    separate = BooleanField("足さずに、別の必要物資として登録する")


@relief.route("/register_need", methods=["GET", "POST"])
@roles(*RECEIVERS)
def register_need() -> ResponseReturnValue:
    """`?item=` and `?site=` fill the form, `?copy=` with everything of an earlier need."""
    items = reading().items(settings().municipality)
    sites = open_sites(person())
    earlier = found(reading().need(request.args["copy"])) if request.args.get("copy") else None
    form = _form(items, sites, earlier)
    site = next((entry for entry in sites if entry.place.site_id == form.site.data), None)
    item = find_item(items, form.item.data or "")
    form.pack.choices = pack_choices(item)
    form.attributes.of(item)
    same: tuple[Need, ...] = ()
    typed = 0
    if request.form.get("choose"):
        if item is None:
            form.complain("item", "品目を一覧から選んでください")
    elif form.validate_on_submit() and _complete(form, site, item):
        assert site is not None and item is not None
        same = likely_duplicates(site, item, form.attributes.data, form.new_id("need"))
        command = _command(form, site, item)
        typed = command.needs[0].quantity if command else 0
        if command is not None and same and not form.separate.data:
            form.complain("item", f"同じ品目を{moment(same[0].at)}に登録しています。数を足しますか")
        elif command is not None:
            return send(form, command, *RECEIVERS)
    return show("register_need.html", form, items=items, item=item, sites=sites, same=same, earlier=earlier,
                typed=typed, mine=lambda need: is_receiver(person(), need.place),
                guides={entry.code: guide(entry, site) for entry in items})


def _form(items: tuple[Item, ...], sites: tuple[Site, ...], earlier: Need | None) -> RegisterNeedForm:
    """The form as it is opened: empty, for an item, or as an earlier need was."""
    known = find_item(items, request.args.get("item", ""))
    start: dict[str, Any] = {"item": known.name if known else None, "priority": "high",
                             "site": request.args.get("site")}
    if earlier is not None:
        start = {"item": earlier.item.name, "priority": earlier.priority, "site": earlier.place.site_id,
                 "quantity": earlier.quantity, "attributes": earlier.attributes, "note": earlier.note}
    form = opened(RegisterNeedForm, due="tomorrow", **start)
    form.item.flags.required = form.site.flags.required = True
    form.site.choices = site_choices(sites)
    if len(sites) == 1:
        form.site.data = sites[0].place.site_id
    return form


def _complete(form: RegisterNeedForm, site: Site | None, item: Item | None) -> bool:
    if site is None:
        form.complain("site", "届け先を選んでください")
    if item is None:
        form.complain("item", "品目を一覧から選んでください")
    return site is not None and item is not None


def _command(form: RegisterNeedForm, site: Site, item: Item) -> RegisterNeed | None:
    """The command, or None with the reason beside the field."""
    due, quantity = due_of(form), pieces(form, "quantity", form.pack.data, item)
    if due is None or quantity is None:
        return None
    line = NeedLine(need_id=form.new_id("need"), site=site.place.site_id, item=item.code, quantity=quantity,
                    attributes=form.attributes.data or None, needed_by=int(due.timestamp()),
                    priority=form.priority.data, headcount=site.status.headcount if site.status else None,
                    note=one_line(form.note.data) or None)
    paper = written_at()
    command = RegisterNeed(needs=(line,), made_at=paper, queued=True if paper else None)
    return command if form.fits(command) else None
