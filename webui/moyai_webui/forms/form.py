"""The form all forms are made of: one operation id, what was typed kept for later, errors as links."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from moyai_contracts.api import Refusal, schema
from moyai_contracts.api.command import LIVE
from moyai_webui import scope
from moyai_webui.forms.identifiers import derived_package_id, derived_ulid, is_op, new_op

SECRET_FIELDS = ("csrf_token", "op", "scope", "password")
PERSONAL = "電話番号・郵便番号・メールアドレスは書かないでください。記録は公開され、消せません"


class PageForm(FlaskForm):
    """A form of one page. The id of its operation is drawn with it and comes back with it."""

    op = HiddenField()

    def __init__(self, typed: Mapping[str, str] | None = None, **defaults: Any) -> None:
        """`typed`: what the person had typed before a refusal; else `defaults` fill the fields."""
        if request.method == "POST":
            super().__init__(**defaults)
        else:
            super().__init__(formdata=MultiDict(typed) if typed else None, **defaults)
        if request.method != "POST" or not is_op(self.op.data or ""):
            self.op.data = new_op()

    def new_id(self, purpose: str) -> str:
        """The id of a record this form creates; the same form sent twice creates it once."""
        return derived_ulid(self.op.data, purpose)

    def new_package_id(self, purpose: str) -> str:
        return derived_package_id(self.op.data, purpose, drill=scope.current() != LIVE)

    def fits(self, command: Any) -> bool:
        """Whether the command has the shape the contract asks for; else the field in question gets an error."""
        try:
            schema.decode(type(command), schema.to_json(command))
        except Refusal as refusal:
            name = str(refusal.params.get("field", "")).rsplit(".", 1)[-1].split("[")[0]
            words = PERSONAL if refusal.code == "personal_data_suspected" else str(refusal)
            self.complain(name if name in self else "op", words)
            return False
        return True

    def complain(self, name: str, words: str) -> None:
        """Adds an error to a field."""
        field = self[name]
        field.errors = [*field.errors, words]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(id of the field to jump to, sentence) in the order of the page."""
        return [(anchor(field), str(field.errors[0])) for field in self if field.errors]


def typed_values() -> dict[str, str]:
    """What was typed into the form of this request, without secrets."""
    return {name: value for name, value in request.form.items() if name not in SECRET_FIELDS}


def anchor(field: Any) -> str:
    """The id of the control that takes the focus: of tiles the first one, of a date its year."""
    if field.type == "Choice":
        return f"{field.id}-0"
    if field.type == "BestBefore":
        return f"{field.id}-year"
    return "main" if field.name in ("op", "csrf_token") else str(field.id)
