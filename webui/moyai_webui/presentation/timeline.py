"""A record's story in words: one or two steps an event, each with who, when and where it stands."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import day, expiry, number
from moyai_webui.rows import Entry

Data = dict[str, Any]


class Step(NamedTuple):
    """`dot`: "", done, warn. `text` is one sentence or two, without the who and when."""

    icon: str
    dot: str
    title: str
    text: str
    who: str
    at: datetime
    entry: Entry


class Telling(NamedTuple):
    icon: str
    dot: str
    title: str
    text: Callable[[Data, Entry], str]


def steps(entries: Iterable[Entry]) -> list[Step]:
    """The steps in the order of the entries (newest first)."""
    return [step for entry in entries for step in _steps(entry)]


def actor(entry: Entry) -> str:
    """七尾市 山王小学校 避難所担当; programs are called by what they are."""
    if not entry.account:
        return f"{entry.municipality}のシステム"
    place = f" {entry.place.name}" if entry.place else ""
    return f"{entry.municipality}{place} {vocabulary.ROLES.get(entry.role, '')}".strip()


def quantity(data: Data, entry: Entry, name: str = "quantity") -> str:
    """48缶; the number alone where the item is unknown."""
    unit = entry.item.unit if entry.item else "個"
    return f"{number(int(data[name]))}{unit}" if name in data else ""


def _steps(entry: Entry) -> list[Step]:
    data = dict(entry.data)
    telling = TELLINGS.get(entry.event)
    if telling is None:
        name = TRANSACTION_NAMES.get(entry.transaction, entry.transaction)
        return [Step("info", "", name, "", actor(entry), entry.at, entry)]
    if "arrival_id" in data and entry.event != "relief.arrival_recorded":
        return [Step("box", "warn", "受け取れない箱が届きました", _unfit(data), actor(entry), entry.at, entry)]
    told = [Step(telling.icon, telling.dot, telling.title, telling.text(data, entry), actor(entry), entry.at, entry)]
    if entry.event in ("relief.dispatch_requested", "relief.dispatch_approved"):
        told.insert(0, Step("scan", "", "QRコードを作りました", "ラベル第1版。", actor(entry), entry.at, entry))
    if entry.event == "relief.package_received" and data.get("discrepancy_id"):
        told.insert(0, Step("alert", "warn", "差を記録しました", _difference(data, entry), actor(entry), entry.at, entry))
    return told


def _unfit(data: Data) -> str:
    """A scan that waited on a phone, and no receipt fits its box."""
    reason = vocabulary.ARRIVAL_REASONS.get(data.get("arrival_reason", ""), "")
    return f"{reason}。到着として記録し、送り側に知らせました。"


def _total(data: Data) -> int:
    return sum(int(line.get("quantity", 0)) for line in data.get("lines", ()))


def _counts(data: Data, entry: Entry) -> dict[str, int]:
    return {name: sum(int(line.get(name, 0)) for line in data.get("lines", ()))
            for name in ("good", "damaged", "short", "refused")}


def _received(data: Data, entry: Entry) -> str:
    unit = entry.item.unit if entry.item else "個"
    counts = _counts(data, entry)
    parts = [f"使える物{number(counts['good'])}{unit}"]
    parts += [f"{words}{number(counts[name])}{unit}" for name, words in
              (("damaged", "破損"), ("refused", "受け取らない物")) if counts[name]]
    surplus = sum(int(line["quantity"]) for line in data.get("surplus") or ())
    parts += [f"予定より多い分{number(surplus)}{unit}"] if surplus else []
    return "、".join(parts) + "。"


def _difference(data: Data, entry: Entry) -> str:
    unit = entry.item.unit if entry.item else "個"
    counts = _counts(data, entry)
    parts = [f"{words}{number(counts[name])}{unit}" for name, words in
             (("short", "不足"), ("damaged", "破損"), ("refused", "受け取らない物")) if counts[name]]
    sent = sum(counts.values())
    return "・".join(parts) + f"。送り側の{number(sent)}{unit}に対し、使える物は{number(counts['good'])}{unit}です。"


def _changed(data: Data, entry: Entry) -> str:
    names = {"quantity": "数量", "needed_by": "期限", "priority": "優先度", "note": "補足", "attributes": "種類・サイズ",
             "available_until": "送れる期間", "available_from": "送れる期間", "expires_on": "賞味期限", "transport": "運び方"}
    changed = list(dict.fromkeys(names.get(name, name) for name in data.get("changed", ())))
    now_so = f"いまは{quantity(data, entry)}。" if "quantity" in data else ""
    return f"{'・'.join(changed)}を変えました。{now_so}"


def _site_status(data: Data, entry: Entry) -> str:
    if not data.get("open"):
        return "閉じました。"
    return f"開いています。避難者{number(data['headcount'])}人。" if "headcount" in data else "開いています。"


def _shipped(data: Data, entry: Entry) -> str:
    words = vocabulary.CARRIERS.get(data.get("carrier", ""), "")
    amount = sum(int(line.get("quantity", 0)) for line in data.get("lines", ()))
    parts = [quantity({"quantity": amount}, entry)] if amount else []
    parts += [words] if words else []
    parts += [f"{day(date.fromisoformat(data['expected_on']))}に着く見込み"] if data.get("expected_on") else []
    return "。".join(parts) + "。" if parts else ""


def _offered(data: Data, entry: Entry) -> str:
    best = f"賞味期限{expiry(data['expires_on'])}。" if data.get("expires_on") else ""
    return f"{entry.item.name if entry.item else data.get('item_name', '')} {quantity(data, entry)}。{best}".strip()


def _roles(data: Data) -> str:
    return "・".join(vocabulary.ROLES.get(role, role) for role in data.get("roles", ()))


def _amount(words: str) -> Callable[[Data, Entry], str]:
    return lambda data, entry: words.format(quantity(data, entry))


def _said(words: str) -> Callable[[Data, Entry], str]:
    return lambda data, entry: words


TELLINGS: dict[str, Telling] = {
    "relief.need_registered": Telling("plus", "", "必要物資の登録", lambda data, entry: (
        f"{entry.item.name if entry.item else ''} {quantity(data, entry)}。".strip())),
    "relief.need_changed": Telling("pen", "", "必要物資の変更", _changed),
    "relief.need_closed": Telling("off", "", "必要物資の取下げ", lambda data, entry: (
        f"理由：{vocabulary.CLOSE_REASONS.get(data.get('reason', ''), '')}。輸送中の箱は、そのまま届きます。")),
    "relief.need_reopened": Telling("refresh", "", "必要物資の募集を再開", _amount("必要な数は{}。")),
    "relief.needs_confirmed": Telling("ok", "", "「まだ必要」の確認", _said("この場所の必要物資が、いまも必要なことを確かめました。")),
    "relief.site_status_set": Telling("home", "", "開設のようすと人数", _site_status),
    "relief.offer_registered": Telling("hands", "", "提供の申し出", _offered),
    "relief.offer_changed": Telling("pen", "", "提供の変更", _changed),
    "relief.offer_withdrawn": Telling("off", "", "提供の取下げ", _amount("依頼されていない{}を取り下げました。")),
    "relief.dispatch_requested": Telling("mail", "", "送付を依頼しました", _amount("{}。送り側に依頼メールを送ります。")),
    "relief.dispatch_proposed": Telling("mail", "", "送付依頼を提案しました", _amount("{}。本部が確かめてから依頼します。")),
    "relief.dispatch_approved": Telling("mail", "", "提案を認め、送付を依頼しました", _amount("{}。送り側に依頼メールを送ります。")),
    "relief.dispatch_rejected": Telling("off", "", "提案を見送りました", lambda data, entry: (
        f"{quantity(data, entry)}。{data.get('reason', '')}")),
    "relief.intake_set": Telling("stop", "", "受け入れの知らせ", lambda data, entry: (
        f"{day(date.fromisoformat(data['until']))}まで止めます。{data.get('note', '')}"
        if data.get("stopped") and data.get("until") else "また受け入れます。")),
    "relief.dispatch_declined": Telling("off", "", "依頼を断りました", lambda data, entry: (
        f"{quantity(data, entry)}。{data.get('reason', '')}")),
    "relief.dispatch_cancelled": Telling("off", "", "依頼を取り消しました", lambda data, entry: (
        f"{quantity(data, entry)}。{data.get('reason', '')}")),
    "relief.label_issued": Telling("print", "", "ラベルを刷り直しました", lambda data, entry: (
        f"ラベル第{data.get('serial', '')}版。前のラベルは古いラベルになりました。")),
    "relief.consignment_shipped": Telling("truck", "", "発送しました", _shipped),
    "relief.package_received": Telling("check", "done", "受け取りました", _received),
    "relief.dispatch_repacked": Telling("box", "", "箱の中身を分けました", lambda data, entry: (
        f"{len(data.get('void', ()))}箱を{len(data.get('new', ()))}箱にしました。")),
    "relief.package_handed_over": Telling("flag", "", "集積所に着きました", _said("")),
    "relief.package_redirected": Telling("truck", "", "届け先を変えました", lambda data, entry: data.get("reason", "")),
    "relief.receipt_corrected": Telling("pen", "", "受取の数を直しました", lambda data, entry: (
        f"{_received(data, entry)}{data.get('reason', '')}")),
    "relief.dispatch_recalled": Telling("off", "warn", "発送された箱を呼び戻しました", lambda data, entry: (
        f"{quantity(data, entry)}。{data.get('reason', '')}")),
    "relief.lost_reported": Telling("x", "warn", "届きませんでした", lambda data, entry: (
        f"{quantity({'quantity': _total(data)}, entry)}を必要な数に戻しました。")),
    "relief.arrival_recorded": Telling("box", "warn", "予定にない箱が届きました", lambda data, entry: (
        f"{vocabulary.ARRIVAL_REASONS.get(data.get('reason', ''), '')}。")),
    "relief.discrepancy_acknowledged": Telling("search", "", "送り側が差を確かめています", _said("")),
    "relief.discrepancy_resolved": Telling("check", "done", "差の確認が終わりました", lambda data, entry: (
        f"{vocabulary.RESOLUTIONS.get(data.get('resolution', ''), '')}。")),
    "directory.drill_opened": Telling("flag", "", "訓練を始めました", lambda data, entry: f"{data.get('title', '')}。"),
    "directory.drill_closed": Telling("flag", "", "訓練を終えました", _said("訓練の記録は、もう表示されません。")),
    "directory.account_attested": Telling("seal", "", "条件の確認", _said("窓口で確かめた条件を記録しました。")),
    "directory.site_saved": Telling("home", "", "避難所などの登録", lambda data, entry: (
        f"追加{len(data.get('new', ()))}、変更{len(data.get('changed', ()))}。")),
    "directory.account_opened": Telling("user", "", "アカウントの登録", lambda data, entry: f"{_roles(data)}。"),
    "directory.account_changed": Telling("pen", "", "アカウントの変更", lambda data, entry: f"いまは{_roles(data)}。"),
    "directory.account_suspended": Telling("stop", "warn", "アカウントの停止", lambda data, entry: (
        f"理由：{data.get('reason', '')}。")),
    "directory.account_resumed": Telling("refresh", "", "アカウントの再開", lambda data, entry: (
        f"理由：{data.get('reason', '')}。")),
    "directory.account_closed": Telling("off", "", "アカウントの廃止", lambda data, entry: (
        f"理由：{data.get('reason', '')}。")),
    "directory.key_registered": Telling("key", "", "端末の鍵の登録", lambda data, entry: (
        f"鍵 {data.get('key_id', '')}。ほかの管理者の確認を待ちます。")),
    "directory.key_confirmed": Telling("seal", "done", "端末の鍵の確認", lambda data, entry: f"鍵 {data.get('key_id', '')}。"),
    "directory.key_revoked": Telling("x", "warn", "端末の鍵の失効", lambda data, entry: f"鍵 {data.get('key_id', '')}。"),
    "devices.device_registered": Telling("plus", "", "機器の登録", lambda data, entry: (
        f"{vocabulary.DEVICE_KINDS.get(data.get('kind', ''), '')}。")),
    "devices.device_revoked": Telling("x", "warn", "機器の失効", lambda data, entry: f"理由：{data.get('reason', '')}。"),
    "devices.device_retired": Telling("off", "", "機器の廃止", lambda data, entry: f"理由：{data.get('reason', '')}。"),
    "devices.substitution_recorded": Telling("pen", "", "値の補正", lambda data, entry: (
        f"機器{len(data.get('device_ids', ()))}台の、計られなかった値を補いました。")),
    "devices.totals_corrected": Telling("pen", "", "月の集計の訂正", lambda data, entry: (
        f"{data.get('month', '')}の第{data.get('version', '')}版。理由：{data.get('reason', '')}。")),
}

TRANSACTION_NAMES: dict[str, str] = {
    "relief.register_need": "必要物資の登録", "relief.change_need": "必要物資の変更", "relief.close_need": "必要物資の取下げ",
    "relief.reopen_need": "必要物資の再開", "relief.confirm_needs": "「まだ必要」の確認",
    "relief.set_site_status": "開設のようすと人数", "relief.register_offer": "提供の申し出", "relief.change_offer": "提供の変更",
    "relief.withdraw_offer": "提供の取下げ", "relief.request_dispatch": "送付依頼", "relief.decline_dispatch": "依頼の辞退",
    "relief.propose_dispatch": "送付依頼の提案", "relief.approve_dispatch": "提案の承認",
    "relief.reject_dispatch": "提案の見送り", "relief.set_intake": "受け入れの停止・再開",
    "directory.open_drill": "訓練の開始", "directory.close_drill": "訓練の終了", "directory.attest_account": "条件の確認",
    "relief.cancel_dispatch": "依頼の取消", "relief.issue_label": "ラベルの刷り直し", "relief.ship_consignment": "発送",
    "relief.receive_package": "受取", "relief.acknowledge_discrepancy": "差の確認（送り側）",
    "relief.resolve_discrepancy": "差の解決", "relief.repack_dispatch": "箱の詰め替え",
    "relief.hand_over_package": "集積所への到着", "relief.redirect_package": "届け先の変更", "relief.correct_receipt": "受取の訂正",
    "relief.recall_dispatch": "発送の呼び戻し", "relief.report_lost": "不着", "relief.record_arrival": "届いた箱の記録",
    "directory.save_site": "避難所などの登録", "directory.retire_site": "施設の廃止", "directory.save_item": "品目の登録",
    "directory.propose_item": "共通品目の提案", "directory.activate_item": "共通品目の決定",
    "directory.register_municipality": "参加自治体の登録", "directory.cast_vote": "投票",
    "directory.activate_municipality": "参加自治体の承認", "directory.open_account": "アカウントの登録",
    "directory.change_account": "アカウントの変更", "directory.suspend_account": "アカウントの停止",
    "directory.resume_account": "アカウントの再開", "directory.close_account": "アカウントの廃止",
    "directory.register_key": "端末の鍵の登録", "directory.confirm_key": "端末の鍵の確認",
    "devices.register_device": "機器の登録", "devices.revoke_device": "機器の失効", "devices.retire_device": "機器の廃止",
    "devices.renew_tag": "機器の年度の印の更新", "devices.record_substitution": "値の補正", "devices.correct_totals": "月の集計の訂正",
    "directory.revoke_key": "端末の鍵の取消", "directory.set_policy": "運用の決まり",
}
