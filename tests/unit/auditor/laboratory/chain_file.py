"""Block files taken apart and put together again, with the places of their bytes."""
from __future__ import annotations

import hashlib
import lzma
from dataclasses import replace
from pathlib import Path
from typing import Iterator, Sequence

from moyai_auditor.examination.block_files import BlockFiles
from moyai_auditor.examination.blocks import Block
from moyai_auditor.examination.wire import read_bytes, read_varint, varint

GOLDEN = Path(__file__).resolve().parents[1] / "golden.xz"


def golden() -> bytes:
    """The golden block file."""
    return lzma.decompress(GOLDEN.read_bytes())


def blocks_of(data: bytes, folder: Path) -> list[Block]:
    """The blocks of a file."""
    files = BlockFiles(write(data, folder))
    found = [files.block(number) for number in range(files.height)]
    assert not files.problems and None not in found
    return [block for block in found if block is not None]


def write(data: bytes, folder: Path) -> Path:
    """A folder that holds one block file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "blockfile_000000").write_bytes(data)
    return folder


def file_of(blocks: Sequence[Block]) -> bytes:
    """Blocks as a peer writes them."""
    return b"".join(varint(len(data)) + data for data in map(_serialise, blocks))


def rehashed(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with data hashes and links that fit their content; signatures stay as they are."""
    found: list[Block] = []
    for block in blocks:
        previous = found[-1].header_hash if found else b""
        found.append(replace(block, previous_hash=previous, data_hash=hashlib.sha256(b"".join(block.data)).digest()))
    return found


def places(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Each block's offset, the offset of its metadata, and its end."""
    offset = 0
    while offset < len(data):
        length, start = read_varint(data, offset)
        position = read_varint(data, start)[1]
        for _ in range(2):
            _, position = read_bytes(data, position)
        count, position = read_varint(data, position)
        for _ in range(count):
            _, position = read_bytes(data, position)
        yield start, position, start + length
        offset = start + length


def _serialise(block: Block) -> bytes:
    fields = varint(block.number) + _bytes(block.data_hash) + _bytes(block.previous_hash)
    for entries in (block.data, block.metadata):
        fields += varint(len(entries)) + b"".join(map(_bytes, entries))
    return fields


def _bytes(content: bytes) -> bytes:
    return varint(len(content)) + content
