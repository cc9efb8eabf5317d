"""LEDGER.md's tables of transactions in small: who may send one, under which proof, what it may write."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

ALL = "ACSPMVRFHUX"
OFFICIALS = frozenset("ACSX")


@dataclass(frozen=True)
class Row:
    """`roles` may act, through `services`, with a proof of `grade` (s service, k key, K confirmed key, KK two of them);
    services in `alone` act without an account. `writes`: kinds of documents it may write."""

    event: str
    roles: str
    grade: str = "s"
    services: frozenset[str] = frozenset({"webui", "console"})
    alone: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()


def _row(event: str, roles: str, writes: str, grade: str = "s", services: str = "webui console",
         alone: str = "") -> Row:
    context = event.partition(".")[0]
    kinds = frozenset(kind if "." in kind else f"{context}.{kind}" for kind in writes.split())
    allowed = frozenset(services.split()) | frozenset(alone.split())
    return Row(event, roles, grade, allowed, frozenset(alone.split()), kinds)


ROWS = {
    "directory.register_municipality": _row("directory.municipality_registered", "", "municipality msp roster",
                                            services="", alone="admin console"),
    "directory.cast_vote": _row("directory.vote_cast", "A", "vote", "K"),
    "directory.activate_municipality": _row("directory.municipality_activated", "A", "municipality roster", "K"),
    "directory.deactivate_municipality": _row("directory.municipality_deactivated", "A", "municipality roster", "K"),
    "directory.set_policy": _row("directory.policy_set", "A", "municipality", "K"),
    "directory.save_site": _row("directory.site_saved", "A", "site"),
    "directory.retire_site": _row("directory.site_retired", "A", "site"),
    "directory.save_item": _row("directory.item_saved", "A", "item"),
    "directory.propose_item": _row("directory.item_proposed", "A", "item", "K"),
    "directory.activate_item": _row("directory.item_activated", "A", "item", "K"),
    "directory.open_account": _row("directory.account_opened", "AC", "account"),
    "directory.change_account": _row("directory.account_changed", "A", "account", alone="console"),
    "directory.suspend_account": _row("directory.account_suspended", "A", "account", alone="console"),
    "directory.resume_account": _row("directory.account_resumed", "A", "account", alone="console"),
    "directory.close_account": _row("directory.account_closed", "A", "account", alone="console"),
    "directory.register_key": _row("directory.key_registered", ALL, "key"),
    "directory.confirm_key": _row("directory.key_confirmed", "A", "key", "K", alone="console"),
    "directory.revoke_key": _row("directory.key_revoked", ALL, "key"),
    "directory.block_certificate": _row("directory.certificate_blocked", "A", "blocked", services="",
                                        alone="console"),
    "directory.unblock_certificate": _row("directory.certificate_unblocked", "A", "blocked", services="",
                                          alone="console"),
    "directory.attest_account": _row("directory.account_attested", "C", "account"),
    "directory.open_drill": _row("directory.drill_opened", "A", "drill"),
    "directory.close_drill": _row("directory.drill_closed", "A", "drill"),
    "relief.set_site_status": _row("relief.site_status_set", "ACS", "site_status"),
    "relief.confirm_needs": _row("relief.needs_confirmed", "ACS", "site_status"),
    "relief.register_need": _row("relief.need_registered", "ACS", "need"),
    "relief.change_need": _row("relief.need_changed", "ACS", "need"),
    "relief.close_need": _row("relief.need_closed", "ACS", "need"),
    "relief.reopen_need": _row("relief.need_reopened", "ACS", "need"),
    "relief.set_intake": _row("relief.intake_set", "AC", "intake"),
    "relief.register_offer": _row("relief.offer_registered", "PAC", "offer"),
    "relief.change_offer": _row("relief.offer_changed", "PAC", "offer"),
    "relief.withdraw_offer": _row("relief.offer_withdrawn", "PAC", "offer"),
    "relief.request_dispatch": _row("relief.dispatch_requested", "ACS", "need offer dispatch package"),
    "relief.propose_dispatch": _row("relief.dispatch_proposed", "S", "need dispatch"),
    "relief.approve_dispatch": _row("relief.dispatch_approved", "AC", "need offer dispatch package"),
    "relief.reject_dispatch": _row("relief.dispatch_rejected", "AC", "dispatch"),
    "relief.decline_dispatch": _row("relief.dispatch_declined", "PAC", "dispatch need offer package"),
    "relief.cancel_dispatch": _row("relief.dispatch_cancelled", "ACS", "dispatch need offer package", alone="worker"),
    "relief.issue_label": _row("relief.label_issued", "PAC", "package"),
    "relief.repack_dispatch": _row("relief.dispatch_repacked", "PACS", "package dispatch"),
    "relief.redirect_package": _row("relief.package_redirected", "AC", "package"),
    "relief.ship_consignment": _row("relief.consignment_shipped", "PAC", "package dispatch consignment need offer"),
    "relief.hand_over_package": _row("relief.package_handed_over", "PACS", "package dispatch arrival discrepancy"),
    "relief.receive_package": _row("relief.package_received", "ACS",
                                   "package discrepancy need dispatch offer arrival"),
    "relief.correct_receipt": _row("relief.receipt_corrected", "AC", "package need discrepancy", "k"),
    "relief.recall_dispatch": _row("relief.dispatch_recalled", "AC", "package dispatch need offer discrepancy"),
    "relief.report_lost": _row("relief.lost_reported", "PAC", "package dispatch need discrepancy"),
    "relief.record_arrival": _row("relief.arrival_recorded", "ACS", "arrival discrepancy"),
    "relief.acknowledge_discrepancy": _row("relief.discrepancy_acknowledged", "PAC", "discrepancy"),
    "relief.resolve_discrepancy": _row("relief.discrepancy_resolved", "AC", "discrepancy"),
    "evidence.record_mail": _row("evidence.mail_recorded", "", "mail", services="", alone="worker"),
    "devices.register_device": _row("devices.device_registered", "AC", "device tag"),
    "devices.revoke_device": _row("devices.device_revoked", "AC", "device tag", alone="console"),
    "devices.retire_device": _row("devices.device_retired", "AC", "device tag"),
    "devices.renew_tag": _row("devices.tag_renewed", "C", "tag device"),
    "devices.anchor_batch": _row("devices.batch_anchored", "", "batch batch_head", services="",
                                 alone="bridge"),
    "devices.record_substitution": _row("devices.substitution_recorded", "C", "substitution", services="webui console",
                                        alone="bridge"),
    "devices.record_totals": _row("devices.totals_recorded", "", "totals", services="", alone="bridge worker"),
    "devices.correct_totals": _row("devices.totals_corrected", "C", "totals", "k"),
}

_CHANGES_OF_ACCOUNTS = frozenset(f"directory.{verb}_account" for verb in ("change", "suspend", "resume", "close"))


def row_for(function: str, message: dict[str, Any], account: Callable[[str], dict[str, Any] | None]) -> Row | None:
    """The row that holds for one command, None for a transaction that the tables lack; `account` gives the document
    of an account as it stands."""
    row = ROWS.get(function)
    if row is None:
        return None
    if function == "directory.open_account":
        roles = {role for line in message["accounts"] for role in line["roles"]}
        if roles == {"P"}:
            return _row(row.event, "P", "account", alone="webui")
        return _row(row.event, "A", "account", "K", alone="console") if roles & OFFICIALS else row
    if function in _CHANGES_OF_ACCOUNTS:
        target = account(message["account_id"])
        if target is not None and OFFICIALS & set(target["roles"]):
            return _row(row.event, "A", "account", "K", alone="console")
    return row
