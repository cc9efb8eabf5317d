"""Places, senders and items as other rows name them."""
from __future__ import annotations

from moyai_webui import rows
from moyai_webui.store.projection_tables import Account, Item, Municipality, Site

NAMED_AFTER_THEIR_MUNICIPALITY = ("municipality", "institution")
OFFICIALS = frozenset("AC")


def place(site: Site, municipality: Municipality) -> rows.Place:
    return rows.Place(code=site.code6, municipality=municipality.name, site_id=site.site_id, name=site.name,
                      kind=site.kind, district=site.district, address=site.address)


def party(account: Account, municipality: Municipality) -> rows.Party:
    """A person has no name on the ledger; a municipality's own account bears the municipality's."""
    name = account.display_name
    if not name and account.party in NAMED_AFTER_THEIR_MUNICIPALITY:
        name = municipality.name
    return rows.Party(account=account.account_id, home=account.m, municipality=municipality.name, kind=account.party,
                      name=name, official=account.party == "municipality" or not OFFICIALS.isdisjoint(account.roles))


def item(row: Item) -> rows.Item:
    return rows.Item(
        code=row.item_code, name=row.name, unit=row.base_unit, category=row.category,
        packs=tuple((pack["name"], pack["per"]) for pack in row.packs),
        attributes=tuple((attribute["key"], tuple(attribute["values"])) for attribute in row.attributes),
        perishable=row.perishable, per_person=(row.per_person[0], row.per_person[1]) if row.per_person else None,
        retired=row.retired, rev=row.rev, same_as=row.same_as)
