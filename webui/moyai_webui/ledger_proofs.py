"""Proofs by way of the ledger client: implements `moyai_webui.proofs.Proofs`."""
from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping

from moyai_client import Ledger, NotSent
from moyai_client.proof import (
    Authorities, NotProven, ReadingProof, UnreadableProof, dump, load, verify_reading, verify_transaction,
)
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from moyai_webui.proofs import CheckedFile, NotAProof, Unreachable, Wrong

AUTHORITIES_KEPT_SECONDS = 600.0
"""A municipality that joins is known at the latest then."""
PDF = b"%PDF-"


class LedgerProofs:
    """Safe to use from several threads."""

    def __init__(self, ledger: Ledger, clock: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._clock = clock
        self._known: tuple[float, Authorities] | None = None

    def prove(self, transaction_id: str) -> CheckedFile:
        try:
            file = dump(self._ledger.prove(transaction_id))
        except (NotSent, NotProven) as error:
            raise Unreachable(str(error)) from error
        return self._checked(file)

    def check(self, file: bytes) -> tuple[CheckedFile, ...]:
        return tuple(self._checked(part) for part in (_attached(file) if file.startswith(PDF) else (file,)))

    def certificates(self) -> Mapping[str, bytes]:
        return self._authorities().certificates

    def _checked(self, file: bytes) -> CheckedFile:
        authorities = self._authorities()
        try:
            proof = load(file)
            facts = (verify_reading(proof, authorities) if isinstance(proof, ReadingProof)
                     else verify_transaction(proof, authorities))
        except UnreadableProof as error:
            raise NotAProof(str(error)) from error
        except NotProven as error:
            raise Wrong(str(error)) from error
        return CheckedFile(file, facts)

    def _authorities(self) -> Authorities:
        if self._known is None or self._clock() >= self._known[0]:
            try:
                self._known = (self._clock() + AUTHORITIES_KEPT_SECONDS, self._ledger.authorities())
            except NotSent as error:
                raise Unreachable(str(error)) from error
        return self._known[1]


def _attached(pdf: bytes) -> Iterator[bytes]:
    """The files that a PDF carries. Raises NotAProof."""
    try:
        found = [content for contents in PdfReader(io.BytesIO(pdf)).attachments.values() for content in contents]
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotAProof(f"the PDF cannot be read: {error}") from error
    if not found:
        raise NotAProof("the PDF carries no proof; printed and scanned again it is a picture only")
    yield from found
