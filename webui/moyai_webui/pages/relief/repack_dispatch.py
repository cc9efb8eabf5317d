"""S3: what is in which box: the sender packs a request into several boxes, a hub splits what it holds."""
from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue

from moyai_contracts.api.relief import MAX_BOXES, PackedLine, PackedPackage, RepackDispatch
from moyai_webui.access import EVERYBODY, roles
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Number
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.ownership import is_sender
from moyai_webui.pages.serving import found, opened, reading, send, settings, show
from moyai_webui.rows import Line, Package

GRAMS = 1000


class RepackDispatchForm(PageForm):
    """Box b has `in{b}-{l}` for each line l of the goods, and `weight{b}` in kg."""


@lru_cache(maxsize=64)
def form_of(boxes: int, lines: int) -> type[RepackDispatchForm]:
    fields: dict[str, Any] = {}
    for box in range(boxes):
        for line in range(lines):
            fields[f"in{box}-{line}"] = Number("入れる数", least=0, required=False)
        fields[f"weight{box}"] = Number("重さ", required=False, most=10_000)
    return type("RepackDispatchForm", (RepackDispatchForm,), fields)


@relief.route("/repack_dispatch", methods=["GET", "POST"])
@roles(*EVERYBODY)
def repack_dispatch() -> ResponseReturnValue:
    old = _boxes()
    lines = _merged(old)
    count = min(max(request.args.get("boxes", max(2, len(old)), type=int), 1), MAX_BOXES)
    form = opened(form_of(count, len(lines)), **_even(lines, count))
    if form.validate_on_submit() and (command := _command(form, old, lines, count)):
        return send(form, command, *EVERYBODY)
    return show("repack_dispatch.html", form, old=old, lines=lines, count=count, most=MAX_BOXES)


def _boxes() -> list[Package]:
    """The boxes to be packed anew: those of a request that have not left, or one that a hub holds."""
    if package_id := request.args.get("package"):
        box = found(reading().package(package_id))
        held = box.state == "handed_over" and _is_hub(box.route[box.leg - 1])
        if not held and not (box.state == "labelled" and is_sender(person(), box.sender)):
            abort(403)
        return [box]
    dispatch = found(reading().dispatch(request.args.get("need", ""), request.args.get("dispatch", "")))
    if not is_sender(person(), dispatch.sender):
        abort(403)
    return found([box for box in dispatch.packages if box.state == "labelled"] or None)


def _is_hub(place: tuple[str, str]) -> bool:
    """Whether the person may act for the hub at which a box lies."""
    me, (code, site_id) = person(), place
    receives = bool({"A", "C", "S"} & set(me.roles))
    return receives and code == settings().municipality and me.site_id in ("", site_id)


def _merged(boxes: list[Package]) -> list[tuple[Line, int]]:
    """Each request's goods and how many of them are in all the boxes together."""
    lines: dict[str, tuple[Line, int]] = {}
    for line in (line for box in boxes for line in box.lines):
        known = lines.get(line.dispatch_id)
        lines[line.dispatch_id] = (line, line.quantity + (known[1] if known else 0))
    return list(lines.values())


def _even(lines: list[tuple[Line, int]], boxes: int) -> dict[str, int]:
    """As evenly as whole pieces go: the first boxes get one more."""
    return {f"in{box}-{index}": quantity // boxes + (box < quantity % boxes)
            for index, (_, quantity) in enumerate(lines) for box in range(boxes)}


def _command(form: RepackDispatchForm, old: list[Package], lines: list[tuple[Line, int]],
             count: int) -> RepackDispatch | None:
    """The new boxes, or None with the reasons beside the fields. A box with nothing in it is left out."""
    for index, (line, quantity) in enumerate(lines):
        packed = sum(form[f"in{box}-{index}"].data or 0 for box in range(count))
        if packed != quantity:
            form.complain(f"in0-{index}", f"{line.item.name}の合計を{quantity:,}{line.item.unit}にしてください（いまは{packed:,}）")
    if form.problems:
        return None
    new = []
    for box in range(count):
        packed_lines = tuple(PackedLine(line.dispatch_id, amount) for index, (line, _) in enumerate(lines)
                             if (amount := form[f"in{box}-{index}"].data or 0))
        weight = form[f"weight{box}"].data
        if packed_lines:
            grams = weight * GRAMS if weight else None
            new.append(PackedPackage(form.new_package_id(f"box {box}"), packed_lines, grams))
    command = RepackDispatch(void=tuple(box.package_id for box in old), new=tuple(new))
    return command if form.fits(command) else None
