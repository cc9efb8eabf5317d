"""Queries: read-only functions of the chaincode and their arguments. Their one argument is a canonical JSON object.

`get_x` answers with the document under the key that its arguments name, or refuses with `not_found`; `check_need`
adds up what a need was promised, is on its way and was received.
"""
from __future__ import annotations

from typing import Annotated, Any

from moyai_contracts.api import canonical, schema
from moyai_contracts.api.command import LIVE, AccountId, Scope, Ulid
from moyai_contracts.api.devices import BatchNumber, BridgeName, DeviceId, Epoch, Month, PageNumber, Slot, Version
from moyai_contracts.api.directory import REF_PATTERN, VOTE_KINDS, Code6, ItemCode, KeyId, MspId, Sha256, SiteId
from moyai_contracts.api.evidence import BounceNumber, MailId
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import IntakeItem, PackageId
from moyai_contracts.api.schema import OneOf, Pattern

QUERIES: dict[str, dict[str, Any]] = {
    "directory.get_roster": {},
    "directory.get_municipality": {"code6": Code6},
    "directory.get_msp": {"msp_id": MspId},
    "directory.get_vote": {"kind": Annotated[str, OneOf(VOTE_KINDS)], "ref": Annotated[str, Pattern(REF_PATTERN)],
                           "hash": Sha256, "code6": Code6},
    "directory.get_site": {"code6": Code6, "site_id": SiteId},
    "directory.get_item": {"item_code": ItemCode},
    "directory.get_account": {"account_id": AccountId},
    "directory.get_key": {"account_id": AccountId, "key_id": KeyId},
    "directory.get_blocked": {"msp_id": MspId, "fingerprint": Sha256},
    "directory.get_drill": {"code6": Code6, "drill_id": Ulid},
    "relief.get_site_status": {"scope": Scope, "code6": Code6, "site_id": SiteId},
    "relief.get_need": {"scope": Scope, "need_id": Ulid},
    "relief.get_offer": {"scope": Scope, "offer_id": Ulid},
    "relief.get_dispatch": {"scope": Scope, "need_id": Ulid, "dispatch_id": Ulid},
    "relief.get_package": {"scope": Scope, "package_id": PackageId},
    "relief.get_consignment": {"scope": Scope, "consignment_id": Ulid},
    "relief.get_discrepancy": {"scope": Scope, "package_id": PackageId, "discrepancy_id": Ulid},
    "relief.get_arrival": {"scope": Scope, "code6": Code6, "site_id": SiteId, "arrival_id": Ulid},
    "relief.get_intake": {"scope": Scope, "code6": Code6, "item": IntakeItem},
    "relief.check_need": {"scope": Scope, "need_id": Ulid},
    "devices.get_device": {"device_id": DeviceId},
    "devices.get_tag": {"epoch": Epoch, "tag": Sha256},
    "devices.get_batch": {"code6": Code6, "slot": Slot, "bridge": BridgeName, "n": BatchNumber},
    "devices.get_batch_head": {"code6": Code6, "bridge": BridgeName},
    "devices.get_substitution": {"code6": Code6, "substitution_id": Ulid},
    "devices.get_totals": {"code6": Code6, "cohort": Ulid, "month": Month, "page": PageNumber, "version": Version},
    "evidence.get_mail": {"code6": Code6, "mail_id": MailId, "n": BounceNumber},
}
"""Name → arguments with their types; `scope` may be left out and then is `live`."""


def parse(function: str, text: bytes | str) -> dict[str, Any]:
    """The arguments of a query, all present. Raises Refusal `bad_argument`."""
    try:
        arguments = canonical.decode(text)
    except canonical.NotCanonical as error:
        raise Refusal("bad_argument", field=str(error)[:100]) from error
    given = schema.decode_members(_known(function), arguments)
    return {name: given.get(name, LIVE) for name in QUERIES[function]}


def describe() -> dict[str, Any]:
    """All queries with their arguments, as plain JSON."""
    return {function: schema.describe_members(_known(function)) for function in sorted(QUERIES)}


def _known(function: str) -> dict[str, tuple[Any, bool]]:
    return {name: (hint, name == "scope") for name, hint in QUERIES[function].items()}
