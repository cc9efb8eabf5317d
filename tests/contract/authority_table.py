"""Who may send what: the table of docs/rights.md, which is not the contract's, as the tests read it."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ALL = "ACSPMVRFHUX"
OFFICIALS = frozenset("ACSX")
TABLE = Path(__file__).parents[2] / "docs" / "rights.md"
RECORDS = frozenset({"own", "site", "destination", "office", "owner", "hub", "itself", "all"})


@dataclass(frozen=True)
class Rule:
    """`roles` may act with a proof of `grade`, through `services`, on `records`; `alone` are services that need no
    account."""

    roles: str
    grade: str
    services: frozenset[str]
    alone: frozenset[str]
    records: frozenset[str]


def rows() -> Iterator[tuple[str, Rule]]:
    """Transaction, with its case in parentheses where it has several, and its rule."""
    for line in TABLE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and "." in cells[0]:
            yield cells[0], _rule(*cells[1:5])


def _rule(roles: str, grade: str, services: str, records: str) -> Rule:
    named = [service.strip() for service in services.split(",")]
    rule = Rule("" if roles == "–" else roles, grade, frozenset(service.rstrip("*") for service in named),
                frozenset(service[:-1] for service in named if service.endswith("*")),
                frozenset(record.strip() for record in records.split(",")))
    assert set(rule.roles) <= set(ALL) and rule.grade in ("s", "k", "K") and rule.records <= RECORDS, (roles, grade)
    return rule


ROWS = dict(rows())
OF_OFFICIALS = {name.partition(" ")[0]: rule for name, rule in ROWS.items() if name.endswith("(officials)")}
OF_SUPPORTERS = ROWS["directory.open_account (supporters)"]
"""A supporter opens the own account, the first time without one."""
RULES = {name.partition(" ")[0]: rule for name, rule in ROWS.items()
         if not name.endswith(("(officials)", "(supporters)"))}


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
