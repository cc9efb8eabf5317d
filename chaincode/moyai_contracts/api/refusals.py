"""Refusals: the codes that cross the wire, their response status, and the sentence a person reads."""
from __future__ import annotations

from typing import Any

SHAPE, AUTHORITY, MISSING, CONFLICT = 400, 403, 404, 409

# code → (status, sentence). The sentences speak to clerks; names in braces are the refusal's parameters.
REFUSALS: dict[str, tuple[int, str]] = {
    "bad_argument": (SHAPE, "入力の形式が正しくありません（{field}）。"),
    "unsupported_version": (SHAPE, "画面の版が合いません。ページを読み直してください。"),
    "too_many": (SHAPE, "一度に扱えるのは{max}件までです。"),
    "personal_data_suspected": (SHAPE, "電話番号など個人情報と思われる文字が含まれています。"),
    "time_out_of_range": (SHAPE, "日時が範囲外です。端末の時計を確かめてください。"),
    "not_permitted": (AUTHORITY, "この操作をする権限がありません（必要な役割：{roles}）。"),
    "foreign_record": (AUTHORITY, "ほかの自治体の記録は変更できません。"),
    "account_inactive": (AUTHORITY, "このアカウントは現在使えません。窓口にお問い合わせください。"),
    "municipality_inactive": (AUTHORITY, "この自治体は現在参加していません。"),
    "key_required": (AUTHORITY, "この操作には登録済みの端末での署名が必要です。"),
    "signature_invalid": (AUTHORITY, "署名を確認できません。端末の登録をやり直してください。"),
    "key_revoked": (AUTHORITY, "この端末の登録は取り消されています。"),
    "self_confirmation": (AUTHORITY, "自分の活動を自分で確認することはできません。"),
    "not_found": (MISSING, "該当する記録が見つかりません。"),
    "label_unknown": (MISSING, "このコードの荷物はありません。読み取り直してください。"),
    "id_reused": (CONFLICT, "同じ番号で内容の異なる記録がすでにあります。"),
    "stale_revision": (CONFLICT, "ほかの人が先に変更しました。最新の内容を確かめてください。"),
    "wrong_state": (CONFLICT, "現在の状態（{state}）ではこの操作はできません。"),
    "scope_closed": (CONFLICT, "この訓練は終了しています。"),
    "wrong_scope": (CONFLICT, "訓練と本番の記録は混ぜられません。"),
    "votes_missing": (CONFLICT, "承認が足りません（{have}／{need}自治体）。"),
    "site_closed": (CONFLICT, "この施設は現在開設されていません。"),
    "need_covered": (CONFLICT, "必要数は手当て済みです（残り{open}）。"),
    "offer_short": (CONFLICT, "提供できる残りは{available}です。"),
    "below_committed": (CONFLICT, "送付依頼済みの数（{committed}）より少なくできません。"),
    "item_mismatch": (CONFLICT, "品目または規格が一致しません。"),
    "intake_stopped": (CONFLICT, "この品目は現在受け入れを止めています（{until}まで）。"),
    "offer_expired": (CONFLICT, "この提供は期限を過ぎています。"),
    "not_requested": (CONFLICT, "受取側からの送付依頼がまだありません。"),
    "quantity_exceeded": (CONFLICT, "依頼数（{quantity}）を超えています。"),
    "count_mismatch": (CONFLICT, "内訳の合計が箱の数（{quantity}）と合いません。"),
    "wrong_site": (CONFLICT, "この荷物の届け先は{site}です。"),
    "label_superseded": (CONFLICT, "このラベルは再発行前のものです（最新は{serial}番）。"),
    "package_voided": (CONFLICT, "この荷物は取り消されています（{reason}）。"),
    "already_received": (CONFLICT, "すでに受け取り済みです（{at}）。"),
    "device_taken": (CONFLICT, "この機器または供給地点はすでに登録されています。"),
    "totals_inconsistent": (CONFLICT, "指針の差と合計が一致しません。"),
    "implausible": (CONFLICT, "設備の能力を超える値です。"),
    "period_overlap": (CONFLICT, "期間が重なっています。"),
    "already_claimed": (CONFLICT, "この電力量・距離はすでに{kind}に使われています。"),
    "log_gap": (CONFLICT, "記録の番号が続いていません。"),
}


class Refusal(Exception):
    """The contract's no: an answer to show the person, not a fault. Nothing is written."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        self.status = REFUSALS[code][0]
        super().__init__(sentence(code, params))


def sentence(code: str, params: dict[str, Any]) -> str:
    """The Japanese sentence of a refusal; a parameter that is missing shows as 「―」."""
    template = REFUSALS[code][1] if code in REFUSALS else "記録できませんでした（{code}）。"
    return template.format_map(_Dashed(params | {"code": code}))


class _Dashed(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "―"
