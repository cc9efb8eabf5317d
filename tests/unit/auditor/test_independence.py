"""The examination stands by itself, and its tables keep up with the vocabulary."""
from __future__ import annotations

from moyai_contracts.api import QUERIES, TRANSACTIONS

from tests.contract.authority_table import RULES
from tests.unit.auditor.conftest import Experiment


def test_nothing_of_ours_can_be_imported_where_it_runs(laboratory: Experiment) -> None:
    found = laboratory("environment")
    assert found["protobuf"].startswith("3.20.") and found["importable"] == []
    assert {name.split(".")[1] for name in found["imported"] if "." in name} == {"examination"}


def test_every_transaction_has_its_row(laboratory: Experiment) -> None:
    """A transaction without one is a finding: a new one needs its row, and its invariants."""
    rows = laboratory("tables")["rows"]
    assert {name: row["event"] for name, row in rows.items()} == {
        name: command.event for name, command in TRANSACTIONS.items()}


def test_the_rows_say_what_the_other_reading_of_the_table_says(laboratory: Experiment) -> None:
    rows = laboratory("tables")["rows"]
    mine = {name: (set(row["roles"]), row["grade"], set(row["services"]), set(row["alone"]))
            for name, row in rows.items()}
    theirs = {name: (set(rule.roles), rule.grade, set(rule.services | rule.alone), set(rule.alone))
              for name, rule in RULES.items()}
    assert mine == theirs


def test_every_document_can_be_asked_for(laboratory: Experiment) -> None:
    asked = {kind: list(arguments) for kind, arguments in laboratory("tables")["arguments"].items()}
    getters = {name.replace(".get_", "."): list(arguments) for name, arguments in QUERIES.items() if ".get_" in name}
    assert asked == getters
