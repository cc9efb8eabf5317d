"""S3: what is in which box. The sender repacks before shipping, a hub what it holds."""
from __future__ import annotations

from collections import Counter
from typing import Iterable, Sequence

from moyai_contracts import keys
from moyai_contracts.api.identifiers import is_package_id
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import MAX_BOXES, PackedPackage, RepackDispatch
from moyai_contracts.relief.boxes import dispatches_of, is_sender_of, place
from moyai_contracts.relief.states import PACKAGE, require_edge, require_state
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case

REPACKED = "別の箱に詰め替えました"
# What a new box takes over from those that it replaces: its way, and how far it has come.
_WAY = ("to", "route", "leg", "state", "consignment_id", "shipped_at", "handed_at", "unannounced")


def _reads(command: RepackDispatch, code6: str, scope: str) -> Iterable[str]:
    yield from (keys.package(scope, package_id) for package_id in command.void)
    yield from (keys.package(scope, package.package_id) for package in command.new)


@use_case(RepackDispatch, roles="PACS", reads=_reads)
def repack_dispatch(tx: Transaction, command: RepackDispatch) -> None:
    """Every dispatch keeps its quantity. Refuses: `bad_argument` (ids, a box twice, a dispatch that the boxes do not
    hold), `id_reused`, `not_found`, `foreign_record`, `wrong_site` (boxes to different places or on different legs),
    `wrong_state`, `count_mismatch` with `quantity`, `too_many` (boxes of a dispatch)."""
    _check_ids(command)
    tx.new(keys.package(tx.scope, package.package_id) for package in command.new)
    old = {package_id: tx.need_document(keys.package(tx.scope, package_id)) for package_id in command.void}
    way = _common_way(old)
    _require_holder(tx, old)
    lines = _merged(old)
    _check_counts(lines, command.new)
    _replace_boxes(tx, command, old)
    for package_id, package in old.items():
        tx.edit(keys.package(tx.scope, package_id), package, state="voided", reason=REPACKED,
                repacked_into=[package.package_id for package in command.new])
    for package in command.new:
        packed = [lines[line.dispatch_id] | {"quantity": line.quantity}
                  | ({"expires_on": line.expires_on} if line.expires_on else {}) for line in package.lines]
        tx.create(keys.package(tx.scope, package.package_id),
                  way | {"lines": packed, "weight_g": package.weight_g, "label_serial": 1})
    tx.emit(to=way["to"], void=list(command.void),
            new=[{"package_id": package.package_id,
                  "lines": [{"need_id": lines[line.dispatch_id]["need_id"], "dispatch_id": line.dispatch_id,
                             "quantity": line.quantity} for line in package.lines]} for package in command.new])


def _check_ids(command: RepackDispatch) -> None:
    if len(set(command.void)) < len(command.void):
        raise Refusal("bad_argument", field="void")
    for index, package in enumerate(command.new):
        dispatch_ids = [line.dispatch_id for line in package.lines]
        if not is_package_id(package.package_id):
            raise Refusal("bad_argument", field=f"new[{index}].package_id")
        if len(set(dispatch_ids)) < len(dispatch_ids):
            raise Refusal("bad_argument", field=f"new[{index}].lines")


def _common_way(packages: dict[str, Document]) -> Document:
    first, *others = [{name: package[name] for name in _WAY if name in package} for package in packages.values()]
    for way in others:
        if (way["to"], way["route"], way["leg"]) != (first["to"], first["route"], first["leg"]):
            raise Refusal("wrong_site", site=place(way["to"]))
    return first


def _require_holder(tx: Transaction, packages: dict[str, Document]) -> None:
    """The sender while none has left; after that the hub that they were handed over to, or Refusal."""
    at_hub = any(package["state"] == "handed_over" for package in packages.values())
    for package in packages.values():
        require_state(package, "handed_over" if at_hub else "labelled")
        require_edge(PACKAGE, package, "voided")
    if not at_hub and not is_sender_of(tx, packages.values()):
        raise Refusal("foreign_record")
    if at_hub and tx.actor is not None and tx.actor.role == "P":
        raise Refusal("foreign_record")  # a supporter's office covers sites as an address does, not as their staff
    for package in packages.values() if at_hub else ():
        hub = package["route"][package["leg"] - 1]
        tx.require_own(hub["code6"])
        tx.require_cover(hub["site"])


def _merged(packages: dict[str, Document]) -> dict[str, Document]:
    """Dispatch id → its line, as if all boxes were one; of two dates the earlier one."""
    merged: dict[str, Document] = {}
    for package in packages.values():
        for line in package["lines"]:
            known = merged.setdefault(line["dispatch_id"], line | {"quantity": 0})
            dates = [date for date in (known.get("expires_on"), line.get("expires_on")) if date]
            merged[line["dispatch_id"]] = known | {"quantity": known["quantity"] + line["quantity"]} | (
                {"expires_on": min(dates)} if dates else {})
    return merged


def _check_counts(lines: dict[str, Document], new: Sequence[PackedPackage]) -> None:
    packed: Counter[str] = Counter()
    for package in new:
        for line in package.lines:
            packed[line.dispatch_id] += line.quantity
    if not packed.keys() <= lines.keys():
        raise Refusal("bad_argument", field="new")
    for dispatch_id, line in lines.items():
        if packed[dispatch_id] != line["quantity"]:
            raise Refusal("count_mismatch", quantity=line["quantity"])


def _replace_boxes(tx: Transaction, command: RepackDispatch, old: dict[str, Document]) -> None:
    need_of = {line["dispatch_id"]: line["need_id"] for package in old.values() for line in package["lines"]}
    for dispatch_id, dispatch in dispatches_of(tx, old.values()).items():
        boxes = [package_id for package_id in dispatch["packages"] if package_id not in old]
        boxes += [package.package_id for package in command.new
                  if any(line.dispatch_id == dispatch_id for line in package.lines)]
        if len(boxes) > MAX_BOXES:
            raise Refusal("too_many", max=MAX_BOXES)
        tx.edit(keys.dispatch(tx.scope, need_of[dispatch_id], dispatch_id), dispatch, packages=boxes)
