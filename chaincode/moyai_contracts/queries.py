"""Queries: read-only functions, for every member's services."""
from __future__ import annotations

from typing import Any, Callable

from moyai_contracts import keys
from moyai_contracts.api import canonical
from moyai_contracts.api.queries import parse
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.relief.check_need import check_need
from moyai_contracts.transaction import Documents
from moyai_shim import Stub

Query = Callable[..., Any]
"""From the stub and the query's arguments by name to its answer."""


def _getter(key: Callable[..., str]) -> Query:
    """A query that gives the document under `key(**arguments)`."""
    def get(stub: Stub, **arguments: Any) -> Any:
        document = Documents(stub).get(key(**arguments))
        if document is None:
            raise Refusal("not_found")
        return document
    return get


_QUERIES: dict[str, Query] = {
    "directory.get_roster": _getter(keys.roster),
    "directory.get_municipality": _getter(keys.municipality),
    "directory.get_msp": _getter(keys.msp),
    "directory.get_vote": _getter(keys.vote),
    "directory.get_site": _getter(keys.site),
    "directory.get_item": _getter(keys.item),
    "directory.get_account": _getter(keys.account),
    "directory.get_key": _getter(keys.actor_key),
    "directory.get_blocked": _getter(keys.blocked),
    "directory.get_drill": _getter(keys.drill),
    "relief.get_site_status": _getter(keys.site_status),
    "relief.get_need": _getter(keys.need),
    "relief.get_offer": _getter(keys.offer),
    "relief.get_dispatch": _getter(keys.dispatch),
    "relief.get_package": _getter(keys.package),
    "relief.get_consignment": _getter(keys.consignment),
    "relief.get_discrepancy": _getter(keys.discrepancy),
    "relief.get_arrival": _getter(keys.arrival),
    "relief.get_intake": _getter(keys.intake),
    "relief.check_need": check_need,
    "devices.get_device": _getter(keys.device),
    "devices.get_tag": _getter(keys.tag),
    "devices.get_batch": _getter(keys.batch),
    "devices.get_batch_head": _getter(keys.batch_head),
    "devices.get_substitution": _getter(keys.substitution),
    "devices.get_totals": _getter(keys.totals),
    "evidence.get_mail": _getter(keys.mail),
}
NAMES = frozenset(_QUERIES)


def answer(stub: Stub, function: str, text: str) -> bytes:
    """Canonical JSON of the answer. Raises Refusal `bad_argument`, `not_found`."""
    return canonical.encode(_QUERIES[function](stub, **parse(function, text)))
