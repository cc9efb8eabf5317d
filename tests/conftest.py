"""What holds for every test: nothing is skipped, and what starts programs is marked."""
from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ("tests.network.consortium",)
TESTS = Path(__file__).parent
FOLDERS_OF_PROCESSES = ("network", "browser", "chaos")
FIXTURES_OF_PROCESSES = frozenset({"consortium", "postgresql"})

settings.register_profile("shared machine", deadline=None)  # a slow processor makes no wrong answer
settings.load_profile("shared machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks `process`: whatever lies in a folder of whole systems, or asks for one by its fixture."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in FOLDERS_OF_PROCESSES or FIXTURES_OF_PROCESSES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.process)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test is a failed one: a missing tool must show."""
    report = yield
    if report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped; every test runs, and a tool that is missing is a failure"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport,
                                                                         pytest.CollectReport]:
    """A module that skips itself fails too."""
    report = yield
    if report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} skips itself; every test runs"
    return report
