"""S9 with the web UI bypassed: whoever holds a municipality's service key receives its own boxes and no others."""
from __future__ import annotations

import secrets
import time

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.identifiers import package_id
from moyai_contracts.api.relief import (
    DispatchLine, NeedLine, ReceivedLine, ReceivePackage, RegisterNeed, RegisterOffer, RequestDispatch,
    ShipConsignment, ShippedPackage)

from tests.chaos.senders import Sender
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import ulid

QUANTITY = 24


@pytest.fixture
def receipt(senders: tuple[Sender, ...], channel: FabricChannel) -> ReceivePackage:
    """A box on its way from the first to the third municipality, and the command that receives it."""
    giver, _, taker = senders
    offer_id, need_id, dispatch_id, package = ulid(), ulid(), ulid(), package_id("P", secrets.choice)
    giver.ledger.submit(RegisterOffer(offer_id, QUANTITY, "own", giver.code6, item=giver.item), giver.actor)
    taker.ledger.submit(RegisterNeed((NeedLine(need_id, taker.site, taker.item, QUANTITY),)), taker.actor)
    line = DispatchLine(dispatch_id, package, offer_id, need_id, QUANTITY)
    taker.ledger.submit(RequestDispatch((line,)), taker.actor, at_height=channel.height)
    shipped = ShipConsignment(ulid(), (ShippedPackage(package),), "yamato")
    giver.ledger.submit(shipped, giver.actor, at_height=channel.height)
    return ReceivePackage(package, 1, (ReceivedLine(dispatch_id, QUANTITY),), int(time.time()), taker.site)


def test_s09_a_foreign_municipality_cannot_receive(receipt: ReceivePackage, senders: tuple[Sender, ...],
                                                   channel: FabricChannel) -> None:
    _, stranger, owner = senders
    height = channel.height
    with pytest.raises(Refused) as own_name:
        stranger.ledger.submit(receipt, stranger.actor, at_height=height)
    assert (own_name.value.code, own_name.value.status) == ("foreign_record", 403)
    with pytest.raises(Refused) as borrowed_name:
        stranger.ledger.submit(receipt, owner.actor, at_height=height)
    assert (borrowed_name.value.code, borrowed_name.value.status) == ("not_permitted", 403)
    assert owner.ledger.relief.get_package(package_id=receipt.package_id)["state"] == "shipped"

    owner.ledger.submit(receipt, owner.actor, at_height=height)
    assert owner.ledger.relief.get_package(package_id=receipt.package_id)["state"] == "received"
