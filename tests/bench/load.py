"""Load from several processes at once, one a municipality, so that the client's own work uses both processors too."""
from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from moyai_client.errors import MoyaiError
from moyai_client.gateway import Gateway
from moyai_client.identity import Identity
from moyai_client.ledger import Ledger
from moyai_client.profile import Profile
from moyai_client.transport import Transport
from moyai_contracts.api import Actor
from moyai_contracts.api.relief import NeedLine, RegisterNeed
from ulid import ULID

WARM_UP_SECONDS = 2.0
START_SECONDS = 3.0
"""What the processes need to be ready before they begin together."""
VALUE_OF_100_BYTES = b"x" * 100


@dataclass(frozen=True)
class Sender:
    """What one municipality's clients send: a need a transaction, or 100 bytes to the chaincode `bare`."""

    profile: Path
    actor: Actor
    site: str
    item: str
    bare: str = ""


@dataclass(frozen=True)
class Load:
    """`clients` that send one after the other without pause, or `rate` transactions a second whatever happens."""

    seconds: float
    clients: int = 0
    rate: float = 0.0


@dataclass(frozen=True)
class Sent:
    """Latencies in seconds of the valid transactions that ended in the time measured, the number of all valid ones,
    and what became of the others."""

    latencies: tuple[float, ...]
    valid: int
    failures: tuple[str, ...]


def send(senders: Sequence[Sender], load: Load) -> Sent:
    """Lets all municipalities send at once, each its part; only transactions after the warm-up count."""
    parts = [_part(load, number, len(senders)) for number in range(len(senders))]
    begin = time.time() + START_SECONDS
    with ProcessPoolExecutor(len(senders), mp_context=multiprocessing.get_context("spawn")) as pool:
        results = list(pool.map(_send, senders, parts, [begin + number / (load.rate or 1e9)
                                                        for number in range(len(senders))]))
    return Sent(tuple(latency for result in results for latency in result.latencies),
                sum(result.valid for result in results),
                tuple(failure for result in results for failure in result.failures))


def send_some(sender: Sender, count: int, clients: int) -> None:
    """Sends so many transactions, whatever time it takes. Raises MoyaiError."""
    one, close = _bare(sender) if sender.bare else _need(sender)
    with ThreadPoolExecutor(clients) as pool:
        for _ in pool.map(lambda _: one(), range(count)):
            pass
    close()


def _part(load: Load, number: int, count: int) -> Load:
    return replace(load, clients=load.clients // count + (number < load.clients % count), rate=load.rate / count)


def _send(sender: Sender, load: Load, begin: float) -> Sent:
    one, close = _bare(sender) if sender.bare else _need(sender)
    recorder = _Recorder(begin + WARM_UP_SECONDS, begin + WARM_UP_SECONDS + load.seconds, one)
    threading.Event().wait(begin - time.time())
    if load.rate:
        _open_loop(recorder, load.rate, begin)
    else:
        _closed_loop(recorder, load.clients)
    close()
    return recorder.sent()


class _Recorder:
    """Sends one transaction after the other and keeps those that end between `first` and `last`."""

    def __init__(self, first: float, last: float, one: Callable[[], None]) -> None:
        self.first, self.last = first, last
        self.ended: list[tuple[float, float]] = []
        self.failures: list[str] = []
        self._one = one

    def record(self, planned: float) -> None:
        """One transaction; its latency counts from when it was to be sent."""
        try:
            self._one()
        except MoyaiError as error:
            self.failures.append(f"{type(error).__name__}: {error}")
            return
        now = time.time()
        self.ended.append((now, now - planned))

    def sent(self) -> Sent:
        """What came of it all."""
        return Sent(tuple(latency for end, latency in self.ended if self.first <= end < self.last), len(self.ended),
                    tuple(self.failures))


def _closed_loop(recorder: _Recorder, clients: int) -> None:
    def client() -> None:
        while (now := time.time()) < recorder.last:
            recorder.record(now)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _open_loop(recorder: _Recorder, rate: float, begin: float) -> None:
    waiting, number = threading.Event(), 0
    with ThreadPoolExecutor(64) as pool:
        while (planned := begin + number / rate) < recorder.last:
            waiting.wait(max(0.0, planned - time.time()))
            pool.submit(recorder.record, planned)
            number += 1


def _need(sender: Sender) -> tuple[Callable[[], Any], Callable[[], None]]:
    """`relief.register_need` with one need, as the web UI's service sends it."""
    ledger = Ledger.open(Profile.load(sender.profile))
    ledger.height()

    def one() -> None:
        need = NeedLine(str(ULID()), sender.site, sender.item, 1)
        ledger.submit(RegisterNeed((need,)), sender.actor)

    return one, ledger.close


def _bare(sender: Sender) -> tuple[Callable[[], Any], Callable[[], None]]:
    """One put of 100 bytes under a fresh key: what Fabric, the runtime and the client cost without any rule."""
    profile = Profile.load(sender.profile)
    transport = Transport(profile.gateways)
    gateway = Gateway(transport, Identity.load(profile.msp_id, profile.certificate, profile.private_key),
                      profile.channel)

    def one() -> None:
        endorsed = gateway.endorse(sender.bare, (b"put", str(ULID()).encode(), VALUE_OF_100_BYTES))
        trouble = gateway.submit(endorsed.envelope, endorsed.transaction_id)
        committed = gateway.commit_status(endorsed.transaction_id)
        if committed is None or committed.code != "VALID":
            raise MoyaiError(trouble or f"not valid: {committed}")

    return one, transport.close
