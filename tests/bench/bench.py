"""`make bench`: throughput, latency, start, memory and disk of the whole system, all from one run.

It starts consortia of its own on free ports, in a temporary folder. The lines are written to var/bench.json.
"""
from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from moyai_network import additional_chaincode, binaries
from moyai_network.progress import Progress
from rich.console import Console

from tests.bench import meters, pages, suggestions, totals_page
from tests.bench.load import Load, Sender, send, send_some
from tests.bench.report import Line, percentile, table, write
from tests.bench.system import memory, size, wait_until_idle
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene
from tests.network.consortium import ROOT, RunningConsortium

MIB = 1 << 20
REPORTS_RATE = 10
"""Transactions a second that the report expects."""
CLIENTS = (50, 200)
THROUGHPUT_SECONDS, LATENCY_SECONDS = 10.0, 20.0
BARE = "bare"
TRANSACTIONS = 1000
"""Enough that the ends of the blocks do not matter."""
WIDTH = 110
RESULT = ROOT / "var" / "bench.json"


def main() -> int:
    """Measures, prints, writes; exit code 1 where a goal is missed."""
    console = Console(highlight=False)
    console.width = max(console.width, WIDTH)
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="moyai-bench-") as folder:
        with _consortium(Path(folder) / "tuned", anchor_seconds=meters.ANCHOR_SECONDS) as network:
            lines += _starts(network)
            senders = _senders(network)
            lines += _idle_memory(network)
            lines += _latency(senders, "batch timeout 50 ms", goal=100)
            lines += _throughput(network, senders)
            lines += totals_page.measure(network)
            lines += suggestions.measure()
            lines += meters.measure(network, _bytes_of_a_transaction(network, senders))
        with _consortium(Path(folder) / "default", batch_timeout="2s") as network:
            _moyai(network, "network", "up")
            lines += _latency(_senders(network), "Fabric's default batch timeout 2 s", goal=None)
        with _consortium(Path(folder) / "pages") as network:
            for command in (("network", "up"), ("directory", "bootstrap"), ("webui", "prepare")):
                _moyai(network, *command)
            lines += pages.measure(network)
    write(lines, RESULT)
    console.print(table(lines))
    console.print(f"written to {RESULT.relative_to(ROOT)}")
    return 0 if all(line.met for line in lines) else 1


@contextmanager
def _consortium(folder: Path, **overrides: Any) -> Iterator[RunningConsortium]:
    network = RunningConsortium(folder, **overrides)
    try:
        yield network
    finally:
        network.down()


def _moyai(network: RunningConsortium, *arguments: str) -> float:
    """Runs a command on the network; returns its seconds."""
    print(f"moyai {' '.join(arguments)}", file=sys.stderr)
    started = time.monotonic()
    done = network.moyai(*arguments)
    if done.returncode:
        raise SystemExit(f"moyai {' '.join(arguments)} failed: {done.stderr.strip()}")
    return time.monotonic() - started


def _starts(network: RunningConsortium) -> list[Line]:
    """From nothing, and from data that are there, to an endorsement by all three through every gateway."""
    binaries.obtain()
    cold = _moyai(network, "network", "up")
    _moyai(network, "network", "down")
    again = _moyai(network, "network", "up")
    return [Line("cold start to the first endorsement", cold, "s", at_most=15),
            Line("restart to the first endorsement", again, "s", at_most=5)]


def _senders(network: RunningConsortium) -> list[Sender]:
    """A clerk, an open shelter and an item in every municipality."""
    channel = FabricChannel(network.state.root).bootstrap()
    scene = Scene(channel)
    senders = [Sender(network.profile(code, "webui"), scene.official(code, "C"), scene.site(code), scene.item(code))
               for code in network.codes]
    channel.close()
    return senders


def _idle_memory(network: RunningConsortium) -> list[Line]:
    """All programs, pages included, after a while without work."""
    _moyai(network, "webui", "prepare")
    _moyai(network, "network", "start", "webui")
    wait_until_idle(network.state)
    used = memory(network.state) / MIB
    _moyai(network, "network", "stop", "webui")
    return [Line("memory of the whole system, idle", used, "MiB (PSS)", at_most=2048)]


def _latency(senders: list[Sender], name: str, goal: float | None) -> list[Line]:
    print(f"latency, {name}", file=sys.stderr)
    sent = send(senders, Load(LATENCY_SECONDS, rate=REPORTS_RATE))
    _demand_no_failure(sent.failures)
    title = f"register_need at {REPORTS_RATE} a second, {name}"
    return [Line(f"{title}, p50", percentile(sent.latencies, 50) * 1000, "ms"),
            Line(f"{title}, p95", percentile(sent.latencies, 95) * 1000, "ms", at_most=goal)]


def _throughput(network: RunningConsortium, senders: list[Sender]) -> list[Line]:
    """Needs with the ledger alone, bare writes beside them, needs while all pages are kept up to date."""
    additional_chaincode.install(network.definition, network.state, binaries.obtain(), Progress(Console(stderr=True)),
                                 name=BARE, contract="tests.contract.shim_contract:ShimContract", path=ROOT)
    before, lines, valid = _on_disk(network), [], 0
    for clients in CLIENTS:
        rate, count = _closed(senders, clients)
        valid += count
        lines.append(Line(f"register_need, {clients} clients", rate, "valid/s", at_least=15 * REPORTS_RATE))
    after = _on_disk(network)
    for clients in CLIENTS:
        rate, _ = _closed([replace(sender, bare=BARE) for sender in senders], clients)
        lines.append(Line(f"bare write of 100 bytes, {clients} clients", rate, "valid/s"))
    _moyai(network, "network", "start", "webui")
    wait_until_idle(network.state)
    rate, _ = _closed(senders, CLIENTS[0])
    lines.append(Line(f"register_need, {CLIENTS[0]} clients, all pages running", rate, "valid/s"))
    lines.append(Line("memory of the whole system after the load", memory(network.state) / MIB, "MiB (PSS)"))
    lines += [Line(f"disk for one register_need, at {part}", (after[part] - before[part]) / valid, "bytes")
              for part in before]
    return lines


def _bytes_of_a_transaction(network: RunningConsortium, senders: list[Sender]) -> float:
    """What blocks take for 100 bytes, as long as a reading, that are a transaction of their own."""
    before = meters.block_bytes(network, network.codes[-1])
    send_some(replace(senders[-1], bare=BARE), TRANSACTIONS, CLIENTS[0])
    return (meters.block_bytes(network, network.codes[-1]) - before) / TRANSACTIONS


def _closed(senders: list[Sender], clients: int) -> tuple[float, int]:
    """Valid transactions a second, and how many there were with those of the warm-up."""
    print(f"{clients} clients", file=sys.stderr)
    sent = send(senders, Load(THROUGHPUT_SECONDS, clients=clients))
    _demand_no_failure(sent.failures)
    return len(sent.latencies) / THROUGHPUT_SECONDS, sent.valid


def _on_disk(network: RunningConsortium) -> dict[str, int]:
    """Bytes on the founder's disk: the peer's blocks and state, the orderer's blocks without Raft's own log."""
    home = network.state.home(network.codes[0])
    return {"a peer": size(home.peer / "data"), "an orderer": size(home.orderer / "data" / "chains")}


def _demand_no_failure(failures: tuple[str, ...]) -> None:
    if failures:
        raise SystemExit(f"{len(failures)} transactions failed, the first one: {failures[0]}")


if __name__ == "__main__":
    sys.exit(main())
