"""Protocol buffers' integers on the wire: what block files are framed with and commit hashes are made of."""
from __future__ import annotations

from moyai_auditor.examination.blocks import Unreadable

LONGEST_VARINT = 10


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """A varint and the position behind it. Raises Unreadable."""
    value = 0
    for count in range(LONGEST_VARINT):
        if position + count >= len(data):
            raise Unreadable("the bytes end within a number")
        byte = data[position + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, position + count + 1
    raise Unreadable("a number is longer than ten bytes")


def read_bytes(data: bytes, position: int) -> tuple[bytes, int]:
    """Bytes with their length before them, and the position behind. Raises Unreadable."""
    length, start = read_varint(data, position)
    if start + length > len(data):
        raise Unreadable("the bytes end within a field")
    return data[start:start + length], start + length


def varint(value: int) -> bytes:
    """A number on the wire."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def field(number: int, content: bytes) -> bytes:
    """A field of bytes on the wire; one that is empty is left out."""
    return varint(number << 3 | 2) + varint(len(content)) + content if content else b""
