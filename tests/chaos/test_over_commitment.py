"""S6 on the real network: two sites of two municipalities want the same offer at the same moment."""
from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

import pytest
from moyai_client.errors import Refused
from moyai_client.ledger import Receipt
from moyai_contracts.api.identifiers import package_id
from moyai_contracts.api.relief import DispatchLine, NeedLine, RegisterNeed, RegisterOffer, RequestDispatch

from tests.chaos.senders import Sender
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import ulid

WANTED = 10
ROUNDS_AT_ONCE = 4


@dataclass(frozen=True)
class Race:
    """One offer, and the needs of two sites that ask for it at once."""

    offer_id: str
    need_ids: tuple[str, str]


@dataclass(frozen=True)
class Finish:
    """What both sites were told."""

    recorded: tuple[Receipt, ...]
    refused: tuple[Refused, ...]


def prepare(senders: tuple[Sender, ...], offered: int, rounds: int) -> list[Race]:
    """Offers of the first municipality, needs of the second and the third."""
    giver, *takers = senders
    needs = [[ulid() for _ in range(rounds)] for _ in takers]
    for taker, ids in zip(takers, needs, strict=True):
        lines = tuple(NeedLine(need_id, taker.site, taker.item, WANTED) for need_id in ids)
        taker.ledger.submit(RegisterNeed(lines), taker.actor)
    offers = [ulid() for _ in range(rounds)]

    def offer(offer_id: str) -> None:
        giver.ledger.submit(RegisterOffer(offer_id, offered, "own", giver.code6, item=giver.item), giver.actor)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(offer, offers))
    return [Race(offer_id, (first, second)) for offer_id, first, second in zip(offers, *needs, strict=True)]


def run(senders: tuple[Sender, ...], races: list[Race], channel: FabricChannel) -> list[Finish]:
    """All races, a few at once; both sites of a race start together."""
    height = channel.height
    assert all(sender.ledger.catch_up(height) for sender in senders)
    with ThreadPoolExecutor(ROUNDS_AT_ONCE) as pool:
        return list(pool.map(lambda race: _race(senders[1:], race), races))


def _race(takers: tuple[Sender, ...], race: Race) -> Finish:
    start = Barrier(len(takers))
    with ThreadPoolExecutor(len(takers)) as pool:
        answers = list(pool.map(lambda taker, need_id: _ask(taker, need_id, race.offer_id, start),
                                takers, race.need_ids))
    return Finish(tuple(answer for answer in answers if isinstance(answer, Receipt)),
                  tuple(answer for answer in answers if isinstance(answer, Refused)))


def _ask(taker: Sender, need_id: str, offer_id: str, start: Barrier) -> Receipt | Refused:
    line = DispatchLine(ulid(), package_id("P", secrets.choice), offer_id, need_id, WANTED)
    start.wait(timeout=30)
    try:
        return taker.ledger.submit(RequestDispatch((line,)), taker.actor)
    except Refused as refusal:
        return refusal


def conflicts(channel: FabricChannel, first_block: int) -> int:
    """Requests for dispatch that lost in a block."""
    return sum(transaction.function == "relief.request_dispatch" and transaction.code == "MVCC_READ_CONFLICT"
               for transaction in channel.transactions(first_block))


@pytest.mark.parametrize("left", [0, 4])
def test_s06_an_offer_that_covers_one_serves_exactly_one_and_tells_the_other_what_is_left(
        left: int, senders: tuple[Sender, ...], channel: FabricChannel) -> None:
    races = prepare(senders, WANTED + left, rounds=50)
    first_block = channel.height
    finishes = run(senders, races, channel)
    assert [(len(finish.recorded), len(finish.refused)) for finish in finishes] == [(1, 1)] * len(races)
    assert [(refused.code, refused.params["available"]) for finish in finishes for refused in finish.refused] == [
        ("offer_short", left)] * len(races)
    for race in races:
        assert senders[0].ledger.relief.get_offer(offer_id=race.offer_id)["requested"] == WANTED
    assert conflicts(channel, first_block) > 0, "the requests really met in blocks"


def test_s06_an_offer_that_covers_both_serves_both_and_nobody_sees_a_conflict(
        senders: tuple[Sender, ...], channel: FabricChannel) -> None:
    races = prepare(senders, 2 * WANTED, rounds=20)
    first_block = channel.height
    finishes = run(senders, races, channel)
    assert [(len(finish.recorded), len(finish.refused)) for finish in finishes] == [(2, 0)] * len(races)
    for race in races:
        assert senders[0].ledger.relief.get_offer(offer_id=race.offer_id)["requested"] == 2 * WANTED
    assert conflicts(channel, first_block) > 0, "the requests really met in blocks"
