"""Documents asked from every peer's own state against those that the blocks make (INV-30)."""
from __future__ import annotations

import json
import random
from typing import Any, Callable

from moyai_auditor.examination.findings import Findings
from moyai_auditor.examination.peers import AT_ONCE, Network, Peer
from moyai_auditor.examination.rules.ledger import split_key
from moyai_auditor.examination.envelope import open_endorsed, open_envelope

ASKED = 300
"""Documents asked from each peer, chosen anew each time, unless all are wanted or there are fewer."""
Progress = Callable[[int, int], None]
"""Hears documents asked, and how many will be."""

ARGUMENTS = {
    "directory.roster": (), "directory.municipality": ("code6",), "directory.msp": ("msp_id",),
    "directory.vote": ("kind", "ref", "hash", "code6"), "directory.site": ("code6", "site_id"),
    "directory.item": ("item_code",), "directory.account": ("account_id",), "directory.key": ("account_id", "key_id"),
    "directory.blocked": ("msp_id", "fingerprint"), "directory.drill": ("code6", "drill_id"),
    "relief.site_status": ("scope", "code6", "site_id"),
    "relief.need": ("scope", "need_id"), "relief.offer": ("scope", "offer_id"),
    "relief.dispatch": ("scope", "need_id", "dispatch_id"), "relief.package": ("scope", "package_id"),
    "relief.consignment": ("scope", "consignment_id"), "relief.discrepancy": ("scope", "package_id", "discrepancy_id"),
    "relief.arrival": ("scope", "code6", "site_id", "arrival_id"), "relief.intake": ("scope", "code6", "item"),
    "evidence.mail": ("code6", "mail_id", "n"), "devices.device": ("device_id",), "devices.tag": ("epoch", "tag"),
    "devices.batch": ("code6", "slot", "bridge", "n"), "devices.batch_head": ("code6", "bridge"),
    "devices.substitution": ("code6", "substitution_id"),
    "devices.totals": ("code6", "cohort", "month", "page", "version"),
}
"""Kind of document → names of the query's arguments, in the order of the key's parts."""
NUMBERS = frozenset({"n", "page", "version"})


def compare(network: Network, documents: dict[str, bytes], findings: Findings, seed: int, *, every: bool = False,
            progress: Progress = lambda done, total: None) -> int:
    """Asks every peer for documents (key → bytes as replayed) and reports those that differ; returns how many each
    was asked for. A document that was changed since the last block read is left out."""
    keys = sorted(key for key in documents if split_key(key)[0] in ARGUMENTS)
    chosen = keys if every else random.Random(seed).sample(keys, min(ASKED, len(keys)))
    for number, peer in enumerate(network.peers):
        if peer.is_lost:
            continue
        answers: list[bytes | None] = []
        for start in range(0, len(chosen), AT_ONCE):
            answers += network.documents(peer.label, map(_query, chosen[start:start + AT_ONCE]))
            progress(number * len(chosen) + len(answers), len(network.peers) * len(chosen))
        findings.looked("state_on_peers", len(chosen))
        differing = [key for key, answer in zip(chosen, answers) if answer != documents[key]]
        moved = _written_since(peer) if differing else set()
        for key in differing:
            if key not in moved:
                name = " ".join(part for part in key.split("\0") if part)
                findings.add("state_on_peers", f"the document {name} is another one in the peer's state",
                             peer=peer.label)
    return len(chosen)


def _query(key: str) -> tuple[str, str]:
    kind, parts = split_key(key)
    context, _, name = kind.partition(".")
    given: dict[str, Any] = {argument: int(part) if argument in NUMBERS else part
                             for argument, part in zip(ARGUMENTS[kind], parts)}
    return f"{context}.get_{name}", json.dumps(given, sort_keys=True, separators=(",", ":"))


def _written_since(peer: Peer) -> set[str]:
    """Keys that blocks behind the last one read write."""
    last = peer.height
    peer.look()
    found: set[str] = set()
    for number in range(last, peer.height):
        block = peer.block(number)
        for data in block.data if block else ():
            result = open_endorsed(open_envelope(data)).result
            found.update(str(write.key) for space in result.spaces if not space.collection for write in space.writes)
    return found
