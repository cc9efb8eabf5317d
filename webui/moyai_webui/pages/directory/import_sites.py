"""S10: import a list of shelters from a CSV file: choose, look at what would change, then do it."""
from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField

from moyai_webui.access import OFFICE, roles
from moyai_webui.accounts import person
from moyai_webui.forms.form import PageForm
from moyai_webui.home import SiteContact
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.serving import PAGE_SIZE, home, opened, page_number, reading, send_parts, settings, show
from moyai_webui.presentation.formats import now
from moyai_webui.rows import Page
from moyai_webui.sites.preview import Preview, compare
from moyai_webui.sites.site_list import UnreadableList, read_site_list
from moyai_webui.sites.source_list import merged, source_list

DRAFT = "site_list"
MOST_REGISTERED = 10_000


class ImportSitesForm(PageForm):
    file = FileField("CSVファイル")


class ImportPreviewForm(PageForm):
    """Nothing to fill in: the page itself is the question."""


@directory.route("/import_sites", methods=["GET", "POST"])
@roles(*OFFICE)
def import_sites() -> ResponseReturnValue:
    form = opened(ImportSitesForm)
    form.file.flags.required = True
    if form.validate_on_submit():
        content = form.file.data.read() if form.file.data else b""
        try:
            if not content:
                raise UnreadableList("CSVファイルを選んでください。")
            read_site_list(content, settings().municipality)
        except UnreadableList as error:
            form.complain("file", str(error).rstrip("。"))
        else:
            draft = home().save_draft(person().user.user_id, DRAFT, content, now())
            return redirect(url_for("directory.import_preview", draft=draft), 303)
    return show("import_sites.html", form)


@directory.route("/import_sites/<draft>", methods=["GET", "POST"])
@roles(*OFFICE)
def import_preview(draft: str) -> ResponseReturnValue:
    content = home().draft(draft, person().user.user_id, now())
    if content is None:
        abort(404)
    preview = _preview(content)
    form = ImportPreviewForm()  # sent a second time, it must find its parts again, not the first one's receipt alone
    if form.validate_on_submit():
        commands = preview.commands()
        if not commands:
            return redirect(url_for("directory.sites"), 303)
        _save_mails(preview)
        home().save_site_list(merged(home().site_list(), source_list(content, settings().municipality)))
        return send_parts(form, commands, *OFFICE)
    shown = request.args.get("show", "")
    rows = tuple(row for row in preview.rows if shown in ("", row.status))
    start = (page_number() - 1) * PAGE_SIZE
    return show("import_preview.html", form, preview=preview,
                page=Page(rows[start:start + PAGE_SIZE], len(rows), page_number(), PAGE_SIZE))


def _preview(content: bytes) -> Preview:
    own = settings().municipality
    registered = reading().sites(own, retired=True, size=MOST_REGISTERED).rows
    return compare(read_site_list(content, own), registered)


def _save_mails(preview: Preview) -> None:
    """Mail addresses of the list are for this municipality's own database, where none is kept yet."""
    for row in preview.rows:
        contact = home().contact(row.site.site_id)
        if row.mail and not contact.mail:
            home().save_contact(row.site.site_id, SiteContact(contact.person, row.mail, contact.phone))
