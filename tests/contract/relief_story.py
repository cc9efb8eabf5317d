"""Relief told in one line a step: the commands with what does not matter filled in."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moyai_contracts.api.relief import (
    DispatchLine, NeedLine, ReceivedLine, ReceivePackage, RegisterNeed, RegisterOffer, RequestDispatch,
    ShipConsignment, ShippedLine, ShippedPackage)

from tests.contract.relief_world import HACHIOJI, SHELTER, WATER, Outcome, Person, World, make_world


@dataclass(frozen=True)
class Box:
    """A dispatch in its one box."""

    need_id: str
    offer_id: str
    dispatch_id: str
    package_id: str
    quantity: int


class Story:
    """A world in which relief happens. `actors` are by name as in `make_world`."""

    def __init__(self) -> None:
        self.world: World = make_world()

    def __getitem__(self, name: str) -> Person:
        return self.world.people[name]

    def submit(self, who: str, command: Any, **options: Any) -> Outcome:
        """A command by a person."""
        return self.world.submit(self[who], command, **options)

    def need(self, quantity: int = 100, *, who: str = "clerk", **fields: Any) -> str:
        """An open need of the shelter."""
        line = NeedLine(**({"need_id": self.world.ulid(), "site": SHELTER, "item": WATER, "quantity": quantity}
                           | fields))
        self.submit(who, RegisterNeed((line,)))
        return line.need_id

    def offer(self, quantity: int = 100, *, who: str = "supporter", **fields: Any) -> str:
        """An open offer."""
        command = offer_of(self.world.ulid(), quantity, **fields)
        self.submit(who, command)
        return command.offer_id

    def line(self, need_id: str, offer_id: str, quantity: int, **fields: Any) -> DispatchLine:
        """A line of a request."""
        return DispatchLine(**({"dispatch_id": self.world.ulid(), "package_id": self.world.package_id(),
                                "offer_id": offer_id, "need_id": need_id, "quantity": quantity} | fields))

    def request(self, need_id: str | None = None, offer_id: str | None = None, quantity: int = 60, *,
                who: str = "clerk", **fields: Any) -> Box:
        """A box that is asked for."""
        line = self.line(need_id or self.need(), offer_id or self.offer(), quantity, **fields)
        self.submit(who, RequestDispatch((line,)))
        return Box(line.need_id, line.offer_id, line.dispatch_id, line.package_id, quantity)

    def ship(self, box: Box, quantity: int | None = None, *, who: str = "supporter", **options: Any) -> str:
        """The box leaves; gives the consignment's id."""
        command = shipping(self.world.ulid(), box, quantity)
        self.submit(who, command, **options)
        return command.consignment_id

    def receive(self, box: Box, good: int, *, who: str = "shelter", **fields: Any) -> Outcome:
        """The box arrives; of the four counts those not named are 0."""
        scanned_at = fields.pop("scanned_at", self.world.ledger.now)
        return self.submit(who, receipt(box, good, scanned_at, **fields))

    def shipped(self, quantity: int | None = None, **fields: Any) -> Box:
        """A box on its way."""
        box = self.request(**fields)
        self.ship(box, quantity)
        return box

    def differing(self) -> tuple[Box, str]:
        """A box that was received short, and the id of its discrepancy."""
        box = self.shipped()
        outcome = self.receive(box, 50, short=10)
        return box, outcome.data["discrepancy_id"]

    def figures(self, box: Box) -> tuple[int, int, int]:
        """The need's committed, the offer's requested and withdrawn."""
        offer = self.world.offer(box.offer_id)
        return self.world.need(box.need_id)["committed"], offer["requested"], offer["withdrawn"]


def offer_of(offer_id: str, quantity: int, **fields: Any) -> RegisterOffer:
    """The command that offers."""
    return RegisterOffer(**({"offer_id": offer_id, "quantity": quantity, "transport": "own", "ships_from": HACHIOJI}
                            | ({} if "item_name" in fields else {"item": WATER}) | fields))


def shipping(consignment_id: str, box: Box, quantity: int | None = None) -> ShipConsignment:
    """The command that ships one box."""
    lines = None if quantity is None else (ShippedLine(box.dispatch_id, quantity),)
    return ShipConsignment(consignment_id, (ShippedPackage(box.package_id, lines),), "yamato")


def receipt(box: Box, good: int, scanned_at: int, **fields: Any) -> ReceivePackage:
    """The command that receives one box; `short`, `damaged`, `refused` belong to its line."""
    counts = {name: fields.pop(name) for name in ("short", "damaged", "refused") if name in fields}
    return ReceivePackage(**({"package_id": box.package_id, "label_serial": 1, "scanned_at": scanned_at,
                              "site": SHELTER, "lines": (ReceivedLine(box.dispatch_id, good, **counts),)} | fields))
