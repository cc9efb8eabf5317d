"""S10: import items from a CSV file: choose, look at what would change, then do it."""
from __future__ import annotations

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField

from moyai_webui.access import ADMINISTRATORS, roles
from moyai_webui.accounts import person
from moyai_webui.forms.form import PageForm
from moyai_webui.items.item_list import COLUMNS, Preview, read
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.serving import home, opened, reading, send_parts, settings, show
from moyai_webui.presentation.formats import now
from moyai_webui.sites.site_list import UnreadableList

DRAFT = "item_list"


class ImportItemsForm(PageForm):
    file = FileField("CSVファイル")


class ImportItemsPreviewForm(PageForm):
    """Nothing to fill in: the page itself is the question."""


@directory.route("/import_items", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def import_items() -> ResponseReturnValue:
    form = opened(ImportItemsForm)
    form.file.flags.required = True
    if form.validate_on_submit():
        content = form.file.data.read() if form.file.data else b""
        try:
            if not content:
                raise UnreadableList("CSVファイルを選んでください。")
            _preview(content)
        except UnreadableList as error:
            form.complain("file", str(error).rstrip("。"))
        else:
            draft = home().save_draft(person().user.user_id, DRAFT, content, now())
            return redirect(url_for("directory.import_items_preview", draft=draft), 303)
    return show("import_items.html", form, columns=COLUMNS)


@directory.route("/import_items/<draft>", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def import_items_preview(draft: str) -> ResponseReturnValue:
    content = home().draft(draft, person().user.user_id, now())
    if content is None:
        abort(404)
    preview = _preview(content)
    form = ImportItemsPreviewForm()  # sent a second time, it must find its parts again
    if form.validate_on_submit():
        commands = preview.commands()
        if not commands:
            return redirect(url_for("directory.items"), 303)
        return send_parts(form, commands, *ADMINISTRATORS)
    return show("import_items_preview.html", form, preview=preview)


def _preview(content: bytes) -> Preview:
    own = settings().municipality
    return read(content, own, [item for item in reading().items(own, retired=True) if item.code.startswith(f"{own}-")])
