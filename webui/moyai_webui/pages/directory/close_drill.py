"""S12: a drill ends; what was done in it is shown no more."""
from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.directory import CloseDrill
from moyai_webui import scope
from moyai_webui.access import ADMINISTRATORS, roles
from moyai_webui.forms.fields import Line
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.directory.open_drill import TYPED
from moyai_webui.pages.serving import found, opened, send, show


class CloseDrillForm(PageForm):
    word = Line("「訓練」と入れてください")


@directory.route("/close_drill", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def close_drill() -> ResponseReturnValue:
    wanted = request.args.get("drill", scope.current())
    drill = found(next((one for one in scope.open_drills() if one.scope == wanted), None))
    form = opened(CloseDrillForm)
    form.word.flags.required = True
    if form.validate_on_submit():
        if form.word.data == TYPED:
            return send(form, CloseDrill(drill_id=drill.scope), *ADMINISTRATORS)
        form.complain("word", f"終えるときは「{TYPED}」と入れてください")
    return show("close_drill.html", form, closing=drill)
