"""The words for states and kinds (`PAGES.md` 4.1): one vocabulary, one place. Colour, icon and text together."""
from __future__ import annotations

from typing import NamedTuple

from moyai_webui.rows import Package


class Status(NamedTuple):
    """Families: open waits for anybody, wait for someone named, move is under way, done, warn, stop, off is over."""

    family: str
    icon: str
    text: str


STATUSES: dict[str, Status] = {
    "need.open": Status("open", "circ", "募集中"),
    "need.part": Status("move", "half", "一部確保"),
    "need.held": Status("done", "ok", "確保済み"),
    "need.done": Status("done", "check", "充足"),
    "need.stale": Status("wait", "clock", "要再確認"),
    "need.off": Status("off", "off", "取下げ"),
    "offer.open": Status("open", "circ", "提供可能"),
    "offer.asked": Status("wait", "mail", "送付依頼あり"),
    "offer.part": Status("move", "half", "一部手配"),
    "offer.all": Status("done", "ok", "全量手配"),
    "offer.late": Status("wait", "clock", "期限切れ"),
    "offer.off": Status("off", "off", "取下げ"),
    "dispatch.proposed": Status("wait", "clock", "本部の確認待ち"),
    "dispatch.requested": Status("wait", "mail", "送付依頼中"),
    "dispatch.shipped": Status("move", "truck", "輸送中"),
    "dispatch.declined": Status("off", "off", "辞退"),
    "dispatch.cancelled": Status("off", "off", "取消"),
    "dispatch.recalled": Status("off", "off", "回収"),
    "dispatch.rejected": Status("off", "off", "取消"),
    "package.labelled": Status("wait", "box", "発送待ち"),
    "package.shipped": Status("move", "truck", "輸送中"),
    "package.handed_over": Status("move", "flag", "集積所"),
    "package.received": Status("done", "check", "受取済み"),
    "package.difference": Status("warn", "alert", "差異あり"),
    "package.lost": Status("stop", "x", "不着"),
    "package.voided": Status("off", "off", "取消"),
    "package.recalled": Status("off", "off", "回収"),
    "package.unplanned": Status("warn", "alert", "予定にない箱"),
    "discrepancy.open": Status("wait", "clock", "確認待ち"),
    "discrepancy.acknowledged": Status("move", "search", "確認中"),
    "discrepancy.resolved": Status("done", "check", "解決"),
    "record.kept": Status("off", "clock", "端末に保存"),
    "record.pending": Status("wait", "clock", "記録中"),
    "record.recorded": Status("done", "seal", "記録済み"),
    "record.refused": Status("stop", "x", "記録されていません"),
    "priority.urgent": Status("urgent", "up2", "緊急"),
    "priority.high": Status("warn", "up1", "急ぎ"),
    "mail.waiting": Status("wait", "clock", "送信待ち"),
    "mail.accepted": Status("done", "check", "送信済み"),
    "mail.deferred": Status("wait", "refresh", "送り直します"),
    "mail.bounced": Status("stop", "x", "届きませんでした"),
    "mail.unknown": Status("warn", "alert", "送れたか不明"),
    "device.pending": Status("wait", "clock", "登録中"),
    "device.waiting": Status("wait", "clock", "受信待ち"),
    "device.fine": Status("done", "check", "正常"),
    "device.silent": Status("warn", "alert", "受信なし"),
    "device.revoked": Status("stop", "x", "失効"),
    "device.retired": Status("off", "off", "廃止"),
    "account.invited": Status("wait", "mail", "招待中"),
    "account.unconfirmed": Status("wait", "mail", "メールの確認待ち"),
    "account.active": Status("done", "check", "利用中"),
    "account.expired": Status("off", "clock", "期限切れ"),
    "account.suspended": Status("stop", "stop", "停止中"),
    "account.closed": Status("off", "off", "廃止"),
    "key.self": Status("wait", "clock", "確認待ち"),
    "key.confirmed": Status("done", "seal", "確認済み"),
    "key.revoked": Status("off", "off", "失効"),
    "totals.recording": Status("wait", "clock", "記録中"),
    "totals.overtaken": Status("warn", "alert", "訂正が必要"),
    "totals.missing": Status("warn", "flag", "欠測あり"),
    "totals.corrected": Status("done", "pen", "訂正済み"),
    "totals.complete": Status("done", "check", "すべて届いた"),
    "audit.agrees": Status("done", "seal", "一致"),
    "audit.differs": Status("stop", "x", "一致しません"),
    "site.new": Status("open", "plus", "追加"),
    "site.changed": Status("move", "pen", "変更"),
    "site.same": Status("off", "ok", "同じ"),
}

CATEGORIES = {
    "food": "食料", "blanket": "毛布", "infant_milk": "乳児用ミルク", "infant_diaper": "乳児・小児用おむつ",
    "adult_diaper": "大人用おむつ", "portable_toilet": "携帯・簡易トイレ", "toilet_paper": "トイレットペーパー",
    "sanitary_product": "生理用品", "other": "その他",
}
AXES = {"committed": "確保", "in_transit": "輸送中", "received": "受取"}
AXIS_STATES = {"none": "なし", "part": "一部", "all": "全部"}
PRIORITIES = {"urgent": "緊急", "high": "急ぎ", "normal": "通常"}
CLOSE_REASONS = {"enough": "足りた", "elsewhere": "ほかで調達した", "mistake": "間違い"}
RESOLUTIONS = {"resent": "不足分を送り直す", "written_off": "不足のまま終わりにする", "count_error": "数え間違いだった"}
DISCREPANCY_KINDS = {"count": "数の違い", "conflicting_scan": "2台の読み取りの食い違い", "lost": "不着", "recalled_arrived": "取り消した箱の到着",
                     "wrong_site": "別の場所への到着", "unknown_label": "知らないラベル"}
ARRIVAL_REASONS = {"no_label": "ラベルがない", "unreadable": "ラベルが読めない", "unknown": "コードが見つからない", "wrong_site": "ほかの届け先の箱",
                   "voided": "取り消された箱", "recalled": "回収になった箱", "lost": "不着とされた箱", "other": "そのほか"}
CARRIERS = {"yamato": "ヤマト運輸", "sagawa": "佐川急便", "japan_post": "日本郵便", "own_vehicle": "自分たちの車",
            "other": "そのほか"}
SITE_KINDS = {"shelter": "避難所", "office": "庁舎", "hub": "集積所", "warehouse": "備蓄倉庫"}
TRANSPORTS = {"own": "自分で手配する", "needed": "運ぶ手段がない"}
ROLES = {"A": "管理者", "C": "担当者", "S": "避難所担当", "P": "支援者", "M": "住民"}
DEVICE_KINDS = {"meter": "スマートメーター", "pv": "太陽光発電", "battery": "蓄電池", "ev": "電気自動車", "phv": "プラグインハイブリッド車",
                "generator": "発電機"}
REGISTERS = {"import": "買った電気", "export": "売った電気", "generation": "発電", "charge": "充電", "discharge": "放電",
             "distance": "走行距離", "fuel": "燃料"}
REVOKE_REASONS = ("盗難・紛失", "鍵が知られたおそれ", "値が信用できない", "登録の間違い")
RETIRE_REASONS = ("取り外し", "故障", "交換", "転居")
MARKS = {"gap": "欠測", "duplicate": "重複", "reset": "0に戻った", "rollover": "桁の一周", "repeat": "同じ値", "jump": "急な増え方",
         "clock": "時計のずれ"}
METHODS = {"reread": "計器を読み直した", "bill": "検針票の値", "previous_day": "前の日の同じ時刻の値", "interpolated": "前後の値から計算"}
MAIL_KINDS = {"offer_registered": "提供物資登録", "dispatch_requested": "送付依頼", "consignment_shipped": "提供物資発送",
              "package_received": "物資受領"}


MAIL_CHOICES = {"at_once": "届くたびに送る", "digest": "1日1回まとめて送る"}
LANGUAGES = {"ja": "日本語", "ja-easy": "やさしい日本語", "en": "English"}


class AccountMail(NamedTuple):
    """A mail about signing in: subject, what it says, what its link does, and what to do where nobody asked for it."""

    subject: str
    text: str
    action: str = ""
    unasked: str = ""


ACCOUNT_MAILS = {
    "invitation": AccountMail("パスワードを決めてください", "もやいのアカウントができました。パスワードを決めると、サインインできます。",
                              "パスワードを決める", "心当たりがないときは、このメールを消してください。"),
    "reset": AccountMail("新しいパスワード", "新しいパスワードを決めるためのリンクです。", "新しいパスワードを決める",
                         "頼んでいないときは、何もしないでください。いまのパスワードのまま使えます。"),
    "confirmation": AccountMail("メールアドレスの確認", "提供のお申し出をありがとうございます。このメールアドレスを確かめると、お申し出を記録します。"
                                "24時間のうちに確かめられないと、お申し出は取り消されます。", "メールアドレスを確かめる",
                                "心当たりがないときは、何もしないでください。24時間で消えます。"),
    "dropped": AccountMail("お申し出を取り消しました", "24時間のうちにメールアドレスが確かめられなかったため、お申し出は記録されていません。"
                           "まだ提供いただけるときは、もう一度登録してください。", "足りない物資を見る"),
}
ATTRIBUTES = {"size": "サイズ", "kind": "種類", "allergy": "アレルギー", "volume": "容量", "age": "対象年齢"}


def package_status(package: Package) -> str:
    """Key of the box's word: a difference shows until it is resolved."""
    if package.state == "received" and package.discrepancy in ("open", "acknowledged"):
        return "package.difference"
    return f"package.{package.state}"
