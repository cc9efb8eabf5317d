"""Contracts give the same bytes on every endorser: what a program could draw from elsewhere is not in them.

What they import is watched by test_imports.py; here is what needs no import.
"""
from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source_tree import modules, tree, within

# What asks the machine, depends on it, or hides what it does.
BANNED_NAMES = {"__import__", "breakpoint", "eval", "exec", "float", "globals", "hash", "id", "input", "locals", "open",
                "print", "round", "vars"}
BANNED_ATTRIBUTES = {"now", "today", "utcnow", "popitem", "environ", "as_integer_ratio"}
# The only module that says something to a person at a terminal.
AT_THE_TERMINAL = {"moyai_contracts.api.__main__": {"print"}}
SET_METHODS = {"union", "intersection", "difference", "symmetric_difference"}
ORDERLESS = {"set", "frozenset"}
# What takes a set in any order and gives the same.
INDIFFERENT = {"sorted", "len", "any", "all", "sum", "min", "max", "set", "frozenset", "bool", "isinstance"}

CONTRACTS = sorted(name for name in modules() if within(name, "moyai_contracts"))


def is_set(node: ast.expr, known: set[str]) -> bool:
    """Whether an expression is a set, as far as one sees without running it."""
    if isinstance(node, (ast.Set, ast.SetComp)):
        return True
    if isinstance(node, ast.Name):
        return node.id in known
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)):
        return is_set(node.left, known) or is_set(node.right, known)
    if isinstance(node, ast.Call):
        function = node.func
        return (isinstance(function, ast.Name) and function.id in ORDERLESS) or (
            isinstance(function, ast.Attribute) and function.attr in SET_METHODS)
    return False


def sets_named_in(module: ast.Module) -> set[str]:
    """Names that are annotated as a set or given one."""
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and is_set(node.value, names):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        annotation = getattr(node, "annotation", None)
        if annotation is not None and ast.unparse(annotation).startswith(("set[", "frozenset[", "AbstractSet[")):
            name = node.arg if isinstance(node, ast.arg) else getattr(getattr(node, "target", None), "id", "")
            names.add(name)
    return names


def iterated(module: ast.Module) -> Iterator[ast.expr]:
    """Expressions whose order the program sees."""
    for node in ast.walk(module):
        if isinstance(node, (ast.For, ast.comprehension)):
            yield node.iter
        elif isinstance(node, ast.Starred):
            yield node.value
        elif isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name not in INDIFFERENT | SET_METHODS | {"isdisjoint", "issuperset", "issubset"}:
                yield from node.args


def in_indifferent_call(module: ast.Module) -> set[int]:
    """Generators that an indifferent function consumes, and what sets are built from."""
    free: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in INDIFFERENT:
            for argument in node.args:
                if isinstance(argument, (ast.GeneratorExp, ast.ListComp, ast.SetComp)):
                    free |= {id(generator.iter) for generator in argument.generators}
        elif isinstance(node, ast.SetComp):
            free |= {id(generator.iter) for generator in node.generators}
    return free


def findings(module: ast.Module, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Places that could give other bytes elsewhere."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)):
            found.append(f"{node.lineno}: {node.value}")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            found.append(f"{node.lineno}: a division that may give a float")
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            found.append(f"{node.lineno}: a division that may give a float")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BANNED_NAMES - allowed:
            found.append(f"{node.lineno}: {node.func.id}()")
        elif isinstance(node, ast.Attribute) and node.attr in BANNED_ATTRIBUTES:
            found.append(f"{node.lineno}: .{node.attr}")
        elif isinstance(node, (ast.Global, ast.Nonlocal, ast.AsyncFunctionDef, ast.Await)):
            found.append(f"{node.lineno}: {type(node).__name__}")
    known, free = sets_named_in(module), in_indifferent_call(module)
    found += [f"{node.lineno}: the order of a set: {ast.unparse(node)}" for node in iterated(module)
              if is_set(node, known) and id(node) not in free]
    return found


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_is_deterministic(name: str) -> None:
    allowed = frozenset(AT_THE_TERMINAL.get(name, ()))
    assert findings(tree(modules()[name]), allowed) == []


@pytest.mark.parametrize("line", [
    "x = 1.5", "x = a / b", "a /= 2", "x = float(a)", "x = round(a)", "x = hash(a)", "x = id(a)", "open('f')",
    "x = datetime.now()", "x = date.today()", "x = os.environ", "d.popitem()", "eval('1')",
    "for x in {1, 2}: pass", "y = [x for x in {1, 2}]", "y = list({1, 2})", "y = tuple(set(a))", "y = [*set(a)]",
    "y = ','.join({a, b})", "s = set(a)\nfor x in s: pass", "s: set[str] = f()\ny = list(s)",
    "def f(s: frozenset[str]):\n    return [x for x in s]", "y = list(set(a) | b)", "y = list(set(a).union(b))",
    "f({x for x in a})", "def f():\n    global x", "async def f(): pass"])
def test_the_watch_sees(line: str) -> None:
    assert findings(ast.parse(line))


@pytest.mark.parametrize("line", [
    "x = a // b", "for x in sorted({1, 2}): pass", "n = len({1, 2})", "b = x in {1, 2}", "b = any(x for x in {1, 2})",
    "s = {x for x in {1, 2}}", "s = frozenset({1, 2})", "b = {1} <= set(a)", "b = set(a).isdisjoint(b)",
    "for x in [1, 2]: pass", "for x in {1: 2}: pass"])
def test_the_watch_lets_pass(line: str) -> None:
    assert findings(ast.parse(line)) == []
