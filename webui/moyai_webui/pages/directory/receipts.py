"""The receipts' words for accounts and keys."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

from moyai_webui.home import Submission
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.receipts import Facts, Receipt, Way, describes
from moyai_webui.presentation.timeline import TRANSACTION_NAMES
from moyai_webui.reading import Reading

TITLES = {
    "directory.open_account": ("アカウントを登録しました", "パスワードを決めるリンクを、メールで送ります。"),
    "directory.change_account": ("アカウントを変えました", ""),
    "directory.suspend_account": ("アカウントを停止しました", "開いているサインインは終わります。"),
    "directory.resume_account": ("アカウントを再開しました", ""),
    "directory.close_account": ("アカウントを廃止しました", "元の記録は消えません。"),
}


@describes(*TITLES)
def _account(submission: Submission, reading: Reading) -> Receipt:
    title, words = TITLES[submission.transaction]
    told = Receipt(title, words, [("操作", TRANSACTION_NAMES[submission.transaction])],
                   [Way(url_for("directory.accounts"), "アカウントの一覧を見る", "list")])
    lines = submission.fields.get("accounts", (submission.fields,))
    for line in lines:
        told.facts += _facts(line, reading)
        told.record_id = line["account_id"]
    if submission.transaction == "directory.suspend_account":
        told.back = Way(url_for("directory.resume_account", account=told.record_id), "再開する")
    return told


def _facts(line: Mapping[str, Any], reading: Reading) -> Facts:
    facts: Facts = []
    known = reading.account(line["account_id"])
    if known is not None:
        facts.append(("名前", known.label))
    if "roles" in line:
        facts.append(("役割", "・".join(vocabulary.ROLES.get(role, role) for role in line["roles"])))
    if "office" in line:
        code6, _, site_id = line["office"].partition("/")
        site = reading.site(code6, site_id) if site_id else None
        town = reading.municipality(code6)
        facts.append(("部署", site.place.name if site else town.name if town else line["office"]))
    if "reason" in line:
        facts.append(("理由", line["reason"]))
    return facts


@describes("directory.confirm_key", "directory.revoke_key")
def _key(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    confirmed = submission.transaction == "directory.confirm_key"
    title = "端末の鍵を確認しました" if confirmed else "端末の鍵を失効にしました"
    words = "この端末で、署名できるようになりました。" if confirmed else "この鍵の署名は、もう受け付けません。"
    key = next((key for key in reading.keys("", fields["account_id"]) if key.key_id == fields["key_id"]), None)
    facts = [("持ち主", key.owner), ("端末", key.device or "名前のない端末")] if key else []
    return Receipt(title, words, [("操作", TRANSACTION_NAMES[submission.transaction]), *facts,
                                  ("鍵の番号", fields["key_id"])],
                   [Way(url_for("directory.keys"), "端末の鍵の一覧を見る", "list")], record_id=fields["account_id"])
