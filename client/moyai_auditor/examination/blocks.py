"""A block as bytes: header, envelopes, metadata, and the hashes that bind them."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass

from hfc.protos.common import common_pb2

SIGNATURES, LAST_CONFIG, TRANSACTIONS_FILTER, ORDERER, COMMIT_HASH = range(5)
"""Places in the metadata."""


class Unreadable(Exception):
    """Bytes that are not what they should be; the text is a sentence."""


class Unreachable(Exception):
    """A peer does not answer; the text is a sentence."""


@dataclass(frozen=True)
class Block:
    """One block as one peer has it: hashes are raw bytes, `data` the envelopes' bytes."""

    number: int
    previous_hash: bytes
    data_hash: bytes
    data: tuple[bytes, ...]
    metadata: tuple[bytes, ...]

    @classmethod
    def parse(cls, data: bytes) -> Block:
        """From a serialised common.Block. Raises Unreadable."""
        block = common_pb2.Block()
        try:
            block.ParseFromString(data)
        except (ValueError, RuntimeError) as error:
            raise Unreadable(f"what the peer gave is no block: {error}") from error
        return cls(block.header.number, block.header.previous_hash, block.header.data_hash,
                   tuple(block.data.data), tuple(block.metadata.metadata))

    @property
    def header(self) -> bytes:
        """The header in ASN.1 DER, as it is hashed and signed."""
        number = self.number.to_bytes(self.number.bit_length() // 8 + 1, "big")
        return _der(0x30, _der(0x02, number) + _der(0x04, self.previous_hash) + _der(0x04, self.data_hash))

    @property
    def header_hash(self) -> bytes:
        """What the next block names as its previous hash."""
        return hashlib.sha256(self.header).digest()

    @property
    def content_hash(self) -> bytes:
        """The data hash that follows from the content."""
        return hashlib.sha256(b"".join(self.data)).digest()

    @property
    def flags(self) -> bytes:
        """One validation code a transaction, as the peer noted them."""
        return self.note(TRANSACTIONS_FILTER)

    def note(self, place: int) -> bytes:
        """One entry of the metadata; empty where there is none."""
        return self.metadata[place] if place < len(self.metadata) else b""


def _der(tag: int, content: bytes) -> bytes:
    """One DER element."""
    length = len(content)
    if length < 128:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content
