"""A copy of a peer's block files: `blockfile_000000` and on, each block with its length before it.

A block is written as number, data hash, previous hash; count of envelopes, each with its length; count of metadata
entries, each with its length (Fabric's `blkstorage`).
"""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from moyai_auditor.examination.blocks import Block, Unreadable
from moyai_auditor.examination.wire import LONGEST_VARINT, read_bytes, read_varint

PATTERN = "blockfile_[0-9][0-9][0-9][0-9][0-9][0-9]"
WIDEST_GAP = 1000
"""A number further ahead than this belongs to no missing blocks: it is wrong."""


@dataclass(frozen=True)
class _Place:
    path: Path
    offset: int
    length: int


class BlockFiles:
    """The blocks of one folder. `problems`: sentences on what cannot be read; `first`, `height`: numbers from the
    first block to behind the last one."""

    def __init__(self, folder: Path, channel: str = "") -> None:
        self.label = str(folder)
        self.problems: list[str] = []
        self.first = 0
        self._places: dict[int, _Place] = {}
        for number, path in enumerate(_files(folder, channel)):
            if path.name != f"blockfile_{number:06}":
                self.problems.append(f"blockfile_{number:06} is missing before {path.name}")
            self._index(path)
        self.height = max(self._places, default=-1) + 1

    def block(self, number: int) -> Block | None:
        """One block, None where the files lack it. Raises Unreadable."""
        place = self._places.get(number)
        if place is None:
            return None
        with place.path.open("rb") as file:
            file.seek(place.offset)
            return _parse(file.read(place.length))

    def _index(self, path: Path) -> None:
        size, offset = path.stat().st_size, 0
        with path.open("rb") as file:
            while offset < size:
                try:
                    length, number, start = _peek(file, offset)
                except Unreadable as error:
                    self.problems.append(f"{path.name} cannot be read from byte {offset} on: {error}")
                    return
                if start + length > size:
                    self.problems.append(f"{path.name} ends within a block, which begins at byte {offset} and would "
                                         f"have {length} bytes; {size - start} are there")
                    return
                self._note(number, _Place(path, start, length), offset)
                offset = start + length

    def _note(self, number: int, place: _Place, offset: int) -> None:
        if number in self._places:
            self.problems.append(f"block {number} stands twice, again at byte {offset} of {place.path.name}")
        elif number > max(self._places, default=-1) + WIDEST_GAP:
            self.problems.append(f"{place.path.name} has at byte {offset} a block with the impossible number {number}")
        else:
            self._places[number] = place


def _files(folder: Path, channel: str) -> list[Path]:
    """The block files in a folder, or of the channel below it (a peer's data folder). Raises Unreadable."""
    found = sorted(folder.glob(PATTERN))
    if found:
        return found
    chains = sorted({path.parent for path in folder.rglob(PATTERN)
                     if path.parent.parent.name == "chains" and path.parent.parent.parent.name == "chains"})
    wanted = [chain for chain in chains if not channel or chain.name == channel]
    if len(wanted) != 1:
        names = ", ".join(str(chain.relative_to(folder)) for chain in chains) or "none"
        raise Unreadable(f"{folder} must hold the block files of one channel and peer; found: {names}")
    return sorted(wanted[0].glob(PATTERN))


def _peek(file: BinaryIO, offset: int) -> tuple[int, int, int]:
    """Length of the block at an offset, its number, and where it starts."""
    file.seek(offset)
    head = file.read(2 * LONGEST_VARINT)
    length, start = read_varint(head, 0)
    if length == 0:
        raise Unreadable("a block without any byte")
    return length, read_varint(head, start)[0] if start < len(head) else 0, offset + start


def _parse(data: bytes) -> Block:
    number, position = read_varint(data, 0)
    data_hash, position = read_bytes(data, position)
    previous_hash, position = read_bytes(data, position)
    envelopes, position = _list(data, position)
    metadata, position = _list(data, position)
    if position != len(data):
        raise Unreadable(f"{len(data) - position} bytes stand behind the end of block {number}")
    return Block(number, previous_hash, data_hash, envelopes, metadata)


def _list(data: bytes, position: int) -> tuple[tuple[bytes, ...], int]:
    count, position = read_varint(data, position)
    entries = []
    for _ in range(count):
        entry, position = read_bytes(data, position)
        entries.append(entry)
    return tuple(entries), position
