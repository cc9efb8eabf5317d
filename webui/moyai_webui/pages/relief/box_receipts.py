"""The receipt's words for what happens to boxes after the request: packed, on their way, here, corrected, gone."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

from moyai_webui.home import Submission
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import number, package_code
from moyai_webui.presentation.receipts import Receipt, Way, describes
from moyai_webui.reading import Reading
from moyai_webui.rows import Package

COUNTS = (("good", "使える物"), ("damaged", "破損"), ("short", "不足"), ("refused", "受け取らない物"))
NEXT_BOX = "次の箱を読み取る"


def in_units(quantity: int, unit: str) -> str:
    """48缶."""
    return f"{number(quantity)}{unit}"


@describes("relief.issue_label")
def label(submission: Submission, reading: Reading) -> Receipt:
    package_id = submission.fields["package_id"]
    return Receipt("新しいラベルを作りました", "前に印刷したラベルは、読み取ると「古いラベル」と表示されます。",
                   [("箱のコード", package_code(package_id))],
                   [Way(url_for("relief.label", package_id=package_id), "ラベルを印刷する（PDF）", "print")],
                   record_id=package_id)


@describes("relief.ship_consignment")
def shipped(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    told = Receipt("発送を記録しました", "受け取る避難所に、メールで知らせます。", ways=[
        Way(url_for("relief.dispatches"), "ほかの依頼を見る", "truck"), Way(url_for("relief.needs"), "足りない物資を見る")])
    told.facts.append(("送り方", vocabulary.CARRIERS[fields["carrier"]]))
    for box in fields["packages"]:
        told.facts.append(("箱のコード", package_code(box["package_id"])))
        told.record_id = box["package_id"]
    return told


@describes("relief.receive_package")
def received(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    box = reading.package(fields["package_id"])
    told = Receipt("受取を記録しました", "送り側に、メールで知らせます。", record_id=fields["package_id"], ways=[
        Way(url_for("relief.scan"), NEXT_BOX, "scan"), Way(url_for("relief.arrivals"), "届いた物資を見る")])
    told.facts.append(("箱のコード", package_code(fields["package_id"])))
    if box is not None:
        told.facts.append(("送り主", box.sender.label))
    told.facts += _counted(box, fields)
    return told


@describes("relief.correct_receipt")
def corrected(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    told = Receipt("受取の数を直しました", "元の記録は消えず、直した記録が加わりました。", record_id=fields["package_id"], ways=[
        Way(url_for("relief.arrivals"), "届いた物資を見る", "box"), Way(url_for("relief.office"), "状況に戻る")])
    told.facts.append(("箱のコード", package_code(fields["package_id"])))
    return _with(told, _counted(reading.package(fields["package_id"]), fields) + [("理由", fields["reason"])])


@describes("relief.record_arrival")
def arrived(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    site = reading.site(submission.office[:6], fields["site"]) if submission.office else None
    told = Receipt("届いた箱を記録しました", "本部が確かめます。箱の中身は使ってかまいません。", record_id=fields["arrival_id"], ways=[
        Way(url_for("relief.scan"), NEXT_BOX, "scan"), Way(url_for("relief.arrivals"), "届いた物資を見る")])
    told.facts += [("場所", site.place.name)] if site else []
    told.facts.append(("わけ", vocabulary.ARRIVAL_REASONS[fields["reason"]]))
    told.facts += [("ラベル", fields["label_seen"])] if fields.get("label_seen") else []
    for line in fields["lines"]:
        item = reading.item(line["item"]) if "item" in line else None
        name, unit = (item.name, item.unit) if item else (line.get("item_name", ""), "個")
        told.facts.append(("中身", f"{name} {in_units(line['quantity'], unit)}"))
    return told


@describes("relief.hand_over_package")
def handed_over(submission: Submission, reading: Reading) -> Receipt:
    package_id = submission.fields["package_id"]
    return Receipt("集積所に着いたことを記録しました", facts=[("箱のコード", package_code(package_id))], record_id=package_id, ways=[
        Way(url_for("relief.hand_over_package"), NEXT_BOX, "scan"),
        Way(url_for("relief.repack_dispatch", package=package_id), "この箱を分ける")])


@describes("relief.repack_dispatch")
def repacked(submission: Submission, reading: Reading) -> Receipt:
    new = submission.fields["new"]
    told = Receipt("箱の中身を記録しました", "箱ごとに新しいラベルを印刷して、貼りかえてください。", record_id=new[0]["package_id"])
    told.facts.append(("箱", f"{len(new)}箱"))
    told.facts += [("箱のコード", package_code(box["package_id"])) for box in new]
    codes = [box["package_id"] for box in new]
    told.ways = [Way(url_for("relief.labels_of", package=codes), "ラベルを印刷する（PDF）", "print")]
    return told


@describes("relief.redirect_package")
def redirected(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    site = reading.site(submission.office[:6], fields["site"]) if submission.office else None
    told = Receipt("届け先を変えました", "輸送中の箱は、いまのラベルのまま新しい届け先で受け取れます。", record_id=fields["packages"][0], ways=[
        Way(url_for("relief.arrivals", tab="coming"), "これから届く物資を見る", "truck")])
    told.facts.append(("新しい届け先", site.place.name if site else fields["site"]))
    told.facts += [("箱のコード", package_code(package_id)) for package_id in fields["packages"]]
    return told


@describes("relief.report_lost")
def lost(submission: Submission, reading: Reading) -> Receipt:
    package_id = submission.fields["package_id"]
    return Receipt("届かなかったことを記録しました", "必要な数に戻しました。送り側と受け取る側の両方に見えます。",
                   [("箱のコード", package_code(package_id))],
                   [Way(url_for("portal.record", record_id=package_id), "箱の記録を見る")], record_id=package_id)


@describes("relief.recall_dispatch")
def recalled(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    return Receipt("発送された箱を呼び戻しました", "必要な数に戻しました。届いてしまった箱は、読み取ると「届いた箱」として記録できます。",
                   [("理由", fields["reason"])], [Way(url_for("relief.office"), "状況に戻る", "home")],
                   record_id=fields["dispatch_id"])


def _counted(box: Package | None, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was counted of each line of a box, and what was there beyond."""
    lines = {line.dispatch_id: line.item for line in box.lines} if box else {}
    facts = []
    for line in fields["lines"]:
        item = lines.get(line["dispatch_id"])
        words = "、".join(f"{text} {in_units(line[name], item.unit if item else '個')}" for name, text in COUNTS
                         if line.get(name) or name == "good")
        facts.append((item.name if item else "数量", words))
    facts += [("多かった分", in_units(line["quantity"], "")) for line in fields.get("surplus", ())]
    return facts or [("数量", "送り側の記録どおり")]


def _with(told: Receipt, facts: list[tuple[str, str]]) -> Receipt:
    told.facts += facts
    return told
