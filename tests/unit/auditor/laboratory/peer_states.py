"""Peers whose state differs from what the blocks make, as the examination's `Network` shows them."""
from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Iterable

from moyai_auditor.examination.block_files import BlockFiles
from moyai_auditor.examination.examination import Examination
from moyai_auditor.examination.findings import Findings
from moyai_auditor.examination.rules.ledger import split_key
from moyai_auditor.examination.rules.replay import Replay

from chain_file import blocks_of, golden, write
from copies import first


def documents() -> dict[str, bytes]:
    """All documents that the golden chain makes."""
    findings = Findings()
    with tempfile.TemporaryDirectory() as folder:
        walk = Examination([BlockFiles(write(golden(), Path(folder)))], findings, Replay("moyai", findings))
        walk.run(lambda done, total, transactions: None)
    return walk.state.public("moyai")


class Peer:
    """Stands for a peer that has read on by one block."""

    is_lost = False

    def __init__(self, label: str, moved_on: bool) -> None:
        self.label = label
        self.height = self._next = 50
        self._moved_on = moved_on

    def look(self) -> None:
        self.height = self._next + (1 if self._moved_on else 0)

    def block(self, number: int) -> Any:
        """A block of the golden chain: the receipt of a box."""
        with tempfile.TemporaryDirectory() as folder:
            blocks = blocks_of(golden(), Path(folder))
        return blocks[first(blocks, "relief.receive_package")[0]]


class Network:
    """Two peers; the second one has another answer for the first received box."""

    def __init__(self, true: dict[str, bytes], lie: str) -> None:
        self.peers = [Peer("one", False), Peer("two", lie == "moved on")]
        self._true, self._lie = true, lie

    def documents(self, name: str, queries: Iterable[tuple[str, str]]) -> list[bytes | None]:
        return [self._answer(name, function, arguments) for function, arguments in queries]

    def _answer(self, name: str, function: str, arguments: str) -> bytes | None:
        wanted = function.replace(".get_", "."), tuple(map(str, json.loads(arguments).values()))
        key = next(key for key in self._true
                   if split_key(key)[0] == wanted[0] and sorted(split_key(key)[1]) == sorted(wanted[1]))
        if name == "two" and self._lie != "true" and key == self._lied_about():
            return None if self._lie == "lacking" else self._true[key] + b" "
        return self._true[key]

    def _lied_about(self) -> str:
        """The box that the block at hand writes, so that a peer which moved on may have another one."""
        return next(key for key in sorted(self._true) if key.startswith("\0relief.package\0")
                    and b'"short":4' in self._true[key])
