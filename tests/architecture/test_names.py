"""One name for a use case everywhere: its file, its transaction, its page and template, its test."""
from __future__ import annotations

import ast
import re

import pytest

from moyai_contracts.api import TRANSACTIONS
from tests.architecture.source_tree import files, text, tree

CONTRACTS = "chaincode/moyai_contracts"
TEMPLATES = "webui/moyai_webui/templates"

# Transactions that no page sends yet, and who sends them.
NO_PAGE = {
    "directory.register_municipality": "node administrator, moyai directory",
    "directory.cast_vote": "console, moyai directory: needs an official's key, which lives there for now",
    "directory.activate_municipality": "console, moyai directory",
    "directory.deactivate_municipality": "console, moyai directory",
    "directory.propose_item": "console, moyai directory",
    "directory.activate_item": "console, moyai directory",
    "directory.set_policy": "console, moyai directory",
    "directory.open_account": "console, moyai directory",
    "directory.register_key": "console, moyai directory",
    "directory.confirm_key": "console, moyai directory",
    "directory.revoke_key": "console, moyai directory",
    "directory.block_certificate": "console, moyai directory",
    "directory.unblock_certificate": "console, moyai directory",
    "evidence.record_mail": "worker, after the mail server took a mail",
}

PARTICIPLES = {"cancel": "cancelled", "cast": "cast", "set": "set", "ship": "shipped", "withdraw": "withdrawn"}


@pytest.mark.parametrize("name", sorted(TRANSACTIONS))
def test_a_transaction_has_its_file(name: str) -> None:
    context, verb = name.split(".")
    path = next((path for path in files() if str(path) == f"{CONTRACTS}/{context}/{verb}.py"), None)
    assert path is not None, f"{CONTRACTS}/{context}/{verb}.py is missing"
    decorated = [node.name for node in tree(path).body if isinstance(node, ast.FunctionDef)
                 and any(ast.unparse(decorator).startswith("use_case(") for decorator in node.decorator_list)]
    assert decorated == [verb]


def test_a_use_case_is_a_transaction() -> None:
    """No file beside the published ones holds a use case."""
    holding = {f"{path.parts[2]}.{path.stem}" for path in files()
               if str(path).startswith(f"{CONTRACTS}/") and len(path.parts) == 4 and path.suffix == ".py"
               and re.search(r"^@use_case\(", text(path), re.MULTILINE)}
    assert holding == set(TRANSACTIONS)


@pytest.mark.parametrize("name", sorted(TRANSACTIONS))
def test_a_transaction_has_its_page(name: str) -> None:
    verb = name.split(".")[1]
    templates = [path for path in files() if str(path).startswith(f"{TEMPLATES}/") and path.name == f"{verb}.html"]
    if name in NO_PAGE:
        assert templates == [], f"{name} has a page now: take it off the list"
    else:
        assert len(templates) == 1, f"no template {verb}.html"


@pytest.mark.parametrize("name", sorted(TRANSACTIONS))
def test_a_transaction_has_its_test(name: str) -> None:
    verb = name.split(".")[1]
    tests = [path for path in files() if path.parts[0] == "tests" and path.suffix == ".py"
             and path.parts[1] != "architecture"]
    assert any(re.search(rf"def test_\w*{verb}|{verb}\.py$", f"{text(path)}\n{path}") for path in tests), (
        f"no test is named after {verb}")


def test_the_list_of_transactions_without_a_page_is_current() -> None:
    assert set(NO_PAGE) <= set(TRANSACTIONS)


@pytest.mark.parametrize("name", sorted(TRANSACTIONS))
def test_an_event_is_named_after_its_transaction(name: str) -> None:
    """Context and object stay, the verb becomes a participle behind: register_need → need_registered."""
    context, verb_object = name.split(".")
    verb, _, thing = verb_object.partition("_")
    participle = PARTICIPLES.get(verb) or re.sub(r"e?$", "ed", verb, count=1)
    assert TRANSACTIONS[name].event == f"{context}.{thing}_{participle}"
