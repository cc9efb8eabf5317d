"""What a code on a box means for the person who read it: its contents, or why it cannot be received and the way on."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from moyai_contracts.api.command import LIVE
from moyai_contracts.api.identifiers import label_code, parse_label
from moyai_webui import scope
from moyai_webui.accounts import person
from moyai_webui.forms.fields import half_width
from moyai_webui.pages.serving import reading, settings
from moyai_webui.presentation.formats import moment, number, package_code
from moyai_webui.rows import Package

MISREAD = "コードを読み取れません。ラベルの12文字をもう一度確かめてください"
OF_A_DRILL = "訓練のラベルです。本番では受け取りません"
OF_THE_REAL_THING = "本番のラベルです。訓練から出て、読み取ってください"
UNKNOWN = "このコードの荷物はありません"
VOIDED = ("voided", "recalled", "lost")


@dataclass(frozen=True)
class Scanned:
    """`code` is the label as parsed, with its serial where that was read. Without `problem` the box can be received
    with one tap. `way` is a link (address, words) for a box that is here all the same: it is real."""

    code: str
    box: Package | None
    serial: int = 0
    problem: str = ""
    way: tuple[str, str] | None = None
    superseded: bool = False  # the label is an old one; the box can be received once somebody looked at it

    def told(self) -> dict[str, Any]:
        """For the page's script."""
        told: dict[str, Any] = {"code": self.code, "problem": self.problem}
        if self.way:
            told |= {"href": self.way[0], "words": self.way[1]}
        if self.box is not None:
            told |= contents(self.box) | {"code": self.code}
        return told


def contents(box: Package) -> dict[str, Any]:
    """A box as the scan page and the phone's own copy have it: no names of persons."""
    return {
        "package": box.package_id, "label": package_code(box.package_id), "serial": box.label_serial,
        "site": box.place.site_id, "place": box.place.name, "from": box.sender.label, "state": box.state,
        "number": box.number, "boxes": box.boxes,
        "text": "、".join(f"{line.item.name} {number(line.quantity)}{line.item.unit}" for line in box.lines),
        "lines": [{"dispatch_id": line.dispatch_id, "item": line.item.code, "name": line.item.name,
                   "unit": line.item.unit, "quantity": line.quantity, "expires_on": line.expires_on}
                  for line in box.lines]}


def look_up(typed: str) -> Scanned:
    """What stands in the records about a code that was read or typed."""
    label = parse_label(half_width(typed))
    if label is None:
        return Scanned(typed[:60], None, problem=MISREAD)
    code = label_code(label[0], label[1]) if label[1] else label[0]
    box = reading().package(label[0])
    if box is None and (label[0][0] == "T") != (scope.current() != LIVE):
        return Scanned(code, None, problem=OF_A_DRILL if label[0][0] == "T" else OF_THE_REAL_THING)
    if box is None:
        return Scanned(code, None, problem=UNKNOWN, way=_arrival(code))
    serial = label[1] or box.label_serial
    if found := _obstacle(box, code):
        return Scanned(code, box, serial, *found)
    if serial < box.label_serial:
        return Scanned(code, box, serial, f"古いラベルです（いまは第{box.label_serial}版）",
                       (url_for("relief.receive_package", code=code), "箱を確かめて受け取る"), superseded=True)
    return Scanned(code, box, serial)


def obstacle(box: Package) -> str:
    """Why this person cannot receive this box now, or empty."""
    found = _obstacle(box, box.package_id)
    return found[0] if found else ""


def _obstacle(box: Package, code: str) -> tuple[str, tuple[str, str]] | None:
    if box.state == "received" and box.received_at is not None:
        return f"{moment(box.received_at)}に受取済みです", (url_for("portal.record", record_id=box.package_id), "受取の記録を見る")
    if box.place.code != settings().municipality:
        return f"この箱は{box.place.municipality} {box.place.name}あてです", _arrival(code)
    if box.state in ("labelled", "shipped", "handed_over") and (settings().municipality, person().site_id) in box.route:
        return (f"{box.place.name}へ運ぶ途中の箱です",
                (url_for("relief.hand_over_package", code=code), "集積所に着いたことを記録する"))
    if person().site_id not in ("", box.place.site_id):
        return f"この箱は{box.place.name}あてです", _arrival(code)
    if box.repacked_into:
        return f"中身は別の{len(box.repacked_into)}箱に移されました。新しいラベルを読み取ってください", _arrival(code)
    if box.state in VOIDED:
        return f"{'届かなかったと記録された' if box.state == 'lost' else '取り消された'}箱です", _arrival(code)
    return None


def _arrival(code: str) -> tuple[str, str]:
    return url_for("relief.record_arrival", label=code), "ここに届いたことを記録する"
