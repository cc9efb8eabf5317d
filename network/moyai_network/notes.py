"""What programs of the meters say about themselves in files: what they wait for, what a person has to do."""
from __future__ import annotations

import json

from moyai_network.layout import State

_FILES = {"bridge": "spool-{instance}.status.json", "totals": "totals.status.json"}


def notes(role: str, code: str, instance: str, state: State) -> list[str]:
    """Sentences of a municipality's program; none where it has nothing to say, or says nothing that is whole."""
    if role not in _FILES:
        return []
    try:
        told = json.loads((state.bridge(code) / _FILES[role].format(instance=instance)).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    return [*told.get("trouble", ()), *told.get("notes", ())]
