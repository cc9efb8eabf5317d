"""Experiments on the golden chain, in the examination's own environment: `python -I …/laboratory EXPERIMENT [JSON]`.

Prints one JSON value; the tests judge it.
"""
from __future__ import annotations

import json
import random
import runpy
import sys
import tempfile
from bisect import bisect_right
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
runpy.run_path(str(HERE.parents[3] / "client" / "moyai_auditor" / "isolated.py"))["confine"]()
sys.path.insert(0, str(HERE))


def examined(folders: list[Path]) -> dict[str, Any]:
    """The result of an examination."""
    from moyai_auditor.examination import command
    command.say = lambda message: None
    return command.examine_files(folders, "moyai", "moyai")


def told(result: dict[str, Any]) -> dict[str, Any]:
    """What the tests look at."""
    return {"agrees": result["agrees"], "first": result["first_difference"], "findings": result["findings"]}


def flips(seed: int, count: int, region: str, folder: Path) -> list[Any]:
    """One byte flipped at uniformly random places of `content` (header and data) or `metadata`: place, whether found,
    first difference. The chain ends with the block after the flipped byte's: that must do, and is quicker."""
    from chain_file import golden, places, write
    data = golden()
    blocks = list(places(data))
    ends = [end for _, _, end in blocks]
    wanted = [place for start, metadata, end in blocks
              for place in (range(start, metadata) if region == "content" else range(metadata, end))]
    chance, results = random.Random(seed), []
    for place in chance.sample(wanted, count):
        tampered = bytearray(data[:ends[min(bisect_right(ends, place) + 1, len(ends) - 1)]])
        tampered[place] ^= chance.randrange(1, 256)
        result = examined([write(bytes(tampered), folder)])
        results.append([place, not result["agrees"], result["first_difference"]])
    return results


def prefixes(seed: int, count: int, folder: Path) -> list[Any]:
    """What is found in the golden chain where it ends after any of its blocks: end, findings."""
    from chain_file import golden, places, write
    data = golden()
    ends = random.Random(seed).sample([end for _, _, end in places(data)], count)
    return [[end, examined([write(data[:end], folder)])["findings"]] for end in ends]


def copies(folder: Path) -> dict[str, Any]:
    """Every tampering of `copies`, by its name; and what two copies tell that differ."""
    from chain_file import blocks_of, file_of, golden, rehashed, write
    from copies import COPIES, first, forged_timestamp
    data = golden()
    blocks = blocks_of(data, folder)
    found = {name: told(examined([write(file_of(change(blocks)), folder)])) for name, change in COPIES.items()}
    found["torn tail"] = told(examined([write(data[:-100], folder)]))
    three = [write(data, folder / "one"), write(data, folder / "two"),
             write(file_of(rehashed(forged_timestamp(blocks))), folder / "three")]
    found["three copies"] = told(examined(three))
    found["shorter copy"] = told(examined([three[0], write(file_of(blocks[:-3]), folder / "short")]))
    places = {name: first(blocks, name) for name in ("relief.register_need", "relief.receive_package",
                                                     "relief.request_dispatch")}
    return {"found": found, "places": places, "same bytes": file_of(blocks) == data}


def conspiracies(folder: Path) -> dict[str, Any]:
    """Every lie of `conspiracies`, by its name: what was found, and where the lie stands."""
    from chain_file import blocks_of, file_of, golden, write
    from conspiracies import CONSPIRACIES, conspire
    # The last block records a mail, whose number hangs on the number of a transaction that is made anew here.
    blocks = blocks_of(golden(), folder)[:-1]
    found = {}
    for name in CONSPIRACIES:
        chain, place = conspire(blocks, name)
        found[name] = told(examined([write(file_of(chain), folder)])) | {"place": place}
    chain, _ = conspire(blocks_of(golden(), folder), "nothing")
    found["mail of no event"] = told(examined([write(file_of(chain), folder)])) | {"place": [len(chain) - 1, 0]}
    return found


def states(folder: Path) -> dict[str, Any]:
    """What is found where one peer's state has another document, lacks one, or moved on meanwhile."""
    from moyai_auditor.examination.command import Findings
    from moyai_auditor.examination import state_on_peers
    from moyai_auditor.examination.state_on_peers import compare
    from peer_states import Network, documents
    true = documents()
    found = {}
    for name in ("true", "altered", "lacking", "moved on"):
        findings = Findings()
        asked = compare(Network(true, name), true, findings, seed=1)
        found[name] = [asked, [finding.as_json() for finding in findings.kept]]
    found["documents"] = len(true)
    state_on_peers.ASKED = 10
    found["some"], found["every"] = (compare(Network(true, "true"), true, Findings(), seed=1, every=every)
                                     for every in (False, True))
    return found


def readings(folder: Path, url: str, documents: str, case: str) -> dict[str, Any]:
    """What the readings in a database are found to be, beside documents of 七尾市 (a JSON file, key → document)."""
    from moyai_auditor.examination.command import Findings, Replay
    from moyai_auditor.examination.readings import comparison, database
    from moyai_auditor.examination.rules.ledger import split_key
    findings = Findings()
    ledger = Replay("moyai", findings).ledger
    for key, document in json.loads(Path(documents).read_text("utf-8")).items():
        kind, parts = split_key(key)
        ledger.documents[kind][parts] = document
    with database.opened(url) as opened:
        compared = comparison.compare(opened, ledger, {}, "172022", findings, lambda done, total: None)
    return {"compared": compared, "found": [finding.sentence for finding in findings.in_order()]}


def tables(folder: Path) -> dict[str, Any]:
    """The tables of transactions and of queries."""
    from moyai_auditor.examination.rules.authority_table import ROWS
    from moyai_auditor.examination.state_on_peers import ARGUMENTS
    rows = {name: {"event": row.event, "roles": row.roles, "grade": row.grade, "services": sorted(row.services),
                   "alone": sorted(row.alone), "writes": sorted(row.writes)} for name, row in ROWS.items()}
    return {"rows": rows, "arguments": ARGUMENTS}


def environment(folder: Path) -> dict[str, Any]:
    """What can be imported here, and what the examination has imported of ours."""
    import importlib.util
    import moyai_auditor.examination.command  # noqa: F401
    import moyai_auditor.examination.peers  # noqa: F401
    ours = ("moyai_contracts", "moyai_shim", "moyai_client", "moyai_network", "moyai_webui", "fabric_protos")
    import google.protobuf
    return {"protobuf": google.protobuf.__version__,
            "importable": [name for name in ours if importlib.util.find_spec(name) is not None],
            "imported": sorted(name for name in sys.modules if name.startswith("moyai_"))}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        options = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
        print(json.dumps(globals()[sys.argv[1]](folder=Path(name), **options)))
