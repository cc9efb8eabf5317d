"""Readings as leaves of a Merkle tree: salted, so that the proof of one tells nothing of its neighbours; pure."""
from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import NamedTuple

SALT_BYTES = 16


class LeafReading(NamedTuple):
    """A reading with its marks and its device's key; the order of a batch's leaves is that of these tuples."""
    device_id: str
    register: str
    at: int
    seq: int
    raw: int
    marks: int
    key: bytes

    @property
    def content(self) -> bytes:
        """The canonical reading."""
        # Written out: a batch has hundreds of thousands, and none of the texts needs an escape.
        return (f'{{"at":{self.at},"device":"{self.device_id}","raw":{self.raw},"register":"{self.register}",'
                f'"seq":{self.seq}}}').encode("ascii")

    @property
    def salt(self) -> bytes:
        """What nobody without the device's key can guess."""
        return hmac.digest(self.key, f"{self.register}|{self.at}".encode("ascii"), "sha256")[:SALT_BYTES]

    @property
    def leaf(self) -> bytes:
        """The leaf hash."""
        return hashlib.sha256(b"\x00" + self.salt + self.content).digest()


def leaf_hashes(readings: Iterable[LeafReading]) -> list[bytes]:
    """The leaf hashes of a batch, in the order of the readings."""
    return [reading.leaf for reading in readings]
