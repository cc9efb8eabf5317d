"""The process that examines: reads peers or block files, prints progress and result as lines of JSON.

    … command --profile FILE --channel NAME --chaincode NAME      every peer of hfc's connection profile
    … command --blocks FOLDER [--blocks FOLDER] --channel NAME …  copies of peers' block files
    … [--every-document]                                          the peers' whole state, not some of it
    … [--canaries FILE] [--logs PATH]                             what is looked at beside

MOYAI_AUDIT_READINGS: readings databases to compare, as JSON, municipality → URL.
"""
from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moyai_auditor.examination.block_files import BlockFiles
from moyai_auditor.examination.blocks import Unreachable, Unreadable
from moyai_auditor.examination.canaries import Canaries
from moyai_auditor.examination.examination import Examination
from moyai_auditor.examination.findings import Findings
from moyai_auditor.examination.readings import comparison, database
from moyai_auditor.examination.rules.replay import Replay

VERSION = 1
READINGS = "MOYAI_AUDIT_READINGS"
TOLD_EVERY_SECONDS = 0.2


@dataclass(frozen=True)
class Beside:
    """What is looked at beside the chain: every document of the peers or some, readings databases by municipality, a
    list of canaries, logs."""
    every_document: bool = False
    readings: dict[str, str] = field(default_factory=dict)
    canaries: Canaries | None = None
    logs: tuple[Path, ...] = ()

    def look(self, examination: Examination, replay: Replay, findings: Findings) -> dict[str, Any]:
        """Members of the result. Raises Unreadable."""
        told: dict[str, Any] = {}
        if self.readings and examination.replayed_until == examination.height - 1:
            told["readings"] = [_compare(code6, url, replay, findings) for code6, url in self.readings.items()]
        if self.canaries is not None:
            self.canaries.search_logs(self.logs, findings)
            told["canaries"] = {"lines": self.canaries.lines, "transactions": self.canaries.transactions,
                                "log_bytes": self.canaries.log_bytes}
        return told


def _compare(code6: str, url: str, replay: Replay, findings: Findings) -> dict[str, Any]:
    tell = Teller("readings")
    with database.opened(url) as readings:
        return comparison.compare(readings, replay.ledger, replay.devices.places, code6, findings, tell)


class Teller:
    """Tells how far the work is, not too often: of `what`, how much is done of how much."""

    def __init__(self, what: str = "blocks") -> None:
        self._what = what
        self._next = 0.0

    def __call__(self, done: int, total: int, transactions: int = 0) -> None:
        if done == total or time.monotonic() >= self._next:
            self._next = time.monotonic() + TOLD_EVERY_SECONDS
            say({"progress": {"what": self._what, "done": done, "of": total, "transactions": transactions}})


def say(message: dict[str, Any]) -> None:
    """One line of JSON."""
    print(json.dumps(message, ensure_ascii=False), flush=True)


def examine_files(folders: list[Path], channel: str, chaincode: str, beside: Beside = Beside()) -> dict[str, Any]:
    """Examines copies of block files; the result as JSON. Raises Unreadable where there are none."""
    findings = Findings()
    copies = [BlockFiles(folder, channel) for folder in folders]
    for copy in copies:
        for problem in copy.problems:
            findings.add("reading", problem, peer=copy.label if len(copies) > 1 else "")
    tallest = max(copy.height for copy in copies)
    for copy in copies:
        if copy.height < tallest:
            findings.add("heights", f"the copy has {copy.height} blocks, others {tallest}", peer=copy.label)
    findings.looked("heights", len(copies))
    replay = Replay(chaincode, findings)
    examination = Examination(copies, findings, replay, beside.canaries)
    began = time.monotonic()
    examination.run(Teller())
    replay.end()
    result = _result("files", examination, findings, began)
    return result | beside.look(examination, replay, findings) | _told(findings)


def examine_peers(profile: Path, channel: str, chaincode: str, beside: Beside = Beside()) -> dict[str, Any]:
    """Examines every peer of a connection profile; the result as JSON. Raises Unreachable, Unreadable."""
    # hfc takes a second to import, and files need none of it.
    from moyai_auditor.examination.peers import Network
    from moyai_auditor.examination.state_on_peers import compare
    findings = Findings()
    began = time.monotonic()
    network = Network(profile, channel, chaincode)
    for peer, sentence in network.look():
        findings.add("heights", sentence, peer=peer)
    replay = Replay(chaincode, findings)
    examination = Examination(network.peers, findings, replay, beside.canaries)
    examination.run(Teller(), latest=int(time.time()))
    replay.end()
    for peer in network.peers:
        findings.looked("heights")
        if not peer.is_lost and peer.current_hash != examination.last_header_hash(peer.label):
            findings.add("heights", "the peer names another last block than it gives", peer=peer.label)
    result = _result("peers", examination, findings, began)
    seed = random.SystemRandom().randrange(2**32)
    if examination.replayed_until == examination.height - 1:
        asked = compare(network, examination.state.public(chaincode), findings, seed, every=beside.every_document,
                        progress=Teller("documents"))
        result["state"] = {"seed": seed, "documents": asked}
    return result | beside.look(examination, replay, findings) | _told(findings)


def _result(source: str, examination: Examination, findings: Findings, began: float) -> dict[str, Any]:
    seconds = time.monotonic() - began
    transactions = sum(examination.transactions.values())
    members = examination.configuration.members.by_msp.values() if examination.configuration else ()
    return {
        "v": VERSION, "source": source,
        "copies": [{"name": one.label, "first": one.first, "height": one.height} for one in examination.sources],
        "height": examination.height, "genesis": examination.genesis_hash,
        "replayed_until": examination.replayed_until,
        "members": [{"msp_id": member.msp_id, "roots": member.root_fingerprints} for member in members],
        "transactions": dict(examination.transactions.most_common()),
        "ranges_not_judged": examination.state.skipped_ranges,
        "seconds": round(seconds, 2), "blocks_per_second": round(examination.blocks / seconds, 1),
        "transactions_per_second": round(transactions / seconds, 1)}


def _told(findings: Findings) -> dict[str, Any]:
    return {"agrees": findings.agrees, "first_difference": findings.first.as_json() if findings.first else None,
            "findings_total": sum(findings.found.values()),
            "findings": [finding.as_json() for finding in findings.in_order()], "checks": list(findings.summary())}


def main() -> None:
    """Exit code 0 when a result was told, 2 when nothing could be examined."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--blocks", type=Path, action="append", default=[])
    parser.add_argument("--channel", required=True)
    parser.add_argument("--chaincode", required=True)
    parser.add_argument("--every-document", action="store_true")
    parser.add_argument("--canaries", type=Path)
    parser.add_argument("--logs", type=Path, action="append", default=[])
    arguments = parser.parse_args()
    try:
        beside = Beside(arguments.every_document, json.loads(os.environ.get(READINGS, "{}")),
                        Canaries.read(arguments.canaries) if arguments.canaries else None, tuple(arguments.logs))
        if arguments.blocks:
            say({"result": examine_files(arguments.blocks, arguments.channel, arguments.chaincode, beside)})
        else:
            say({"result": examine_peers(arguments.profile, arguments.channel, arguments.chaincode, beside)})
    except (Unreachable, Unreadable, OSError) as error:
        say({"error": str(error)})
        sys.exit(2)


if __name__ == "__main__":
    main()
