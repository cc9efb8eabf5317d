"""Documents that a peer's own state holds are compared with those that the blocks make."""
from __future__ import annotations

import pytest

from tests.unit.auditor.conftest import Experiment


@pytest.mark.parametrize("name", ["true", "moved on"])
def test_a_true_state_is_found_true(laboratory: Experiment, name: str) -> None:
    """Also where the peer has gone on by a block that writes the very document."""
    asked, findings = laboratory("states")[name]
    assert asked > 50 and findings == []


@pytest.mark.parametrize("name", ["altered", "lacking"])
def test_another_document_is_named_with_its_peer(laboratory: Experiment, name: str) -> None:
    _, (found,) = laboratory("states")[name]
    assert (found["check"], found["peer"]) == ("state_on_peers", "two")
    assert "relief.package live P" in found["sentence"]


def test_all_of_it_is_asked_for_on_demand(laboratory: Experiment) -> None:
    states = laboratory("states")
    assert states["every"] == states["documents"] > states["some"] == 10
