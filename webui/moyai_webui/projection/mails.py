"""Which events call for a mail of this municipality: the one whose database holds the address sends it."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moyai_webui.projection.changes import MailCause
from moyai_webui.projection.documents import utc


def causes(event: str, payload: Mapping[str, Any], municipality: str) -> Iterator[MailCause]:
    """The mails of an event, none for most events and for other municipalities' recipients."""
    rule = _RULES.get(event)
    if rule is not None:
        yield from rule(payload, municipality)


def _offer_registered(payload: Mapping[str, Any], municipality: str) -> Iterator[MailCause]:
    """S8 提供物資登録: an offer aimed at a need of one of our sites."""
    data = payload["data"]
    if data.get("to", {}).get("code6") == municipality:
        yield _cause("offer_registered", payload, site=data["to"]["site"], content={"offer_id": data["offer_id"]})


def _dispatch_requested(payload: Mapping[str, Any], municipality: str) -> Iterator[MailCause]:
    """S8 送付依頼: to the supporters whose home we are."""
    dispatches = [line["dispatch_id"] for line in payload["data"]["dispatches"] if line["home"] == municipality]
    if dispatches:
        yield _cause("dispatch_requested", payload, dispatches=tuple(dispatches))


def _consignment_shipped(payload: Mapping[str, Any], municipality: str) -> Iterator[MailCause]:
    """S8 提供物資発送: boxes on their way to one of our sites."""
    data = payload["data"]
    if data["to"]["code6"] == municipality:
        yield _cause("consignment_shipped", payload, site=data["to"]["site"],
                     content={"packages": [box["package_id"] for box in data["packages"]]})


def _package_received(payload: Mapping[str, Any], municipality: str) -> Iterator[MailCause]:
    """S8 物資受領: to the supporters whose home we are. A second scan that contradicts the first is no receipt, nor is
    a box that came under a label that does not fit."""
    data = payload["data"]
    if data.get("conflicting") or "arrival_id" in data:
        return
    dispatches = [line["dispatch_id"] for line in data["lines"] if line["home"] == municipality]
    if dispatches:
        yield _cause("package_received", payload, dispatches=tuple(dispatches),
                     content={"package_id": data["package_id"]})


_RULES = {"relief.offer_registered": _offer_registered, "relief.dispatch_requested": _dispatch_requested,
          "relief.dispatch_approved": _dispatch_requested,
          "relief.consignment_shipped": _consignment_shipped, "relief.package_received": _package_received}


def _cause(kind: str, payload: Mapping[str, Any], **fields: Any) -> MailCause:
    return MailCause(kind=kind, cause_tx=payload["tx"], at=utc(payload["at"]), scope=payload.get("scope", "live"),
                     **fields)
