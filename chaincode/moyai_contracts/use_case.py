"""Declaring a use case: which command, who may send it, under which grade, what it reads, what it does."""
from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Any, Callable, Iterable

from moyai_contracts.api.command import Command
from moyai_contracts.transaction import Transaction

SERVICE, KEY, CONFIRMED_KEY, TWO_CONFIRMED_KEYS = "s", "k", "K", "KK"
"""Grades: the service's signature suffices; an active key of the actor; a confirmed one; two of two accounts."""

WEBUI, BRIDGE, WORKER, CONSOLE = "webui", "bridge", "worker", "console"
NODE_ADMIN = "admin"
"""Not a service: a certificate of node OU admin."""

Run = Callable[[Transaction, Any], None]
Reads = Callable[[Any, str, str], Iterable[str]]
"""Keys that a command names, from (command, code6 of the actor's office, scope): read together with the authority."""


@dataclass(frozen=True)
class UseCase:
    """One transaction of the ledger.

    `roles`: roles of the account that may act; empty for commands that no account sends. `grade`: the proof it
    needs, or a function of the command. `services`: certificates that may send it. `unaccounted`: the services
    that may send it without an account. `pending`: a municipality that is not admitted yet may send it.
    """
    command: type[Command]
    run: Run
    roles: frozenset[str]
    grade: Callable[[Any], str]
    services: frozenset[str]
    unaccounted: frozenset[str]
    pending: bool
    reads: Reads


USE_CASES: dict[str, UseCase] = {}


def use_case(command: type[Command], *, roles: str = "", grade: str | Callable[[Any], str] = SERVICE,
             services: Iterable[str] = (WEBUI, CONSOLE), unaccounted: Iterable[str] = (), pending: bool = False,
             reads: Reads = lambda command, code6, scope: ()) -> Callable[[Run], Run]:
    """Registers the decorated function as the use case of `command`; see `UseCase` for the arguments."""
    def register(run: Run) -> Run:
        USE_CASES[command.transaction] = UseCase(
            command, run, frozenset(roles), grade if callable(grade) else lambda _: str(grade),
            frozenset(services) | frozenset(unaccounted), frozenset(unaccounted), pending, reads)
        return run
    return register


def discover(*contexts: str) -> None:
    """Imports every module of the contexts' packages, so that each registers its use case."""
    for context in contexts:
        package = importlib.import_module(context)
        for module in pkgutil.iter_modules(package.__path__, f"{context}."):
            importlib.import_module(module.name)
