"""What the documents name exists: commands, make targets, files."""
from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from moyai_client.command_line import main
from tests.architecture.source_tree import ROOT, expect_none, files, text

DOCUMENTS = [path for path in files() if path.suffix == ".md" and (path.parts[0] == "docs" or len(path.parts) == 1)]
CODE = re.compile(r"```(?!mermaid)[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s/])(moyai [a-z][^;|&#]*)")
TARGET = re.compile(r"(?:^|\s)make ([a-z][a-z-]*)")
LINK = re.compile(r"\]\(([^)#:]+)\)")


def _code(document: Path) -> list[str]:
    return [line for block, inline in CODE.findall(text(document)) for line in (block or inline).splitlines()]


def _commands(document: Path) -> list[str]:
    return [found.strip(" …") for line in _code(document) for found in COMMAND.findall(line)]


def _problem(words: list[str]) -> str:
    """What is wrong with `moyai`'s words: a command or an option that is not there."""
    command: click.Command = main
    context = click.Context(main)
    position = 0
    while position < len(words):
        word = words[position]
        options = {name: option for option in command.params if isinstance(option, click.Option)
                   for name in (*option.opts, *option.secondary_opts)}
        if word.startswith("-"):
            if word not in (*options, "--help"):
                return f"{command.name} has no option {word}"
            position += 1 if word == "--help" or options[word].is_flag else 2
        elif isinstance(command, click.Group):
            inner = command.get_command(context, word)
            if inner is None:
                return f"{command.name} has no command {word}"
            command, position = inner, position + 1
        else:
            position += 1
    return ""


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_commands_exist(document: Path) -> None:
    wrong = [f"{command}: {problem}" for command in _commands(document)
             if (problem := _problem(shlex.split(command)[1:]))]
    expect_none(wrong)


def test_commands_are_found_in_the_documents() -> None:
    assert len([command for document in DOCUMENTS for command in _commands(document)]) > 10
    assert _problem(["network", "no-such-command"]) and _problem(["network", "up", "--no-such-option"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_make_targets_exist(document: Path) -> None:
    targets = {name for line in re.findall(r"^([a-z][a-z -]*):", text(Path("Makefile")), re.MULTILINE)
               for name in line.split()}
    expect_none(name for line in _code(document) for name in TARGET.findall(line) if name not in targets)


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_lead_somewhere(document: Path) -> None:
    expect_none(link for link in LINK.findall(text(document)) if not (ROOT / document.parent / link).exists())


def test_the_readme_tells_what_a_stranger_needs() -> None:
    readme = text(Path("README.md"))
    assert readme.count("```mermaid") == 2
    for folder in ("network/", "chaincode/moyai_contracts/", "chaincode/moyai_shim/", "client/moyai_client/",
                   "client/moyai_auditor/", "client/moyai_database/", "webui/", "iot-bridge/", "tests/", "docs/"):
        assert f"| `{folder}` |" in readme, folder
