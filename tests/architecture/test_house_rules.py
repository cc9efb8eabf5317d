"""Rules of the house that a machine can check: sizes, names, what a repository must not hold, flake8."""
from __future__ import annotations

import ast
import re
import subprocess
import sys

from tests.architecture.source_tree import ROOT, expect_none, files, modules, python_files, text, tree

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}
TEXT_FILES = {".py", ".js", ".html", ".txt", ".css", ".yml", ".yaml", ".sh", ".md", ".cfg", ".toml", ".json", ".j2"}

# Spelt in pieces, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK)\b|NotImplemented" r"Error|not imple" r"mented", re.IGNORECASE)
MACHINE_PATH = re.compile(r"(?<![\w.])/(home|root|work|tmp)/" r"\w")
REGISTRY = re.compile(r'"resolved":\s*"https?:' r"//|(extra-)?index-url\s*[= ]\s*https?:" r"//|GOPROXY=[\"']?https?:"
                      r"//|registry\s*=\s*https?:" r"//", re.IGNORECASE)


def _functions() -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    return [(f"{path}:{node.lineno} {node.name}", node) for path in python_files() for node in ast.walk(tree(path))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def test_files_stay_short() -> None:
    expect_none(str(path) for path in python_files() if len(text(path).splitlines()) >= MOST_LINES)


def test_functions_stay_short() -> None:
    expect_none(where for where, node in _functions()
                if (node.end_lineno or node.lineno) - node.lineno + 1 >= MOST_FUNCTION_LINES)


def test_module_names_say_what_they_know() -> None:
    expect_none(name for name in modules() if SAYS_NOTHING & set(name.split(".")))


def test_nothing_is_unfinished() -> None:
    expect_none(_lines_with(UNFINISHED))


def test_no_path_of_a_machine_and_no_registry() -> None:
    expect_none(_lines_with(MACHINE_PATH))
    expect_none(_lines_with(REGISTRY))


def test_nobody_waits_by_the_clock() -> None:
    wrong = [f"{path}:{node.lineno}" for path in modules().values() for node in ast.walk(tree(path))
             if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep", "asyncio.sleep"}]
    expect_none(wrong)


def test_no_error_is_swallowed() -> None:
    wrong = [f"{path}:{node.lineno}" for path in python_files() for node in ast.walk(tree(path))
             if isinstance(node, ast.ExceptHandler)
             and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
             and all(isinstance(inner, (ast.Pass, ast.Continue)) for inner in node.body)]
    expect_none(wrong)


def test_every_function_of_the_packages_is_annotated() -> None:
    wrong = [f"{path}:{node.lineno} {node.name}" for path in modules().values() for node in ast.walk(tree(path))
             if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _lacks_annotation(node)]
    expect_none(wrong)


def test_flake8_is_clean() -> None:
    done = subprocess.run([sys.executable, "-m", "flake8"], cwd=ROOT, capture_output=True, text=True)
    expect_none([*done.stdout.splitlines(), *done.stderr.splitlines()])
    assert done.returncode == 0


def _lacks_annotation(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    bare = [argument.arg for argument in arguments if argument.annotation is None]
    return node.returns is None or [name for name in bare if name not in ("self", "cls")] != []


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [f"{path}:{number}: {line.strip()[:80]}" for path in files()
            if path.suffix in TEXT_FILES or path.name == "Makefile"
            for number, line in enumerate(text(path).splitlines(), 1) if pattern.search(line)]
