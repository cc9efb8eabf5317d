"""Needs, offers and boxes as plain tables, for files: exactly what a list shows, all its pages."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import jst, now, today
from moyai_webui.rows import Need, Offer, Package
from moyai_webui.totals.tables import Table

NEED_HEADER = ("番号", "優先度", "品目", "種類・サイズ", "単位", "必要", "確保", "輸送中", "受取", "あと必要", "市区町村", "届け先",
               "地区", "避難者数", "期限", "状態", "登録", "補足")
OFFER_HEADER = ("番号", "品目", "種類・サイズ", "単位", "提供", "依頼済み", "取下げ", "残り", "送り主", "発送元", "申し出た先", "賞味期限",
                "いつから", "いつまで", "運び方", "状態", "登録")

ARRIVAL_HEADER = ("箱のコード", "受取", "着く見込み", "品目", "賞味期限", "場所", "送り主", "送り側", "使える", "破損", "受け取らない",
                  "不足", "単位", "状態")


def need_table(needs: Iterable[Need]) -> Table:
    """Times in Japan, ISO 8601."""
    at = now()
    return Table("必要物資", NEED_HEADER, tuple(
        (need.need_id, vocabulary.PRIORITIES[need.priority], need.item.name, _kinds(need.attributes), need.item.unit,
         need.quantity, need.committed, need.in_transit, need.received, need.open, need.place.municipality,
         need.place.name, need.place.district, "" if need.headcount is None else need.headcount, _time(need.needed_by),
         vocabulary.STATUSES[f"need.{need.status(at)}"].text, _time(need.at), need.note) for need in needs))


def offer_table(offers: Iterable[Offer]) -> Table:
    """Times in Japan, ISO 8601."""
    day = today()
    return Table("提供物資", OFFER_HEADER, tuple(
        (offer.offer_id, offer.item.name if offer.item else offer.item_name, _kinds(offer.attributes),
         offer.item.unit if offer.item else "個", offer.quantity, offer.requested, offer.withdrawn, offer.free,
         offer.sender.label, offer.ships_from, offer.aimed_place.name if offer.aimed_place else "", offer.expires_on,
         offer.available_from.isoformat() if offer.available_from else "",
         offer.available_until.isoformat() if offer.available_until else "", vocabulary.TRANSPORTS[offer.transport],
         vocabulary.STATUSES[f"offer.{offer.status(day)}"].text, _time(offer.at)) for offer in offers))


def arrival_table(boxes: Iterable[Package]) -> Table:
    """A line for each kind of goods in a box; numbers that nobody counted yet are empty."""
    return Table("届く物資", ARRIVAL_HEADER, tuple(
        (box.package_id, _time(box.received_at), box.expected_on.isoformat() if box.expected_on else "", line.item.name,
         line.expires_on, box.place.name, box.sender.label, line.quantity,
         *("" if count is None else count for count in (line.good, line.damaged, line.refused, line.short)),
         line.item.unit, vocabulary.STATUSES[vocabulary.package_status(box)].text)
        for box in boxes for line in box.lines))


def _kinds(attributes: Mapping[str, str]) -> str:
    return "・".join(attributes.values())


def _time(moment: datetime | None) -> str:
    return "" if moment is None else jst(moment).isoformat(timespec="seconds")
