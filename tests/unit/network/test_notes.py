"""What programs of the meters say about themselves is shown as it stands, and nothing where there is nothing whole."""
from __future__ import annotations

import json
from pathlib import Path

import pytest
from moyai_network import status
from moyai_network.layout import State
from moyai_network.notes import notes

CODE = "172022"


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State.at(tmp_path)
    state.bridge(CODE).mkdir(parents=True)
    return state


def test_a_bridge_tells_its_trouble(state: State) -> None:
    (state.bridge(CODE) / "spool-2.status.json").write_text(json.dumps({"trouble": ["disk full"]}) + " " * 100)
    assert notes("bridge", CODE, "2", state) == ["disk full"]
    assert notes("bridge", CODE, "1", state) == notes("broker", CODE, "", state) == []


def test_totals_tell_what_they_wait_for_and_what_a_clerk_has_to_do(state: State) -> None:
    file = state.bridge(CODE) / "totals.status.json"
    assert notes("totals", CODE, "", state) == []
    file.write_text("{")
    assert notes("totals", CODE, "", state) == []
    file.write_text(json.dumps({"trouble": ["the peers are away"], "notes": ["2026-01 waits for 2 devices"]}))
    assert notes("totals", CODE, "", state) == ["the peers are away", "2026-01 waits for 2 devices"]


def test_sentences_name_their_program() -> None:
    programs = [{"program": "totals-172022", "notes": ["a", "b"]}, {"program": "peer-172022", "notes": []}]
    assert status.sentences({"municipalities": [{"programs": programs}]}) == ["totals-172022: a", "totals-172022: b"]
