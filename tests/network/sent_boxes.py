"""Boxes that a neighbour has packed for a shelter, made on the ledger so that tests can begin where boxes arrive."""
from __future__ import annotations

import random
import secrets
from dataclasses import dataclass

from moyai_contracts.api.directory import SaveSite, SiteLine
from moyai_contracts.api.identifiers import package_id
from moyai_contracts.api.relief import (
    DispatchLine, NeedLine, PackedLine, PackedPackage, Place, ReceivePackage, ReceivedLine, RegisterNeed, RegisterOffer,
    RepackDispatch, RequestDispatch, ShipConsignment, ShippedPackage)

from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.scene import Scene, ulid


@dataclass(frozen=True)
class SentBox:
    """A box with one kind of goods, `quantity` of them."""

    package_id: str
    need_id: str
    dispatch_id: str
    quantity: int


class Neighbour:
    """八王子市 sends 七尾市's shelter what it asked for."""

    def __init__(self, scene: Scene, *, item_name: str = "試験の水") -> None:
        self.scene = scene
        self.shelter = scene.site(NANAO)
        self.item = scene.item(NANAO, name=item_name)
        self.clerk = scene.official(NANAO, "C")
        self.sender = scene.official(HACHIOJI, "C")

    def hub(self) -> str:
        """A new 集積所 of 七尾市."""
        actor, _ = self.scene.channel.administrator(NANAO)
        site_id = f"H-{secrets.token_hex(8)}"
        self.scene.submit(NANAO, "webui", SaveSite((SiteLine(site_id, 0, "hub", "試験集積所", "試験町2-2"),)), actor=actor)
        return site_id

    def boxes(self, count: int, quantity: int = 24, *, shipped: bool = True, via: str = "") -> list[SentBox]:
        """One request, packed into so many boxes, which come through the hub `via`, if any."""
        need, offer, dispatch, first = ulid(), ulid(), ulid(), fresh_code()
        whole = count * quantity
        self._clerk(RegisterNeed((NeedLine(need, self.shelter, self.item, whole),)))
        self._sender(RegisterOffer(offer, whole, "own", HACHIOJI, item=self.item))
        route = (Place(NANAO, via),) if via else None
        self._clerk(RequestDispatch((DispatchLine(dispatch, first, offer, need, whole, route=route),)))
        codes = [first]
        if count > 1:
            codes = [fresh_code() for _ in range(count)]
            self._sender(RepackDispatch((first,), tuple(
                PackedPackage(code, (PackedLine(dispatch, quantity),)) for code in codes)))
        if shipped:
            self._sender(ShipConsignment(ulid(), tuple(ShippedPackage(code) for code in codes), "own_vehicle"))
        return [SentBox(code, need, dispatch, quantity) for code in codes]

    def receive(self, box: SentBox, good: int) -> None:
        """A clerk at another device counts a box."""
        line = ReceivedLine(box.dispatch_id, good, short=box.quantity - good)
        self._clerk(ReceivePackage(box.package_id, 1, (line,), self.scene.channel.now - 1, self.shelter))

    def document(self, box: SentBox) -> dict[str, object]:
        """The box as it stands on the ledger."""
        found: dict[str, object] = self.scene.evaluate(NANAO, "relief.get_package", scope="live",
                                                       package_id=box.package_id)
        return found

    def events(self, transaction: str, box: SentBox) -> list[dict[str, object]]:
        """What the chain tells of valid transactions of this name about this box, oldest first."""
        return [each.event.payload["data"] for each in self.scene.channel.transactions()
                if each.valid and each.event is not None and each.function == transaction
                and each.event.payload["data"].get("package_id") == box.package_id]

    def _clerk(self, command: object) -> None:
        self.scene.submit(NANAO, "webui", command, actor=self.clerk)  # type: ignore[arg-type]

    def _sender(self, command: object) -> None:
        self.scene.submit(HACHIOJI, "webui", command, actor=self.sender)  # type: ignore[arg-type]


def fresh_code() -> str:
    """The code of a box that nobody has used."""
    return package_id("P", random.Random(secrets.randbits(64)).choice)
