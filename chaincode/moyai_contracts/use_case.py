"""Declaring a use case: which command, who may send it, under which grade, what it reads, what it does."""
from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Any, Callable, Iterable

from moyai_contracts.api.command import Actor, Command
from moyai_contracts.transaction import Transaction

SERVICE, KEY, CONFIRMED_KEY, TWO_CONFIRMED_KEYS = "s", "k", "K", "KK"
"""Grades: the service's signature suffices; an active key of the actor; a confirmed one; two of two accounts."""

WEBUI, BRIDGE, WORKER, CONSOLE = "webui", "bridge", "worker", "console"
NODE_ADMIN = "admin"
"""Not a service: a certificate of node OU admin."""

ACTIVE, PENDING, UNKNOWN = "active", "pending", "unknown"
"""Standing of the signer's municipality; `unknown`: the ledger does not know its MSP."""

Run = Callable[[Transaction, Any], None]
Reads = Callable[[Any, str, str], Iterable[str]]
"""Keys that a command names, from (command, code6 of the actor's office, scope): read together with the authority."""


@dataclass(frozen=True)
class UseCase:
    """One transaction of the ledger.

    `services`: certificates that may send it. `admitted`: standings that the signer's municipality may have.
    Functions of the command: `roles`, those of the account that may act; `grade`, the proof it needs;
    `unaccounted`, the services that may send it without an account; `opens`, whether it opens the very account
    that acts, which then does not exist yet.
    """
    command: type[Command]
    run: Run
    services: frozenset[str]
    admitted: frozenset[str]
    roles: Callable[[Any], Iterable[str]]
    grade: Callable[[Any], str]
    unaccounted: Callable[[Any], Iterable[str]]
    opens: Callable[[Any, Actor], bool]
    reads: Reads


USE_CASES: dict[str, UseCase] = {}


def use_case(command: type[Command], *,
             services: Iterable[str] = (WEBUI, CONSOLE),
             admitted: Iterable[str] = (ACTIVE,),
             roles: str | Callable[[Any], str] = "",
             grade: str | Callable[[Any], str] = SERVICE,
             unaccounted: Iterable[str] | Callable[[Any], Iterable[str]] = (),
             opens: Callable[[Any, Actor], bool] = lambda command, actor: False,
             reads: Reads = lambda command, code6, scope: ()) -> Callable[[Run], Run]:
    """Registers the decorated function as the use case of `command`; see `UseCase` for the arguments.

    Services that may always act without an account need not be named in `services` again.
    """
    allowed = frozenset(services) | (frozenset() if callable(unaccounted) else frozenset(unaccounted))

    def register(run: Run) -> Run:
        USE_CASES[command.transaction] = UseCase(
            command=command, run=run, services=allowed, admitted=frozenset(admitted), roles=_function(roles),
            grade=_function(grade), unaccounted=_function(unaccounted), opens=opens, reads=reads)
        return run
    return register


def discover(*contexts: str) -> None:
    """Imports every module of the contexts' packages, so that each registers its use case."""
    for context in contexts:
        package = importlib.import_module(context)
        for module in pkgutil.iter_modules(package.__path__, f"{context}."):
            importlib.import_module(module.name)


def _function(value: Any) -> Callable[[Any], Any]:
    return value if callable(value) else lambda command: value
