"""Documents of the context `directory`."""
from __future__ import annotations

from moyai_webui.projection.changes import BlockChanges
from moyai_webui.projection.documents import Written, handles, optional_date


@handles("directory.municipality")
def municipality(changes: BlockChanges, written: Written) -> None:
    document = written.document
    (code6,) = written.attributes
    changes.save("municipality", code6=code6, name=document["name"], msp_id=document["msp_id"],
                 status=document["status"], dispatch_approval=document["dispatch_approval"], rev=document["rev"])


@handles("directory.site")
def site(changes: BlockChanges, written: Written) -> None:
    document = written.document
    code6, site_id = written.attributes
    changes.save(
        "site", code6=code6, site_id=site_id, kind=document["kind"], name=document["name"],
        kana=document.get("kana", ""), address=document["address"], district=document.get("district", ""),
        town_id=document.get("town_id", ""), lat=document.get("lat"), lon=document.get("lon"),
        capacity_indoor=document.get("capacity_indoor"), capacity_outdoor=document.get("capacity_outdoor"),
        capacity_text=document.get("capacity_text", ""), phone=document.get("phone", ""),
        hazards=document.get("hazards", []), retired=document["retired"], rev=document["rev"])


@handles("directory.item")
def item(changes: BlockChanges, written: Written) -> None:
    document = written.document
    (item_code,) = written.attributes
    ratio = document.get("per_person")
    changes.save(
        "item", item_code=item_code, name=document["name"], category=document["category"],
        base_unit=document["base_unit"], packs=document["packs"], attributes=document["attributes"],
        perishable=document["perishable"], per_person=[ratio["n"], ratio["d"]] if ratio else [],
        same_as=document.get("same_as", ""), state=document["state"], retired=document["retired"],
        rev=document["rev"])


@handles("directory.account")
def account(changes: BlockChanges, written: Written) -> None:
    document = written.document
    (account_id,) = written.attributes
    changes.save(
        "account", account_id=account_id, m=document["office"][:6], roles=document["roles"],
        office=document["office"], party=document["party"], display_name=document.get("display_name", ""),
        status=document["status"], rev=document["rev"])


@handles("directory.key")
def actor_key(changes: BlockChanges, written: Written) -> None:
    account_id, key_id = written.attributes
    changes.save("actor_key", account_id=account_id, key_id=key_id, m=written.document["m"],
                 grade=written.document["grade"], status=written.document["status"])


@handles("directory.drill")
def drill(changes: BlockChanges, written: Written) -> None:
    document = written.document
    code6, scope = written.attributes
    changes.save(
        "drill", code6=code6, scope=scope, title=document["title"], status=document["status"],
        opened_by=document["opened_by"], starts_on=optional_date(document.get("starts_on")),
        ends_on=optional_date(document.get("ends_on")), sites=document.get("sites", []), at=written.at)
