"""S10: the catalogue: what everybody has in common, and the municipality's own items."""
from __future__ import annotations

import dataclasses

from flask import request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from moyai_contracts.api.directory import ItemLine, SaveItem
from moyai_webui.access import ADMINISTRATORS, OFFICE, roles
from moyai_webui.forms.fields import Code, Line, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.items import cells
from moyai_webui.items.item_list import next_code, registered_line, to_csv
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.serving import as_file, found, opened, reading, send, settings, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.template_context import as_of
from moyai_webui.rows import Item
from moyai_webui.sites.cells import Unreadable


class SaveItemForm(PageForm):
    name = Line("名称")
    category = Select("分類", choices=list(vocabulary.CATEGORIES.items()))
    base_unit = Line("単位")
    packs = Line("入り数")
    attributes = Line("種類・サイズ")
    per_person = Code("1人1日あたりの目安")
    perishable = BooleanField("傷みやすい（賞味期限を聞く）")
    retired = BooleanField("使うのをやめる")


@directory.get("/items")
@roles(*OFFICE)
def items() -> ResponseReturnValue:
    text, category = request.args.get("q", "").strip()[:60], request.args.get("category", "")
    shown = [item for item in reading().items(settings().municipality, retired=True)
             if category in ("", item.category) and all(word in item.name for word in text.split())]
    return show("items.html", items=shown, text=text, as_of=as_of())


@directory.get("/items.csv")
@roles(*OFFICE)
def items_csv() -> ResponseReturnValue:
    """The own items, in the columns that `import_items` reads."""
    return as_file(to_csv(_own()), "text/csv", "items.csv")


@directory.route("/save_item", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def save_item() -> ResponseReturnValue:
    code = request.args.get("item", "")
    old = registered_line(found(next((item for item in _own() if item.code == code), None))) if code else None
    form = opened(SaveItemForm, **(_shown(old) if old else {}))
    for field in (form.name, form.category, form.base_unit):
        field.flags.required = True
    if form.validate_on_submit():
        line = _line(form, old)
        if line is not None and form.fits(SaveItem((line,))):
            return send(form, SaveItem((line,)), *ADMINISTRATORS)
    return show("save_item.html", form, old=old)


def _own() -> list[Item]:
    own = settings().municipality
    return [item for item in reading().items(own, retired=True) if item.code.startswith(f"{own}-")]


def _shown(line: ItemLine) -> dict[str, object]:
    """The values of the form's fields."""
    return {"name": line.name, "category": line.category, "base_unit": line.base_unit, "perishable": line.perishable,
            "retired": bool(line.retired), "packs": cells.packs_text((pack.name, pack.per) for pack in line.packs),
            "attributes": cells.attributes_text((each.key, each.values) for each in line.attributes),
            "per_person": cells.per_person_text((line.per_person.n, line.per_person.d) if line.per_person else None)}


def _line(form: SaveItemForm, old: ItemLine | None) -> ItemLine | None:
    """The item as it shall be, or None with the reasons beside the fields."""
    for field, words in ((form.name, "名称を入れてください"), (form.base_unit, "単位を入れてください（缶、枚、個など）")):
        if not field.data:
            form.complain(field.name, words)
    if form.category.data not in vocabulary.CATEGORIES:
        form.complain("category", "分類を選んでください")
    if old and form.base_unit.data and form.base_unit.data != old.base_unit:
        form.complain("base_unit", "使われている単位は変えられません。新しい品目として加えてください")
    values = {}
    for name, read in (("packs", cells.packs), ("attributes", cells.attributes), ("per_person", cells.per_person)):
        try:
            values[name] = read(form[name].data or "")
        except Unreadable as error:
            form.complain(name, str(error).rstrip("。"))
    if form.problems:
        return None
    values |= {"name": form.name.data, "category": form.category.data, "base_unit": form.base_unit.data,
               "perishable": bool(form.perishable.data), "retired": bool(form.retired.data)}
    if old:
        return dataclasses.replace(old, **values)
    return ItemLine(item_code=next_code(settings().municipality, (item.code for item in _own())), rev=0, **values)
