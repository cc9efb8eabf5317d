"""INV-28: personal data that must never come to the ledger or into a log, looked for byte by byte.

The list has one text a line: names, addresses, telephone numbers, mail addresses. A finding names the line, not the
text, so that a report can be shown to anybody.
"""
from __future__ import annotations

import base64
import gzip
import json
import unicodedata
from pathlib import Path
from typing import Iterable, Iterator
from urllib.parse import quote

from moyai_auditor.examination.blocks import Unreadable
from moyai_auditor.examination.findings import Findings
from moyai_auditor.examination.verdict import Opened

CHECK = "INV-28"
SHORTEST = 6
"""Bytes; anything shorter stands somewhere by chance."""
SEPARATORS = str.maketrans("", "", "-‐－() （）　")
Hit = tuple[int, str, bytes]
"""Line of the list, how it is spelled, the bytes."""


class Canaries:
    """The texts of a list in all their spellings."""

    def __init__(self, texts: Iterable[tuple[int, str]]) -> None:
        self._spellings: dict[bytes, tuple[int, str]] = {}
        self.lines = self.transactions = self.log_bytes = 0
        for line, text in texts:
            self.lines += 1
            for how, spelling in _spellings(text):
                if len(spelling) >= SHORTEST:
                    self._spellings.setdefault(spelling, (line, how))

    @classmethod
    def read(cls, path: Path) -> Canaries:
        """A list from its file, UTF-8. Raises Unreadable."""
        try:
            lines = path.read_text("utf-8-sig").splitlines()
        except (OSError, ValueError) as error:
            raise Unreadable(f"the list of canaries {path} cannot be read: {error}") from error
        texts = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
        if not texts:
            raise Unreadable(f"the list of canaries {path} is empty")
        for number, text in texts:
            if len(text.encode()) < SHORTEST:
                raise Unreadable(f"line {number} of {path} is too short to be looked for: {SHORTEST} bytes at least")
        return cls(texts)

    def search(self, block: int, data: Iterable[tuple[bytes, Opened]], findings: Findings) -> None:
        """Looks through a block's transactions, valid or not: every byte of each."""
        for place, (envelope, opened) in enumerate(data):
            self.transactions += 1
            findings.looked(CHECK)
            for line, how, spelling in self._hits(envelope):
                tx_id = opened.envelope.tx_id if opened.envelope else ""
                findings.add(CHECK, f"line {line} of the list stands there {how}, in {_where(opened, spelling)}",
                             block=block, transaction=place, tx_id=tx_id)

    def search_logs(self, paths: Iterable[Path], findings: Findings) -> None:
        """Looks through log files, and all files of folders. Raises Unreadable."""
        for path in paths:
            for file in sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]:
                findings.looked(CHECK)
                try:
                    self._search_log(file, findings)
                except (OSError, EOFError) as error:
                    raise Unreadable(f"the log {file} cannot be read: {error}") from error

    def _search_log(self, file: Path, findings: Findings) -> None:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as log:
            for number, text in enumerate(log, 1):
                self.log_bytes += len(text)
                for line, how, _ in self._hits(text):
                    findings.add(CHECK, f"line {line} of the list stands {how} in line {number} of {file}")

    def _hits(self, data: bytes) -> Iterator[Hit]:
        seen = set()
        for spelling, (line, how) in self._spellings.items():
            if line not in seen and spelling in data:
                seen.add(line)
                yield line, how, spelling


def _spellings(text: str) -> Iterator[tuple[str, bytes]]:
    """How a text may be written down, the plainest first."""
    for how, form in (("as it is", text), ("in composed characters", unicodedata.normalize("NFC", text)),
                      ("in plain characters", unicodedata.normalize("NFKC", text)), ("in small letters", text.lower()),
                      ("without separators", unicodedata.normalize("NFKC", text).translate(SEPARATORS))):
        yield how, form.encode()
    raw = text.encode()
    yield "escaped", json.dumps(text)[1:-1].encode()
    yield "percent-encoded", quote(text, safe="").encode()
    yield "in UTF-16", text.encode("utf-16-le")
    yield "in hexadecimal", raw.hex().encode()
    for ahead in range(3):
        # What bytes before and after do not change of the text's letters in base64.
        letters = base64.b64encode(bytes(ahead) + raw)
        end = (ahead + len(raw)) * 8 // 6
        yield "in base64", letters[(ahead * 8 + 5) // 6:end]


def _where(opened: Opened, spelling: bytes) -> str:
    """Parts of the transaction that hold the bytes."""
    found = []
    result = opened.endorsed.result if opened.endorsed else None
    if result is not None:
        found += [f"argument {number}" for number, argument in enumerate(result.arguments) if spelling in argument]
        found += ["the event"] if spelling in result.event + result.event_name.encode() else []
        for space in result.spaces:
            for write in space.writes:
                key = write.key if isinstance(write.key, bytes) else write.key.encode()
                name = " ".join(part for part in key.decode("utf-8", "replace").split("\0") if part)
                found += [f"the key {name}"] if spelling in key else []
                found += [f"the value of {name}"] if spelling in (write.value or b"") else []
    return ", ".join(found) or "no argument, event, key or value, but elsewhere in it"
