"""Layers point inward: who may import whom, and where the outside world is let in."""
from __future__ import annotations

import sys

import pytest

from tests.architecture.source_tree import expect_none, imports, modules, within

# Package → the packages of ours that it may import; what is missing here may import nothing of ours.
MAY_IMPORT = {
    "moyai_contracts.api": ("moyai_contracts.api",),
    "moyai_shim": ("moyai_shim",),
    "moyai_contracts": ("moyai_contracts", "moyai_shim"),
    "moyai_client": ("moyai_client", "moyai_contracts.api"),
    "moyai_auditor": ("moyai_auditor", "moyai_client.profile", "moyai_client.errors"),
    "moyai_auditor.examination": ("moyai_auditor.examination",),
    "moyai_network": ("moyai_network", "moyai_client", "moyai_contracts.api"),
    "moyai_database": ("moyai_database",),
    "moyai_webui": ("moyai_webui", "moyai_client", "moyai_contracts.api", "moyai_database", "moyai_bridge.store",
                    "moyai_bridge.device_certificates", "moyai_bridge.reading_proof", "moyai_bridge.correction",
                    "moyai_bridge.ledger_pages", "moyai_bridge.monthly_row"),
    "moyai_bridge": ("moyai_bridge", "moyai_client", "moyai_contracts.api", "moyai_database"),
}
OURS = ("moyai_contracts", "moyai_shim", "moyai_client", "moyai_auditor", "moyai_network", "moyai_database",
        "moyai_webui", "moyai_bridge")

# What reaches outside → the only modules that may import it.
ONLY_IN = {
    "grpc": ("moyai_client.transport", "moyai_shim.service"),
    "fabric_protos": ("moyai_client", "moyai_shim", "moyai_network.readiness"),
    "google.protobuf": ("moyai_client", "moyai_shim", "moyai_auditor.examination"),
    "hfc": ("moyai_auditor.examination",),
    "psycopg": ("moyai_auditor.examination.readings.database",),
    "sqlalchemy": ("moyai_webui.store", "moyai_bridge.store", "moyai_database"),
    "alembic": ("moyai_webui.store", "moyai_bridge.store", "moyai_database.migrations"),
    "paho": ("moyai_bridge.mqtt_source", "moyai_bridge.simulator.publisher"),
    "smtplib": ("moyai_webui.mail",),
    "aiosmtpd": ("moyai_webui.mailbox", "moyai_webui.mail.return_desk"),
    "flask": ("moyai_webui",),
    "moyai_webui": ("moyai_webui",),
}

# Contracts run on every endorser and must give the same bytes there: no clock, chance, network, file or thread.
THIRD_PARTIES_OF_CONTRACTS = {"cryptography"}
BANNED_IN_CONTRACTS = {
    "asyncio", "calendar", "concurrent", "datetime", "decimal", "getpass", "glob", "http", "io", "locale",
    "logging", "math", "multiprocessing", "os", "pathlib", "platform", "queue", "random", "secrets", "shutil",
    "signal", "socket", "ssl", "statistics", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
}

# The auditor's examination runs in an environment of its own and judges by itself: nothing of Moyai's, old protos.
OF_THE_EXAMINATION = {"hfc", "google", "cryptography", "psycopg"}


def _layer(module: str) -> str:
    return max((name for name in MAY_IMPORT if within(module, name)), key=len)


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_layer_imports_only_what_lies_further_in(layer: str) -> None:
    wrong = [f"{module} imports {name}"
             for module, path in modules().items() if _layer(module) == layer
             for name in imports(path)
             if any(within(name, ours) for ours in OURS)
             and not any(within(name, allowed) for allowed in MAY_IMPORT[layer])
             and not any(within(allowed, name) for allowed in MAY_IMPORT[layer])]
    expect_none(wrong)


@pytest.mark.parametrize("outside", ONLY_IN)
def test_the_outside_is_let_in_at_one_place(outside: str) -> None:
    importing = {module: path for module, path in modules().items()
                 if any(within(name, outside) for name in imports(path))}
    assert importing, f"nothing imports {outside} any more: this rule watches nothing"
    expect_none(module for module in importing if not any(within(module, room) for room in ONLY_IN[outside]))


def test_the_vocabulary_needs_the_standard_library_only() -> None:
    wrong = [f"{module} imports {name}" for module, path in modules().items() if within(module, "moyai_contracts.api")
             for name in imports(path)
             if name.partition(".")[0] not in sys.stdlib_module_names and not within(name, "moyai_contracts")]
    expect_none(wrong)


def test_contracts_are_deterministic_by_what_they_import() -> None:
    wrong = [f"{module} imports {name}" for module, path in modules().items() if within(module, "moyai_contracts")
             for name in imports(path)
             if (root := name.partition(".")[0]) in BANNED_IN_CONTRACTS
             or root not in sys.stdlib_module_names | THIRD_PARTIES_OF_CONTRACTS | {"moyai_contracts", "moyai_shim"}]
    expect_none(wrong)


def test_the_examination_stands_by_itself() -> None:
    wrong = [f"{module} imports {name}" for module, path in modules().items()
             if within(module, "moyai_auditor.examination") for name in imports(path)
             if name.partition(".")[0] not in sys.stdlib_module_names | OF_THE_EXAMINATION | {"moyai_auditor"}]
    expect_none(wrong)
