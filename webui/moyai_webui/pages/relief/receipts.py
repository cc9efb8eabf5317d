"""The words of receipts about needs, offers and what is asked for."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import url_for

from moyai_webui.home import Submission
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import amount, day, number, package_code
from moyai_webui.presentation.receipts import Facts, Receipt, Way, describes
from moyai_webui.reading import Reading


def _counted(quantity: int, unit: str) -> str:
    return f"{number(quantity)}{unit}"


def _needs_ways() -> list[Way]:
    return [Way(url_for("relief.register_need"), "続けて登録する", "plus"), Way(url_for("relief.needs"), "必要物資の一覧を見る")]


@describes("relief.register_need")
def _registered_need(submission: Submission, reading: Reading) -> Receipt:
    told = Receipt("必要物資を登録しました", "支援する人と自治体に見えるようになりました。", ways=_needs_ways())
    for line in submission.fields["needs"]:
        item = reading.item(line["item"])
        told.record_id = line["need_id"]
        told.facts.append(("品目", item.name if item else line["item"]))
        told.facts.append(("数量", amount(line["quantity"], item) if item else number(line["quantity"])))
        told.facts.append(("優先度", vocabulary.PRIORITIES[line["priority"]]))
        told.backs = [Way(url_for("relief.change_need", need=line["need_id"]), "数や期限を直す"),
                      Way(url_for("relief.close_need", need=line["need_id"], reason="mistake"), "間違えたので取り下げる")]
    return told


def _of_need(title: str, words: str = "") -> Callable[[Submission, Reading], Receipt]:
    def describe(submission: Submission, reading: Reading) -> Receipt:
        need = reading.need(submission.fields["need_id"])
        told = Receipt(title, words, record_id=submission.fields["need_id"], ways=[
            Way(url_for("relief.need", need_id=submission.fields["need_id"]), "この必要物資を見る"), *_needs_ways()[1:]])
        if need is not None:
            told.facts += [("品目", need.item.name), ("届け先", need.place.name)]
        if submission.transaction in ("relief.change_need", "relief.reopen_need"):
            told.backs = [Way(url_for("relief.change_need", need=submission.fields["need_id"]), "もう一度直す"),
                          Way(url_for("relief.close_need", need=submission.fields["need_id"]), "取り下げる")]
        if submission.transaction == "relief.close_need":
            told.facts.append(("理由", vocabulary.CLOSE_REASONS[submission.fields["reason"]]))
            told.backs = [Way(url_for("relief.reopen_need", need=submission.fields["need_id"]), "取下げをやめて、募集を続ける")]
        return told
    return describe


@describes("relief.register_offer")
def _registered_offer(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    item = reading.item(fields["item"]) if "item" in fields else None
    aimed = "aimed_at" in fields
    words = "受け取る側にメールで知らせます。送付依頼が届くまで、まだ発送しないでください。" if aimed else (
        "避難所から依頼があると、メールで知らせます。まだ発送しないでください。")
    told = Receipt("提供を申し出ました" if aimed else "提供できる物資を登録しました", words, record_id=fields["offer_id"], ways=[
        Way(url_for("relief.needs"), "ほかに足りない物資を見る", "list"), Way(url_for("relief.offers", whose="own"), "自分の提供を見る")])
    told.facts.append(("品目", item.name if item else fields.get("item_name", "")))
    told.facts.append(("数量", _counted(fields["quantity"], item.unit if item else "個")))
    told.backs = [Way(url_for("relief.change_offer", offer=fields["offer_id"]), "数を直す")]
    return told


@describes("relief.set_intake")
def _intake(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    item = reading.item(fields["item"])
    told = Receipt("受け入れを止めたことを公開しました" if fields["stopped"] else "受け入れを再開しました", ways=[
        Way(url_for("relief.set_intake"), "公開しているものを見る", "list"), Way(url_for("relief.office"), "状況に戻る")])
    told.facts.append(("物資", item.name if item else "すべての物資"))
    if fields["stopped"]:
        told.facts += [("いつまで", day(date.fromisoformat(fields["until"]))), ("理由", fields["note"])]
        told.backs = [Way(url_for("relief.set_intake"), "やめて、受け入れを再開する")]
    return told


def _of_offer(title: str) -> Callable[[Submission, Reading], Receipt]:
    def describe(submission: Submission, reading: Reading) -> Receipt:
        offer = reading.offer(submission.fields["offer_id"])
        told = Receipt(title, record_id=submission.fields["offer_id"], ways=[
            Way(url_for("relief.offers", whose="own"), "自分の提供を見る"), Way(url_for("relief.needs"), "足りない物資を見る")])
        if offer is not None:
            told.facts.append(("品目", offer.item.name if offer.item else offer.item_name))
        return told
    return describe


@describes("relief.request_dispatch")
def _requested(submission: Submission, reading: Reading) -> Receipt:
    lines = submission.fields["dispatches"]
    told = Receipt("送付を依頼しました", "送り側に、送付依頼をメールで知らせます。箱のQRコードもできました。",
                   _asked_facts(submission, reading))
    told.facts += [("箱のコード", package_code(line["package_id"])) for line in lines[:1] if len(lines) == 1]
    told.record_id = lines[0]["package_id"]
    told.ways = [Way(url_for("relief.dispatch", need_id=line["need_id"], dispatch_id=line["dispatch_id"]), "依頼を見る")
                 for line in lines if len(lines) == 1]
    told.ways.append(Way(url_for("relief.offers"), "提供物資の一覧に戻る"))
    told.backs = [Way(url_for("relief.cancel_dispatch", need=line["need_id"], dispatch=line["dispatch_id"]),
                      "依頼を取り消す" if len(lines) == 1 else f"{place}件目の依頼を取り消す")
                  for place, line in enumerate(lines, 1)]
    return told


@describes("relief.propose_dispatch")
def _proposed(submission: Submission, reading: Reading) -> Receipt:
    line = submission.fields["dispatches"][0]
    return Receipt("本部に送付依頼を頼みました", "本部が認めると、送付依頼になります。", _asked_facts(submission, reading), [
        Way(url_for("relief.home"), "避難所の画面に戻る", "home"), Way(url_for("relief.offers"), "提供物資の一覧に戻る")],
        record_id=line["dispatch_id"])


@describes("relief.approve_dispatch")
def _approved(submission: Submission, reading: Reading) -> Receipt:
    lines = submission.fields["dispatches"]
    told = Receipt("送付依頼を認めました", "送り側に、送付依頼をメールで知らせます。", [("件数", f"{len(lines)}件")], [
        Way(url_for("relief.approve_dispatch"), "ほかの依頼を確かめる"), Way(url_for("relief.office"), "状況に戻る")],
        record_id=lines[0]["package_id"])
    told.backs = [Way(url_for("relief.cancel_dispatch", need=line["need_id"], dispatch=line["dispatch_id"]),
                      "依頼を取り消す" if len(lines) == 1 else f"{place}件目の依頼を取り消す")
                  for place, line in enumerate(lines, 1)]
    return told


@describes("directory.set_policy")
def _set_policy(submission: Submission, reading: Reading) -> Receipt:
    words = {"none": "避難所が自分で依頼する", "office": "本部が確かめてから依頼する"}
    return Receipt("送付依頼の決め方を変えました", facts=[("決め方", words[submission.fields["dispatch_approval"]])],
                   ways=[Way(url_for("directory.manage"), "管理に戻る")],
                   backs=[Way(url_for("directory.set_policy"), "元に戻す")])


def _asked_facts(submission: Submission, reading: Reading) -> Facts:
    """What was asked for: one offer in detail, of many a line each."""
    lines = submission.fields["dispatches"]
    facts: Facts = [("件数", f"{len(lines)}件")] if len(lines) > 1 else []
    for line in lines:
        offer, need = reading.offer(line["offer_id"]), reading.need(line["need_id"])
        name = (offer.item.name if offer.item else offer.item_name) if offer else ""
        unit = offer.item.unit if offer and offer.item else "個"
        if len(lines) > 1:
            facts.append((name, _counted(line["quantity"], unit) + (f"　{need.place.name}へ" if need else "")))
        else:
            facts += [("品目", name)] * bool(name) + [("数量", _counted(line["quantity"], unit))]
    return facts


def _ended(title: str, words: str, endpoint: str, back: str) -> Callable[[Submission, Reading], Receipt]:
    def describe(submission: Submission, reading: Reading) -> Receipt:
        fields = submission.fields
        return Receipt(title, words, [("理由", fields["reason"])], [Way(url_for(endpoint), back)],
                       record_id=fields["dispatch_id"])
    return describe


for _transaction, _description in {
    "relief.change_need": _of_need("変更を記録しました"),
    "relief.close_need": _of_need("取り下げました", "輸送中の箱は、そのまま届きます。"),
    "relief.reopen_need": _of_need("募集を再開しました"),
    "relief.change_offer": _of_offer("変更を記録しました"),
    "relief.withdraw_offer": _of_offer("提供を取り下げました"),
    "relief.decline_dispatch": _ended("依頼を断りました", "受け取る側の必要数に戻しました。", "relief.dispatches", "ほかの依頼を見る"),
    "relief.cancel_dispatch": _ended("依頼を取り消しました", "数は、提供できる残りに戻しました。", "relief.offers", "提供物資の一覧に戻る"),
    "relief.reject_dispatch": _ended("送付依頼を認めませんでした", "避難所の画面で見えます。", "relief.approve_dispatch",
                                     "ほかの依頼を確かめる"),
}.items():
    describes(_transaction)(_description)
