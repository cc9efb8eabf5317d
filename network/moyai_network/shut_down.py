"""`down` and `reset`: everything ends; with `reset` its data too."""
from __future__ import annotations

import shutil
from pathlib import Path

from moyai_network import preparation
from moyai_network.layout import State
from moyai_network.orphans import end_orphans
from moyai_network.progress import Progress
from moyai_network.supervisor import Supervisor


def down(state: State, progress: Progress) -> None:
    """Ends every program of this state folder, those of a dead supervisor too; the data stay."""
    if not state.network.exists():
        progress.say("Nothing is running.")
        return
    with preparation.exclusive(state):
        _end(state, progress)


def reset(state: State, progress: Progress) -> None:
    """As `down`, then deletes what was generated; anything else in the state folder stays."""
    # Renamed first: an interrupted deletion must not look like a network, and the next call ends it.
    doomed = state.root / ".network-deleted"
    _delete(doomed)
    if state.network.exists():
        with preparation.exclusive(state):
            _end(state, progress)
            for folder in ("webui", "bridge"):
                _delete(state.root / folder)
            (state.root / "accounts.json").unlink(missing_ok=True)
            state.network.rename(doomed)
            _delete(doomed)
    progress.say(f"{state.root} holds no network any more.")


def _delete(folder: Path) -> None:
    """A folder with keys or people's data is gone afterwards, or the error says why not."""
    if folder.exists():
        shutil.rmtree(folder)


def _end(state: State, progress: Progress) -> None:
    with progress.step("Stopping every program"):
        Supervisor(state).shutdown()
        end_orphans(state)
