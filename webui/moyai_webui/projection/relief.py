"""Documents of the context `relief`."""
from __future__ import annotations

from datetime import datetime

from moyai_webui.projection.changes import BlockChanges
from moyai_webui.projection.documents import Written, handles, live, optional_date, optional_utc, utc

PRIORITY_RANKS = {"urgent": 0, "high": 1, "normal": 2}


@handles("relief.site_status")
def site_status(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, code6, site_id = written.attributes
    live(scope)
    changes.save(
        "site_status", code6=code6, site_id=site_id, open=document["open"], headcount=document.get("headcount"),
        counted_at=optional_utc(document.get("counted_at")), confirmed_at=optional_utc(document.get("confirmed_at")),
        at=written.at)


@handles("relief.need")
def need(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, need_id = written.attributes
    live(scope)
    changes.save(
        "need", need_id=need_id, code6=document["code6"], site_id=document["site_id"], item=document["item"],
        attributes=document["attributes"], quantity=document["quantity"], committed=document["committed"],
        needed_by=optional_utc(document.get("needed_by")), priority=document["priority"],
        priority_rank=PRIORITY_RANKS[document["priority"]], headcount=document.get("headcount"),
        note=document.get("note", ""), state=document["state"], rev=document["rev"], at=written.at,
        account=document["by"])


@handles("relief.offer")
def offer(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, offer_id = written.attributes
    live(scope)
    changes.save(
        "offer", offer_id=offer_id, supporter=document["supporter"], home=document["home"],
        item=document.get("item", ""), item_name=document.get("item_name", ""),
        category=document.get("category", ""), attributes=document["attributes"], quantity=document["quantity"],
        withdrawn=document["withdrawn"], requested=document["requested"], aimed_at=document.get("aimed_at", ""),
        available_from=optional_date(document.get("available_from")),
        available_until=optional_date(document.get("available_until")), expires_on=document.get("expires_on", ""),
        transport=document["transport"], ships_from=document["ships_from"], state=document["state"],
        rev=document["rev"], at=written.at)


@handles("relief.dispatch")
def dispatch(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, need_id, dispatch_id = written.attributes
    live(scope)
    changes.save(
        "dispatch", need_id=need_id, dispatch_id=dispatch_id, offer_id=document["offer_id"],
        supporter=document["supporter"], home=document["home"], mapped_item=document.get("mapped_item", ""),
        quantity=document["quantity"], released=document["released"], shipped=document["shipped"],
        ship_by=optional_date(document.get("ship_by")), packages=document["packages"], state=document["state"],
        requested_at=written.at, requested_by=written.office)


@handles("relief.package")
def package(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, package_id = written.attributes
    live(scope)
    receipt = document.get("receipt", {})
    changes.save(
        "package", package_id=package_id, code6=document["to"]["code6"], site_id=document["to"]["site"],
        label_serial=document["label_serial"], state=document["state"],
        consignment_id=document.get("consignment_id", ""), shipped_at=optional_utc(document.get("shipped_at")),
        unannounced=document.get("unannounced", False), received_at=_received_at(written),
        attested=receipt.get("attested", ""), surplus=sum(line["quantity"] for line in receipt.get("surplus", [])),
        requested_at=written.at, requested_by=written.office)
    counts = {line["dispatch_id"]: line for line in receipt.get("lines", [])}
    for number, line in enumerate(document["lines"], 1):
        found = counts.get(line["dispatch_id"], {})
        changes.save(
            "package_line", package_id=package_id, number=number, need_id=line["need_id"],
            dispatch_id=line["dispatch_id"], item=line["item"], quantity=line["quantity"],
            expires_on=line.get("expires_on", ""),
            **{count: found.get(count) for count in ("good", "short", "damaged", "refused")})


def _received_at(written: Written) -> datetime | None:
    """When the box was received; a scan that waited on a phone counts from its own clock, if that is plausible."""
    receipt = written.document.get("receipt")
    if receipt is None:
        return None
    if receipt["queued"] and not written.document.get("clock_off", False):
        return utc(receipt["scanned_at"])
    return written.at


@handles("relief.consignment")
def consignment(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, consignment_id = written.attributes
    live(scope)
    changes.save(
        "consignment", consignment_id=consignment_id, sender=document["sender"], carrier=document["carrier"],
        shipped_at=optional_utc(document["shipped_at"]), expected_on=optional_date(document.get("expected_on")))


@handles("relief.discrepancy")
def discrepancy(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, package_id, discrepancy_id = written.attributes
    live(scope)
    changes.save(
        "discrepancy", package_id=package_id, discrepancy_id=discrepancy_id, kind=document["kind"],
        state=document["state"], sent=document.get("sent", {}), received=document.get("received", {}),
        resolution=document.get("resolution", ""), at=written.at)
