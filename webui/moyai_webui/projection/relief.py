"""Documents of the context `relief`."""
from __future__ import annotations

from datetime import datetime

from moyai_webui.projection.changes import BlockChanges
from moyai_webui.projection.documents import Written, handles, optional_date, optional_utc, utc

PRIORITY_RANKS = {"urgent": 0, "high": 1, "normal": 2}


@handles("relief.site_status")
def site_status(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, code6, site_id = written.attributes
    changes.save(
        "site_status", scope=scope, code6=code6, site_id=site_id, open=document["open"],
        headcount=document.get("headcount"),
        counted_at=optional_utc(document.get("counted_at")), confirmed_at=optional_utc(document.get("confirmed_at")),
        at=written.at)


@handles("relief.need")
def need(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, need_id = written.attributes
    changes.save(
        "need", scope=scope, need_id=need_id, code6=document["code6"], site_id=document["site_id"],
        item=document["item"],
        attributes=document["attributes"], quantity=document["quantity"], committed=document["committed"],
        needed_by=optional_utc(document.get("needed_by")), priority=document["priority"],
        priority_rank=PRIORITY_RANKS[document["priority"]], headcount=document.get("headcount"),
        note=document.get("note", ""), state=document["state"], rev=document["rev"], at=written.at,
        account=document["by"])


@handles("relief.offer")
def offer(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, offer_id = written.attributes
    changes.save(
        "offer", scope=scope, offer_id=offer_id, supporter=document["supporter"], home=document["home"],
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
    changes.save(
        "dispatch", scope=scope, need_id=need_id, dispatch_id=dispatch_id, offer_id=document["offer_id"],
        supporter=document["supporter"], home=document["home"], mapped_item=document.get("mapped_item", ""),
        quantity=document["quantity"], released=document["released"], shipped=document["shipped"],
        ship_by=optional_date(document.get("ship_by")), packages=document["packages"], state=document["state"],
        reason=document.get("reason", ""), route=document.get("route", []),
        accept_difference=document.get("accept_difference", False), requested_at=written.at,
        requested_by=written.office)


@handles("relief.package")
def package(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, package_id = written.attributes
    receipt = document.get("receipt", {})
    changes.save(
        "package", scope=scope, package_id=package_id, code6=document["to"]["code6"], site_id=document["to"]["site"],
        label_serial=document["label_serial"], state=document["state"],
        consignment_id=document.get("consignment_id", ""), shipped_at=optional_utc(document.get("shipped_at")),
        unannounced=document.get("unannounced", False), received_at=_received_at(written),
        attested=receipt.get("attested", ""), surplus=sum(line["quantity"] for line in receipt.get("surplus", [])),
        surplus_lines=receipt.get("surplus", []),
        line_count=len(document["lines"]), route=document["route"], leg=document["leg"],
        weight_g=document.get("weight_g"), handed_at=optional_utc(document.get("handed_at")),
        reason=document.get("reason", ""), repacked_into=document.get("repacked_into", []),
        corrected="correction_id" in receipt, requested_at=written.at, requested_by=written.office)
    counts = {line["dispatch_id"]: line for line in receipt.get("lines", [])}
    for number, line in enumerate(document["lines"], 1):
        found = counts.get(line["dispatch_id"], {})
        changes.save(
            "package_line", scope=scope, package_id=package_id, number=number, need_id=line["need_id"],
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
    changes.save(
        "consignment", scope=scope, consignment_id=consignment_id, sender=document["sender"],
        carrier=document["carrier"],
        shipped_at=optional_utc(document["shipped_at"]), expected_on=optional_date(document.get("expected_on")))


@handles("relief.discrepancy")
def discrepancy(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, package_id, discrepancy_id = written.attributes
    changes.save(
        "discrepancy", scope=scope, package_id=package_id, discrepancy_id=discrepancy_id, kind=document["kind"],
        state=document["state"], sent=document.get("sent", {}), received=document.get("received", {}),
        found_code6=document.get("received", {}).get("code6", ""),
        found_site=document.get("received", {}).get("site", ""),
        before=document.get("before", {}), note=document.get("reason", document.get("note", "")),
        resolution=document.get("resolution", ""), at=written.at)


@handles("relief.arrival")
def arrival(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, code6, site_id, arrival_id = written.attributes
    changes.save(
        "arrival", scope=scope, code6=code6, site_id=site_id, arrival_id=arrival_id, lines=document["lines"],
        label_seen=document.get("label_seen", ""), reason=document["reason"], note=document.get("note", ""),
        scanned_at=utc(document["scanned_at"]), queued=document["queued"], attested=document["attested"],
        clock_off=document.get("clock_off", False), account=document["by"], at=written.at)


@handles("relief.intake")
def intake(changes: BlockChanges, written: Written) -> None:
    document = written.document
    scope, code6, item = written.attributes
    changes.save(
        "intake", scope=scope, code6=code6, item=item, stopped=document["stopped"],
        until=optional_date(document.get("until")), note=document.get("note", ""), at=written.at)
