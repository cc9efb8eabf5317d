"""Who may send what: the column "who·grade" of LEDGER.md §3.1, §3.2, §3.5 and §3.7 once more, not the contract's."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ALL = "ACSPMVRFHUX"
OFFICIALS = frozenset("ACSX")


@dataclass(frozen=True)
class Rule:
    """`roles` may act with a proof of `grade`, through `services`; `alone` are services that need no account."""

    roles: str
    grade: str = "s"
    services: frozenset[str] = frozenset({"webui", "console"})
    alone: frozenset[str] = frozenset()


def console_alone(roles: str, grade: str) -> Rule:
    """A row with c."""
    return Rule(roles, grade, alone=frozenset({"console"}))


def services_alone(*services: str) -> Rule:
    """A row without roles: b, W."""
    return Rule("", services=frozenset(services), alone=frozenset(services))


BY_CONSOLE = Rule("A", services=frozenset({"console"}), alone=frozenset({"console"}))

RULES = {
    "directory.register_municipality": Rule("", services=frozenset({"admin", "console"}),
                                            alone=frozenset({"admin", "console"})),
    "directory.cast_vote": Rule("A", "K"),
    "directory.activate_municipality": Rule("A", "K"),
    "directory.deactivate_municipality": Rule("A", "K"),
    "directory.set_policy": Rule("A", "K"),
    "directory.save_site": Rule("A"),
    "directory.retire_site": Rule("A"),
    "directory.save_item": Rule("A"),
    "directory.propose_item": Rule("A", "K"),
    "directory.activate_item": Rule("A", "K"),
    # Of residents; officials and supporters below.
    "directory.open_account": Rule("AC"),
    # Of residents and supporters; officials below.
    "directory.change_account": console_alone("A", "s"),
    "directory.suspend_account": console_alone("A", "s"),
    "directory.resume_account": console_alone("A", "s"),
    "directory.close_account": console_alone("A", "s"),
    "directory.register_key": Rule(ALL),
    "directory.confirm_key": console_alone("A", "K"),
    # The account itself, or A: who else is a business check.
    "directory.revoke_key": Rule(ALL),
    "directory.block_certificate": BY_CONSOLE,
    "directory.unblock_certificate": BY_CONSOLE,
    "directory.attest_account": Rule("C"),
    "directory.open_drill": Rule("A"),
    "directory.close_drill": Rule("A"),
    "relief.set_site_status": Rule("ACS"),
    "relief.confirm_needs": Rule("ACS"),
    "relief.register_need": Rule("ACS"),
    "relief.change_need": Rule("ACS"),
    "relief.close_need": Rule("ACS"),
    "relief.reopen_need": Rule("ACS"),
    "relief.set_intake": Rule("AC"),
    # A and C may act as P for their municipality.
    "relief.register_offer": Rule("PAC"),
    "relief.change_offer": Rule("PAC"),
    "relief.withdraw_offer": Rule("PAC"),
    "relief.request_dispatch": Rule("ACS"),
    "relief.propose_dispatch": Rule("S"),
    "relief.approve_dispatch": Rule("AC"),
    "relief.reject_dispatch": Rule("AC"),
    "relief.decline_dispatch": Rule("PAC"),
    "relief.cancel_dispatch": Rule("ACS", services=frozenset({"webui", "console", "worker"}),
                                   alone=frozenset({"worker"})),
    "relief.issue_label": Rule("PAC"),
    "relief.repack_dispatch": Rule("PACS"),
    "relief.redirect_package": Rule("AC"),
    "relief.ship_consignment": Rule("PAC"),
    "relief.hand_over_package": Rule("PACS"),
    "relief.receive_package": Rule("ACS"),
    "relief.correct_receipt": Rule("AC", "k"),
    "relief.recall_dispatch": Rule("AC"),
    "relief.report_lost": Rule("PAC"),
    "relief.record_arrival": Rule("ACS"),
    "relief.acknowledge_discrepancy": Rule("PAC"),
    "relief.resolve_discrepancy": Rule("AC"),
    "devices.register_device": Rule("AC"),
    "devices.revoke_device": console_alone("AC", "s"),
    "devices.retire_device": Rule("AC"),
    "devices.renew_tag": Rule("C"),
    "devices.anchor_batch": services_alone("bridge"),
    "devices.record_substitution": Rule("C", services=frozenset({"webui", "console", "bridge"}),
                                        alone=frozenset({"bridge"})),
    "devices.record_totals": services_alone("bridge", "worker"),
    "devices.correct_totals": Rule("C", "k"),
    "evidence.record_mail": services_alone("worker"),
}

OF_OFFICIALS = {name: console_alone("A", "K") for name in (
    "directory.open_account", "directory.change_account", "directory.suspend_account", "directory.resume_account",
    "directory.close_account")}
OF_SUPPORTERS = Rule("P", alone=frozenset({"webui"}))
"""A supporter opens the own account, the first time without one."""


def rule_for(function: str, message: dict[str, Any], account: Callable[[str], dict[str, Any] | None]) -> Rule:
    """The rule for one command; `account` gives an account's document as it stands."""
    if function == "directory.open_account":
        roles = {role for line in message["accounts"] for role in line["roles"]}
        if roles == {"P"}:
            return OF_SUPPORTERS
        return OF_OFFICIALS[function] if roles & OFFICIALS else RULES[function]
    if function in OF_OFFICIALS:
        target = account(message["account_id"])
        if target is not None and OFFICIALS & set(target["roles"]):
            return OF_OFFICIALS[function]
    return RULES[function]
