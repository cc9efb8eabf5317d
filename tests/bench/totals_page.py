"""A page of 250 monthly totals in the contract: on a real peer, and the contract alone."""
from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from moyai_contracts.api.devices import RecordTotals

from tests.bench.report import Line
from tests.contract.channel import NANAO, Channel
from tests.contract.devices_story import DevicesStory
from tests.contract.fabric_channel import FabricChannel
from tests.contract.memory_channel import MemoryChannel
from tests.contract.scene import Scene
from tests.network.consortium import RunningConsortium

DEVICES, TIMES = 84, 7


def measure(network: RunningConsortium) -> list[Line]:
    """Milliseconds of one endorsement, the middle of several."""
    print("a page of 250 totals", file=sys.stderr)
    fabric = FabricChannel(network.state.root)
    try:
        on_peers = _endorsement(fabric)
    finally:
        fabric.close()
    with tempfile.TemporaryDirectory(prefix="moyai-bench-totals-") as folder:
        in_memory = _endorsement(MemoryChannel(Path(folder)).bootstrap())
    return [Line("page of 250 totals, endorsed by peers of two municipalities", on_peers, "ms"),
            Line("page of 250 totals, the contract alone in memory", in_memory, "ms")]


def _endorsement(channel: Channel) -> float:
    page, bridge = _page(channel), channel.access(NANAO, "bridge")
    taken = []
    for _ in range(TIMES):
        started = time.monotonic()
        bridge.prepare(page)
        taken.append(time.monotonic() - started)
    return statistics.median(taken) * 1000


def _page(channel: Channel) -> RecordTotals:
    story = DevicesStory(Scene(channel))
    return story.full_page([story.device() for _ in range(DEVICES)])
