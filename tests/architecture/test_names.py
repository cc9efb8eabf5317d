"""One name for a use case everywhere: its file, its transaction, its page and template, its test."""
from __future__ import annotations

import ast
import re

import pytest

from moyai_client.directory.command_line import directory
from moyai_contracts.api import TRANSACTIONS
from tests.architecture.source_tree import files, text, tree

CONTRACTS = "chaincode/moyai_contracts"
TEMPLATES = "webui/moyai_webui/templates"

# Transactions that no page sends, and which command of `moyai directory` does.
CONSOLE = {
    "directory.register_municipality": "register-municipality",
    "directory.cast_vote": "vote",
    "directory.activate_municipality": "activate-municipality",
    "directory.deactivate_municipality": "deactivate-municipality",
    "directory.propose_item": "propose-item",
    "directory.activate_item": "activate-item",
    "directory.block_certificate": "block-certificate",
    "directory.unblock_certificate": "unblock-certificate",
}
# What the console can do too, for the day on which no key or no page is at hand.
PAGE_AND_CONSOLE = {
    "directory.open_account": "open-account",
    "directory.suspend_account": "suspend-account",
    "directory.resume_account": "resume-account",
    "directory.close_account": "close-account",
    "directory.register_key": "register-key",
    "directory.confirm_key": "confirm-key",
    "directory.revoke_key": "revoke-key",
    "directory.set_policy": "set-policy",
}
# Neither page nor command: who sends them, or with what they come.
NO_PAGE = {
    "devices.anchor_batch": "the bridge, every half-hour",
    "devices.record_totals": "the bridge, every month",
    "evidence.record_mail": "the worker, after the mail server took a mail",
    "directory.attest_account": "the page of an account's conditions (P1)",
}

VERBS = ("hand_over",)
"""Verbs of two words."""
PARTICIPLES = {"cancel": "cancelled", "cast": "cast", "hand_over": "handed_over", "set": "set", "ship": "shipped",
               "withdraw": "withdrawn"}


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
    if name in CONSOLE or name in NO_PAGE:
        assert templates == [], f"{name} has a page now: take it off the list"
    else:
        assert len(templates) == 1, f"no template {verb}.html"


@pytest.mark.parametrize("name", sorted(CONSOLE | PAGE_AND_CONSOLE))
def test_a_transaction_of_the_console_has_its_command(name: str) -> None:
    assert (CONSOLE | PAGE_AND_CONSOLE)[name] in directory.commands


@pytest.mark.parametrize("name", sorted(TRANSACTIONS))
def test_a_transaction_is_tried(name: str) -> None:
    """Some test sends it: by its class, its method or its name."""
    sent = re.compile(rf"\b{TRANSACTIONS[name].__name__}\(|\b{name.replace('.', '[.]')}\b")
    assert any(sent.search(text(path)) for path in files() if path.suffix == ".py" and path.parts[0] == "tests"
               and path.parts[1] != "architecture"), f"no test sends {name}"


def test_the_lists_of_transactions_without_a_page_are_current() -> None:
    assert CONSOLE.keys() | NO_PAGE.keys() <= set(TRANSACTIONS)
    assert not CONSOLE.keys() & NO_PAGE.keys()


@pytest.mark.parametrize("name", sorted(TRANSACTIONS))
def test_an_event_is_named_after_its_transaction(name: str) -> None:
    """Context and object stay, the verb becomes a participle behind: register_need → need_registered."""
    context, verb_object = name.split(".")
    two_words = next((verb for verb in VERBS if verb_object.startswith(f"{verb}_")), None)
    verb = two_words or verb_object.partition("_")[0]
    thing = verb_object.removeprefix(f"{verb}_")
    participle = PARTICIPLES.get(verb) or re.sub(r"e?$", "ed", verb, count=1)
    assert TRANSACTIONS[name].event == f"{context}.{thing}_{participle}"
