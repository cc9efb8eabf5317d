"""Where two copies of one block differ, told as exactly as can be."""
from __future__ import annotations

from typing import Iterator

from hfc.protos.msp import identities_pb2

from moyai_auditor.examination.blocks import Block, Unreadable
from moyai_auditor.examination.envelope import CONFIG, open_endorsed, open_envelope
from moyai_auditor.examination.newer_messages import decode


def differences(reference: Block, other: Block) -> Iterator[tuple[str, int | None]]:
    """Sentences on how `other` differs, each with the transaction's place where it is one transaction."""
    if other.previous_hash != reference.previous_hash or other.data_hash != reference.data_hash:
        yield "the header differs from the other peers' copies", None
    if len(other.data) != len(reference.data):
        yield f"it has {len(other.data)} transactions, elsewhere {len(reference.data)}", None
    for number, (theirs, ours) in enumerate(zip(other.data, reference.data)):
        if theirs != ours:
            yield _envelopes(ours, theirs), number


def _envelopes(ours: bytes, theirs: bytes) -> str:
    try:
        one, two = open_envelope(ours), open_envelope(theirs)
        if one.tx_id != two.tx_id:
            return f"another transaction ({two.tx_id[:16]}…) stands in the place of {one.tx_id[:16]}…"
        if CONFIG not in (one.kind, two.kind) and _endorsers(ours) != _endorsers(theirs):
            return f"transaction {one.tx_id[:16]}… is endorsed by {_endorsers(theirs)}, elsewhere by {_endorsers(ours)}"
        return f"transaction {one.tx_id[:16]}… has another content"
    except Unreadable as error:
        return f"the transaction cannot be read: {error}"


def _endorsers(data: bytes) -> str:
    endorsements = open_endorsed(open_envelope(data)).endorsements
    names = [decode(identities_pb2.SerializedIdentity, endorser).mspid for endorser, _ in endorsements]
    return ", ".join(sorted(names)) or "nobody"
