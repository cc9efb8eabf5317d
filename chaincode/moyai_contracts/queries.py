"""Queries: read-only functions, for every member's services. `get_x` gives a document by its key."""
from __future__ import annotations

from typing import Any, Callable

from moyai_contracts import keys
from moyai_contracts.api import canonical
from moyai_contracts.api.command import LIVE
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Documents
from moyai_shim import Stub

Query = Callable[[Stub, dict[str, Any]], Any]


def _getter(key: Callable[..., str], *names: str) -> Query:
    """A query that gives the document under `key(*arguments named so)`."""
    def get(stub: Stub, arguments: dict[str, Any]) -> Any:
        defaults = {"scope": LIVE} if "scope" in names else {}
        values = defaults | arguments
        if set(values) != set(names):
            raise Refusal("bad_argument", field=", ".join(names))
        document = Documents(stub).get(key(*(values[name] for name in names)))
        if document is None:
            raise Refusal("not_found")
        return document
    return get


QUERIES: dict[str, Query] = {
    "directory.get_roster": _getter(keys.roster),
    "directory.get_municipality": _getter(keys.municipality, "code6"),
    "directory.get_msp": _getter(keys.msp, "msp_id"),
    "directory.get_vote": _getter(keys.vote, "kind", "ref", "hash", "code6"),
    "directory.get_site": _getter(keys.site, "code6", "site_id"),
    "directory.get_item": _getter(keys.item, "item_code"),
    "directory.get_account": _getter(keys.account, "account_id"),
    "directory.get_key": _getter(keys.actor_key, "account_id", "key_id"),
    "directory.get_blocked": _getter(keys.blocked, "msp_id", "fingerprint"),
    "relief.get_site_status": _getter(keys.site_status, "scope", "code6", "site_id"),
    "relief.get_need": _getter(keys.need, "scope", "need_id"),
    "relief.get_offer": _getter(keys.offer, "scope", "offer_id"),
    "relief.get_dispatch": _getter(keys.dispatch, "scope", "need_id", "dispatch_id"),
    "relief.get_package": _getter(keys.package, "scope", "package_id"),
    "relief.get_consignment": _getter(keys.consignment, "scope", "consignment_id"),
    "relief.get_discrepancy": _getter(keys.discrepancy, "scope", "package_id", "discrepancy_id"),
    "evidence.get_mail": _getter(keys.mail, "code6", "mail_id", "n"),
}


def answer(stub: Stub, function: str, text: str) -> bytes:
    """Canonical JSON of the answer. Raises Refusal `bad_argument`, `not_found`."""
    try:
        arguments = canonical.decode(text)
    except canonical.NotCanonical as error:
        raise Refusal("bad_argument", field=str(error)[:100]) from error
    if not isinstance(arguments, dict):
        raise Refusal("bad_argument", field="arguments")
    return canonical.encode(QUERIES[function](stub, arguments))
