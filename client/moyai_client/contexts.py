"""`ledger.relief.register_need(…)`: one method a transaction or query, generated from the vocabulary by its name."""
from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from moyai_contracts.api import QUERIES, TRANSACTIONS, Actor, Command

if TYPE_CHECKING:
    from moyai_client.ledger import Ledger, Receipt

OPTIONS = ("op", "scope", "signers", "lane", "at_height", "envelope_store")


class Context:
    """The transactions and queries of one context, such as `relief`, as methods of a ledger.

    A transaction takes the actor, then the command's fields by name, then any of `Ledger.submit`'s options by name;
    a query takes its arguments by name.
    """

    def __init__(self, ledger: Ledger, name: str) -> None:
        self._ledger = ledger
        self._name = name

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        name = f"{self._name}.{verb}"
        if name in TRANSACTIONS:
            return _method(self._ledger, verb, TRANSACTIONS[name])
        if name in QUERIES:
            return lambda **arguments: self._ledger.evaluate(name, arguments)
        raise AttributeError(f"there is no transaction or query {name}")

    def __dir__(self) -> list[str]:
        prefix = f"{self._name}."
        return [name.removeprefix(prefix) for name in (*TRANSACTIONS, *QUERIES) if name.startswith(prefix)]


def _method(ledger: Ledger, verb: str, command_class: type[Command]) -> Callable[..., Receipt]:
    def method(actor: Actor | None, **values: Any) -> Receipt:
        options = {name: values.pop(name) for name in OPTIONS if name in values and name not in fields}
        return ledger.submit(command_class(**values), actor, **options)

    fields = inspect.signature(command_class).parameters
    method.__name__ = verb
    method.__doc__ = command_class.__doc__
    return method
