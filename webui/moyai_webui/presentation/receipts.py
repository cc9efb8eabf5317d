"""The receipt's words: what was done, its facts, the next step of the task, and after a refusal what is possible."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import url_for

from moyai_contracts.api.refusals import sentence
from moyai_webui.home import Submission
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import moment, number, package_code
from moyai_webui.presentation.timeline import TRANSACTION_NAMES
from moyai_webui.reading import Reading

Facts = list[tuple[str, str]]

STATES = {"open": "募集中・提供可能", "closed": "取下げ", "requested": "送付依頼中", "shipped": "輸送中", "declined": "辞退",
          "cancelled": "取消", "labelled": "発送待ち", "received": "受取済み", "voided": "取消", "acknowledged": "確認中",
          "resolved": "解決", "retired": "廃止", "proposed": "提案中"}
"""States of the ledger in a refusal's parameters."""


class Way(NamedTuple):
    """A link: address, words, icon."""

    href: str
    words: str
    icon: str = ""


@dataclass
class Receipt:
    """`record_id` is what 履歴と証明 opens, empty where there is no single record; `backs` undo or correct it."""

    title: str
    sentence: str = ""
    facts: Facts = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    backs: list[Way] = field(default_factory=list)
    record_id: str = ""
    reason: str = ""
    fix: Way | None = None


def receipt(submission: Submission, parts: Sequence[Submission], reading: Reading) -> Receipt:
    """The words for a submission; `parts` are all commands of the same form."""
    describe = DESCRIPTIONS.get(submission.transaction, _plain)
    told = describe(submission, reading)
    if len(parts) > 1 and submission.transaction == "relief.receive_package":
        told.facts = [("箱", f"{len(parts)}箱"), *(_content(part, reading) for part in parts)]
    elif len(parts) > 1:
        lines = sum(len(part.fields.get(name, ())) for part in parts for name in ("sites", "items", "devices"))
        told.facts.insert(0, ("件数", f"{lines:,}件（{len(parts)}回に分けて記録）"))
    if submission.state == "refused":
        told.reason = refusal_sentence(submission, reading)
        told.fix = _fix(submission)
    return told


def _content(submission: Submission, reading: Reading) -> tuple[str, str]:
    """A box among many that were received with one confirmation: its code and what was in it."""
    box = reading.package(submission.fields["package_id"])
    words = "、".join(f"{line.item.name} {_amount(line.quantity, line.item.unit)}"
                     for line in (box.lines if box else ()))
    return package_code(submission.fields["package_id"]), words


def refusal_sentence(submission: Submission, reading: Reading) -> str:
    """Why not, with names and units where the ledger has ids."""
    params = dict(submission.params)
    if submission.refusal == "offer_short" and "available" in params:
        unit = _unit(submission, reading)
        asked = _asked(submission)
        return (f"ほかの避難所が先に依頼したため、残りは{number(int(params['available']))}{unit}です。"
                f"{number(asked)}{unit}は依頼できません。")
    if isinstance(params.get("at"), int):
        params["at"] = moment(datetime.fromtimestamp(params["at"], timezone.utc))
    if "state" in params:
        params["state"] = STATES.get(str(params["state"]), params["state"])
    if submission.refusal == "wrong_site":
        municipality, _, site_id = str(params.get("site", "")).rpartition("/")
        site = reading.site(municipality or submission.fields.get("code6", ""), site_id)
        params["site"] = site.place.name if site else site_id
    return sentence(submission.refusal, params)


def page_again(submission: Submission, **values: str) -> str:
    """The form it came from, filled with what was typed."""
    parts = urlsplit(submission.page)
    query = dict(parse_qsl(parts.query)) | {"again": submission.op} | values
    return f"{parts.path}?{urlencode(query)}"


def _fix(submission: Submission) -> Way | None:
    """What can be done after a refusal: the form again, with the figure that the ledger still has."""
    if not submission.page:
        return None
    left = submission.params.get("available", submission.params.get("open"))
    if not isinstance(left, int) or "dispatches" not in submission.fields:
        return Way(page_again(submission), "直してもう一度送る")
    lines = submission.fields["dispatches"]
    if len(lines) > 1:
        return Way(page_again(submission, **_corrected(lines, submission.params, left)), "残りの数に直して、もう一度依頼する")
    if left <= 0:
        return None
    of_pair = f"quantity-{lines[0]['offer_id']}-{lines[0]['need_id']}"
    name = of_pair if of_pair in submission.form else "quantity"
    return Way(page_again(submission, **{name: str(left)}), f"{number(left)}で依頼し直す")


def _corrected(lines: Sequence[Mapping[str, Any]], params: Mapping[str, Any], left: int) -> dict[str, str]:
    """The quantities of the lines that compete for what is left, filled in order; what gets none is not marked."""
    typed = {}
    for line in lines:
        if params.get("offer_id") == line["offer_id"] or params.get("need_id") == line["need_id"]:
            key = f"{line['offer_id']}-{line['need_id']}"
            quantity = min(left, line["quantity"])
            left -= quantity
            typed |= {f"quantity-{key}": str(quantity)} if quantity else {f"take-{key}": ""}
    return typed


def _asked(submission: Submission) -> int:
    return sum(int(line["quantity"]) for line in submission.fields.get("dispatches", ()))


def _unit(submission: Submission, reading: Reading) -> str:
    for line in submission.fields.get("dispatches", ()):
        offer = reading.offer(line["offer_id"])
        if offer is not None and offer.item is not None:
            return offer.item.unit
    return "個"


def _plain(submission: Submission, reading: Reading) -> Receipt:
    return Receipt(f"{TRANSACTION_NAMES.get(submission.transaction, '内容')}を記録しました",
                   ways=[Way(url_for("portal.start"), "はじめの画面へ")])


def _amount(quantity: int, unit: str) -> str:
    return f"{number(quantity)}{unit}"


def _of_site(title: str) -> Callable[[Submission, Reading], Receipt]:
    def describe(submission: Submission, reading: Reading) -> Receipt:
        fields = submission.fields
        site = reading.site(fields["code6"], fields["site"])
        told = Receipt(title, ways=[Way(url_for("relief.home", site=fields["site"]), "避難所の画面に戻る", "home")])
        if "open" in fields:
            told.backs = [Way(url_for("relief.set_site_status", site=fields["site"]), "人数やようすを直す")]
        told.facts.append(("場所", site.place.name if site else fields["site"]))
        if "headcount" in fields:
            told.facts.append(("避難者", f"{number(fields['headcount'])}人"))
        return told
    return describe


def _label(submission: Submission, reading: Reading) -> Receipt:
    package_id = submission.fields["package_id"]
    return Receipt("新しいラベルを作りました", "前に印刷したラベルは、読み取ると「古いラベル」と表示されます。",
                   [("箱のコード", package_code(package_id))],
                   [Way(url_for("relief.label", package_id=package_id), "ラベルを印刷する（PDF）", "print")],
                   record_id=package_id)


def _shipped(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    told = Receipt("発送を記録しました", "受け取る避難所に、メールで知らせます。", ways=[
        Way(url_for("relief.dispatches"), "ほかの依頼を見る", "truck"), Way(url_for("relief.needs"), "足りない物資を見る")])
    told.facts.append(("送り方", vocabulary.CARRIERS[fields["carrier"]]))
    for box in fields["packages"]:
        told.facts.append(("箱のコード", package_code(box["package_id"])))
        told.record_id = box["package_id"]
    return told


def _received(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    box = reading.package(fields["package_id"])
    told = Receipt("受取を記録しました", "送り側に、メールで知らせます。", record_id=fields["package_id"], ways=[
        Way(url_for("relief.scan"), "次の箱を読み取る", "scan"), Way(url_for("relief.arrivals"), "届いた物資を見る")])
    unit = box.lines[0].item.unit if box else "個"
    if box is not None:
        told.facts += [("品目", box.lines[0].item.name), ("送り主", box.sender.label)]
    told.facts.append(("数量", "、".join(_counted(line, unit) for line in fields["lines"])))
    for line in fields.get("surplus", ()):
        told.facts.append(("多かった分", _amount(line["quantity"], unit)))
    return told


def _counted(line: Mapping[str, Any], unit: str) -> str:
    words = (("good", "使える物"), ("damaged", "破損"), ("short", "不足"), ("refused", "受け取らない物"))
    return "、".join(f"{text} {_amount(line[name], unit)}" for name, text in words if line.get(name) or name == "good")


def _of_difference(title: str) -> Callable[[Submission, Reading], Receipt]:
    def describe(submission: Submission, reading: Reading) -> Receipt:
        fields = submission.fields
        told = Receipt(title, record_id=fields["package_id"], facts=[("箱のコード", package_code(fields["package_id"]))],
                       ways=[Way(url_for("relief.office"), "状況に戻る", "home")])
        if "resolution" in fields:
            told.facts.append(("確認の結果", vocabulary.RESOLUTIONS[fields["resolution"]]))
        return told
    return describe


def _saved_sites(submission: Submission, reading: Reading) -> Receipt:
    sites = submission.fields["sites"]
    facts = [("名称", sites[0]["name"])] if len(sites) == 1 else []
    return Receipt("避難所を保存しました", facts=facts, ways=[Way(url_for("directory.sites"), "避難所の一覧を見る", "list")])


def _saved_items(submission: Submission, reading: Reading) -> Receipt:
    items = submission.fields["items"]
    facts = [("名称", items[0]["name"]), ("コード", items[0]["item_code"])] if len(items) == 1 else [
        ("件数", f"{len(items):,}件")]
    return Receipt("品目を保存しました", facts=facts, ways=[Way(url_for("directory.items"), "品目の一覧を見る", "list")])


def _retired_site(submission: Submission, reading: Reading) -> Receipt:
    return Receipt("施設を使うのをやめました", "新しい必要物資は登録できません。これまでの記録は残ります。",
                   [("ID", submission.fields["site_id"])],
                   [Way(url_for("directory.sites"), "避難所の一覧を見る", "list")])


def _registered_device(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    return Receipt("機器を登録しました", "機器に入れる証明書と設定のファイルを、1回だけ保存できます。", [
        ("種類", vocabulary.DEVICE_KINDS[fields["kind"]]), ("機器の番号", fields["device_id"])], [
        Way(url_for("eco.device_file", op=submission.op), "ファイルを保存する", "down"),
        Way(url_for("eco.devices"), "機器の一覧を見る", "list")], record_id=fields["device_id"])


def _ended_device(title: str, words: str) -> Callable[[Submission, Reading], Receipt]:
    def describe(submission: Submission, reading: Reading) -> Receipt:
        fields = submission.fields
        return Receipt(title, words, [("理由", fields["reason"]), ("機器の番号", fields["device_id"])],
                       [Way(url_for("eco.devices"), "機器の一覧を見る", "list")], record_id=fields["device_id"])
    return describe


Description = Callable[[Submission, Reading], Receipt]


def describes(*transactions: str) -> Callable[[Description], Description]:
    """Registers the decorated function as the words of these transactions' receipts."""
    def register(description: Description) -> Description:
        DESCRIPTIONS.update(dict.fromkeys(transactions, description))
        return description
    return register


def _substituted(submission: Submission, reading: Reading) -> Receipt:
    rows = submission.fields["rows"]
    return Receipt("補正を記録しました", "元の値は消えず、補正した値に印がつきます。", [
        ("計るもの", vocabulary.REGISTERS[rows[0]["register"]]), ("件数", f"{len(rows)}回分（30分ごと）"),
        ("求め方", vocabulary.METHODS[rows[0]["method"]]), ("理由", rows[0]["reason"])], [
        Way(url_for("eco.device", device_id=rows[0]["device_id"]), "機器の値を見る"),
        Way(url_for("eco.readings", show="substitutions"), "補正した値の一覧を見る", "list")],
        record_id=submission.fields["substitution_id"])


def _corrected_totals(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    return Receipt("月の集計を訂正しました", "前の版も台帳に残ります。", [
        ("月", fields["month"]), ("ページ", f"{fields['page'] + 1}"), ("版", f"第{fields['version'] + 1}版"),
        ("理由", fields["reason"])], [Way(url_for("eco.month_totals", month=fields["month"]), "月の集計を確かめる", "list")])


def _renewed_tags(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    return Receipt("年度の印を更新しました", facts=[
        ("年度", f"{fields['epoch']}年度"), ("機器", f"{len(fields['devices'])}台")], ways=[
        Way(url_for("eco.renew_tag", year=fields["epoch"]), "残りの機器を確かめる", "refresh"),
        Way(url_for("eco.devices"), "機器の一覧を見る", "list")])


DESCRIPTIONS: dict[str, Description] = {
    "relief.confirm_needs": _of_site("「まだ必要」を記録しました"),
    "relief.set_site_status": _of_site("避難所のようすを記録しました"),
    "relief.issue_label": _label,
    "relief.ship_consignment": _shipped,
    "relief.receive_package": _received,
    "relief.acknowledge_discrepancy": _of_difference("差を確かめていることを知らせました"),
    "relief.resolve_discrepancy": _of_difference("差の確認を終えました"),
    "directory.save_site": _saved_sites,
    "directory.save_item": _saved_items,
    "directory.retire_site": _retired_site,
    "devices.register_device": _registered_device,
    "devices.renew_tag": _renewed_tags,
    "devices.record_substitution": _substituted,
    "devices.correct_totals": _corrected_totals,
    "devices.revoke_device": _ended_device("機器を失効にしました", "接続を切り、値を受け取らなくなります。"),
    "devices.retire_device": _ended_device("機器を廃止しました", "これまでの値は残り、新しい値は受け取りません。"),
}
