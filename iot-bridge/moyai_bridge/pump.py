"""From the spool to the database: decode, store, tell the devices, forget.

Whatever stops it, nothing is lost or doubled: the spool is forgotten last. What a crash leaves in it comes again, and
the database knows how far it was taken.
"""
from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog
from moyai_contracts.api.identifiers import RANDOM_26_PATTERN

from moyai_bridge.decoders import DECODERS, Undecodable
from moyai_bridge.sequences import Sequence
from moyai_bridge.spool import Spool, Spooled
from moyai_bridge.store.dead_letters import DeadLetter
from moyai_bridge.store.intake import Arrival, Intake, Taken

MESSAGES_A_GROUP = 1000
_TOPIC = re.compile(rf"m/({RANDOM_26_PATTERN})/([a-z]+)")

log = structlog.get_logger()


class Publisher(Protocol):
    """Tells devices what is durable; may forget it when the broker is away, for a device that hears nothing asks."""

    def publish_durable(self, device_id: str, sequence: Sequence) -> None:
        """Publishes it."""


class Pump:
    """One bridge's pump."""

    def __init__(self, spool: Spool, intake: Intake, publisher: Publisher,
                 clock: Callable[[], float] = time.time) -> None:
        self._spool, self._intake, self._publisher, self._clock = spool, intake, publisher, clock
        self._current_at: int | None = None

    def move(self) -> Taken | None:
        """Moves the oldest group; None if the spool is empty. Raises StoreAway, SpoolFull."""
        began, spooled = int(self._clock()), self._spool.oldest(MESSAGES_A_GROUP)
        taken = self._take(spooled) if spooled else None
        if len(spooled) < MESSAGES_A_GROUP:
            self._current_at = began
        return taken

    def tell_current(self) -> None:
        """Notes in the database up to when all that was spooled is there. Raises StoreAway."""
        if self._current_at is not None:
            self._intake.note_current(self._current_at)

    def tell_gone(self) -> None:
        """Notes that nothing comes from this bridge any more. Raises StoreAway."""
        self._intake.note_current(None)

    def _take(self, spooled: list[Spooled]) -> Taken:
        taken = self._intake.take(self._spool.identity, [read(message) for message in spooled], int(self._clock()))
        for device_id, sequence in taken.durable.items():
            self._publisher.publish_durable(device_id, sequence)
        self._spool.forget(spooled[-1].id)
        if taken.dead_letters:
            log.warning("messages that cannot be read", dead_letters=taken.dead_letters)
        return taken


def read(spooled: Spooled) -> Arrival:
    """What a message says. Nothing that a device sends stops the bridge: what no decoder takes is a dead letter."""
    topic = _TOPIC.fullmatch(spooled.topic)
    if topic is None or topic[2] not in DECODERS:
        return Arrival(spooled, None, "a topic that nobody decodes")
    try:
        return Arrival(spooled, DECODERS[topic[2]](topic[1], spooled.payload, spooled.received_at))
    except Undecodable as reason:
        return Arrival(spooled, None, str(reason))
    except Exception as error:  # a decoder's own fault: the bytes stay for a better one
        log.exception("a decoder failed", topic=spooled.topic)
        return Arrival(spooled, None, f"the decoder failed: {error!r}")


def retry(intake: Intake, letters: Iterable[DeadLetter], now: int) -> Taken:
    """Tries dead letters again: after a registration, or with a decoder that has learned. Raises StoreAway."""
    return intake.take_again(
        [(letter.id, read(Spooled(letter.id, letter.topic, letter.payload, letter.received_at))) for letter in letters],
        now)
