"""How many, in pieces or in packs, and of which size or kind: fields that know an item of the catalogue."""
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wtforms import Field
from wtforms.utils import unset_value

from moyai_webui.forms.fields import Number, half_width, whole_number
from moyai_webui.forms.form import PageForm
from moyai_webui.rows import Item


class Amount(Number):
    """A quantity; what stands behind the number, such as 「2箱」, is kept in `unit`."""

    unit = ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        match = re.fullmatch(r"([0-9,、 ]+)(\D*)", half_width(self.typed))
        if match is not None:
            self.data, self.unit = whole_number(match[1]), match[2].strip()

    def _value(self) -> str:
        return getattr(self, "typed", "") or super()._value()


def pack_choices(item: Item | None) -> list[tuple[str, str]]:
    """The item's unit and its packs, as (value, words)."""
    if item is None:
        return []
    return [("", item.unit), *((name, f"{name}（{per:,}{item.unit}入り）") for name, per in item.packs)]


def pieces(form: PageForm, name: str, pack: str, item: Item) -> int | None:
    """The amount of field `name` in pieces: 2 of the pack 「箱」 are 48, and so is a typed 「2箱」, which wins over
    `pack`. None with the complaint."""
    amount: Amount = form[name]  # type: ignore[assignment]
    packs = {"": 1, item.unit: 1} | dict(item.packs)
    unit = amount.unit or pack
    if unit not in packs or amount.data is None:
        known = "・".join(words for words in packs if words)
        form.complain(name, f"単位は{known}のどれかにしてください")
        return None
    quantity = amount.data * packs[unit]
    if quantity > amount.most:
        form.complain(name, f"{amount.label.text}は{amount.most:,}{item.unit}以下にしてください")
        return None
    return quantity


class Kinds(Field):
    """種類・サイズ: one choice for each attribute that the item has. `data` is what was chosen, {"size": "L"}."""

    item: Item | None = None

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.process_errors = []
        self.data = dict(data) if isinstance(data, Mapping) else {}
        if formdata:
            prefix = f"{self.name}-"
            self.data = {name.removeprefix(prefix): formdata[name] for name in formdata
                         if name.startswith(prefix) and formdata[name]}

    def of(self, item: Item | None) -> None:
        """Offers the attributes of this item; what it does not know is not chosen."""
        self.item = item
        known = dict(item.attributes) if item else {}
        self.data = {key: value for key, value in self.data.items() if value in known.get(key, ())}
