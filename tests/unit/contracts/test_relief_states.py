"""The state machines, against LEDGER.md §3.2 written out once more."""
from __future__ import annotations

import pytest
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.relief import states

EDGES = {
    "NEED": {("open", "closed"), ("closed", "open")},
    "OFFER": {("open", "closed")},
    "DISPATCH": {("proposed", "requested"), ("proposed", "rejected"), ("requested", "shipped"),
                 ("requested", "declined"), ("requested", "cancelled"), ("shipped", "recalled")},
    # A hub that repacks makes boxes void that it holds; it may get a box that nobody announced.
    "PACKAGE": {("labelled", "shipped"), ("labelled", "received"), ("labelled", "voided"), ("labelled", "handed_over"),
                ("shipped", "handed_over"), ("shipped", "received"), ("shipped", "recalled"), ("shipped", "lost"),
                ("handed_over", "handed_over"), ("handed_over", "received"), ("handed_over", "recalled"),
                ("handed_over", "lost"), ("handed_over", "voided")},
    "DISCREPANCY": {("open", "acknowledged"), ("acknowledged", "resolved")},
}


@pytest.mark.parametrize("name", EDGES)
def test_a_machine_has_exactly_its_edges(name: str) -> None:
    machine = getattr(states, name)
    assert {(source, target) for source, targets in machine.items() for target in targets} == EDGES[name]


@pytest.mark.parametrize("name", EDGES)
def test_every_other_pair_is_refused_with_the_state(name: str) -> None:
    machine = getattr(states, name)
    names = {state for edge in EDGES[name] for state in edge}
    for source in names:
        for target in names:
            if (source, target) in EDGES[name]:
                states.require_edge(machine, {"state": source}, target)
                continue
            with pytest.raises(Refusal) as refused:
                states.require_edge(machine, {"state": source}, target)
            assert (refused.value.code, refused.value.params) == ("wrong_state", {"state": source})


def test_a_state_out_of_a_list() -> None:
    states.require_state({"state": "labelled"}, "labelled", "shipped")
    with pytest.raises(Refusal) as refused:
        states.require_state({"state": "voided"}, "labelled", "shipped")
    assert (refused.value.code, refused.value.params) == ("wrong_state", {"state": "voided"})
