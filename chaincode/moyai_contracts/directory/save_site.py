"""S10: shelters, offices, hubs and warehouses of the own municipality."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import SaveSite, SiteLine
from moyai_contracts.directory.drafts import Draft, members_of, save
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: SaveSite, code6: str, scope: str) -> Iterable[str]:
    return [keys.site(code6, line.site_id) for line in command.sites]


@use_case(SaveSite, roles="A", reads=_reads)
def save_site(tx: Transaction, command: SaveSite) -> None:
    """A retired site that is saved again is back in use. Refuses: `id_reused`, `not_found`, `stale_revision`."""
    tx.emit(**save(tx, [_draft(tx.code6, line) for line in command.sites]))


def _draft(code6: str, line: SiteLine) -> Draft:
    members = members_of(line, "site_id", "rev") | {"retired": False}
    return Draft(line.site_id, keys.site(code6, line.site_id), line.rev, lambda document: members)
