"""Relief told in one line a step: the commands with what does not matter filled in, on either channel."""
from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from moyai_client.actor_key import ActorKey
from moyai_client.ledger import Prepared, Receipt
from moyai_contracts.api import Command, identifiers
from moyai_contracts.api.relief import (
    DispatchLine, NeedLine, ReceivedLine, ReceivePackage, RegisterNeed, RegisterOffer, RequestDispatch,
    SetSiteStatus, ShipConsignment, ShippedLine, ShippedPackage)

from tests.contract.channel import HACHIOJI, NANAO, Channel, Submission
from tests.contract.memory_channel import MemoryChannel
from tests.contract.relief_cast import Cast, Person, make_cast
from tests.contract.scene import Scene, ulid

Document = dict[str, Any]
JST = timezone(timedelta(hours=9))


@dataclass(frozen=True)
class Box:
    """A dispatch in its one box."""

    need_id: str
    offer_id: str
    dispatch_id: str
    package_id: str
    quantity: int


@dataclass(frozen=True)
class Outcome:
    """What became of a command."""

    op: str
    receipt: Receipt
    channel: Channel

    @property
    def replayed(self) -> bool:
        """Whether it is the earlier result."""
        return self.receipt.replayed

    @property
    def data(self) -> Document:
        """The data of the command's event."""
        number = self.receipt.block_number
        assert number is not None, "an earlier result has no event of its own"
        (found,) = (each for each in self.channel.transactions(number) if each.tx_id == self.receipt.tx_id)
        assert found.valid and found.event is not None
        data: Document = found.event.payload["data"]
        return data


def package_id(prefix: str = "P") -> str:
    """A fresh package id with a true check symbol."""
    return identifiers.package_id(prefix, secrets.choice)


class Story:
    """Relief on a channel. `who` is always a name of the cast; the shelter has a need of water."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.scope: str | None = None
        self.scene = Scene(channel)
        self.cast: Cast = make_cast(self.scene)

    # Acting

    def __getitem__(self, name: str) -> Person:
        return self.cast.people[name]

    def submission(self, who: str, command: Command, *, op: str | None = None,
                   keys: tuple[ActorKey, ...] | None = None, scope: str | None = None) -> Submission:
        """A person's command, ready to send; `scope` as in the story unless named."""
        person = self[who]
        scope = (scope or self.scope) if command.transaction.startswith("relief.") else None
        return Submission(person.code6, person.service, command, op or ulid(), person.actor,
                          person.keys if keys is None else keys, scope)

    def prepare(self, who: str, command: Command, **options: Any) -> Prepared:
        """An endorsed transaction. Raises Refused."""
        ready = self.submission(who, command, **options)
        access = self.channel.access(ready.code6, ready.service)
        return access.prepare(ready.command, ready.actor, op=ready.op, scope=ready.scope, signers=ready.keys)

    def submit(self, who: str, command: Command, **options: Any) -> Outcome:
        """Records a command. Raises Refused."""
        ready = self.submission(who, command, **options)
        receipt = self.scene.submit(ready.code6, ready.service, command, actor=ready.actor, keys=tuple(ready.keys),
                                    op=ready.op, scope=ready.scope)
        assert receipt.result["op"] == ready.op
        return Outcome(ready.op, receipt, self.channel)

    def package_id(self) -> str:
        """A fresh package id of the story's scope."""
        return package_id("P" if self.scope is None else "T")

    # Asking

    def query(self, name: str, **arguments: Any) -> Any:
        """A query's answer. Raises Refused."""
        if self.scope is not None and name.startswith("relief."):
            arguments = {"scope": self.scope} | arguments
        return self.scene.evaluate(NANAO, name, **arguments)

    def read_need(self, need_id: str) -> Document:
        return self.query("relief.get_need", need_id=need_id)

    def read_offer(self, offer_id: str) -> Document:
        return self.query("relief.get_offer", offer_id=offer_id)

    def read_dispatch(self, box: Box) -> Document:
        return self.query("relief.get_dispatch", need_id=box.need_id, dispatch_id=box.dispatch_id)

    def read_package(self, box: Box) -> Document:
        return self.query("relief.get_package", package_id=box.package_id)

    def read_discrepancy(self, box: Box, discrepancy_id: str) -> Document:
        return self.query("relief.get_discrepancy", package_id=box.package_id, discrepancy_id=discrepancy_id)

    def check_need(self, need_id: str) -> Document:
        return self.query("relief.check_need", need_id=need_id)

    def figures(self, box: Box) -> tuple[int, int, int]:
        """The need's committed, the offer's requested and withdrawn."""
        offer = self.read_offer(box.offer_id)
        return self.read_need(box.need_id)["committed"], offer["requested"], offer["withdrawn"]

    # Steps

    def open_site(self, who: str, site: str) -> None:
        """The site is open in the story's scope."""
        self.submit(who, SetSiteStatus(self[who].code6, site, True))

    def need_line(self, quantity: int = 100, **fields: Any) -> NeedLine:
        """A need of the shelter, not yet registered."""
        return NeedLine(**({"need_id": ulid(), "site": self.cast.shelter, "item": self.cast.water, "quantity": quantity}
                           | fields))

    def need(self, quantity: int = 100, *, who: str = "clerk", **fields: Any) -> str:
        """An open need."""
        line = self.need_line(quantity, **fields)
        self.submit(who, RegisterNeed((line,)))
        return line.need_id

    def offering(self, quantity: int = 100, **fields: Any) -> RegisterOffer:
        """The command that offers water, or what else is named."""
        item = {} if "item_name" in fields else {"item": self.cast.water}
        return RegisterOffer(**({"offer_id": ulid(), "quantity": quantity, "transport": "own", "ships_from": HACHIOJI}
                                | item | fields))

    def offer(self, quantity: int = 100, *, who: str = "supporter", **fields: Any) -> str:
        """An open offer."""
        command = self.offering(quantity, **fields)
        self.submit(who, command)
        return command.offer_id

    def line(self, need_id: str, offer_id: str, quantity: int, **fields: Any) -> DispatchLine:
        """A line of a request."""
        return DispatchLine(**({"dispatch_id": ulid(), "package_id": self.package_id(), "offer_id": offer_id,
                                "need_id": need_id, "quantity": quantity} | fields))

    def request(self, need_id: str | None = None, offer_id: str | None = None, quantity: int = 60, *,
                who: str = "clerk", **fields: Any) -> Box:
        """A box that is asked for."""
        line = self.line(need_id or self.need(), offer_id or self.offer(), quantity, **fields)
        self.submit(who, RequestDispatch((line,)))
        return Box(line.need_id, line.offer_id, line.dispatch_id, line.package_id, quantity)

    def ship(self, box: Box, quantity: int | None = None, *, who: str = "supporter") -> str:
        """The box leaves; gives the consignment's id."""
        command = shipping(box, quantity)
        self.submit(who, command)
        return command.consignment_id

    def receipt(self, box: Box, good: int, **fields: Any) -> ReceivePackage:
        """The command that receives one box at the shelter; `short`, `damaged`, `refused` belong to its line."""
        counts = {name: fields.pop(name) for name in ("short", "damaged", "refused") if name in fields}
        return ReceivePackage(**({"package_id": box.package_id, "label_serial": 1, "scanned_at": self.channel.now,
                                  "site": self.cast.shelter, "lines": (ReceivedLine(box.dispatch_id, good, **counts),)}
                                 | fields))

    def receive(self, box: Box, good: int, *, who: str = "shelter", **fields: Any) -> Outcome:
        """The box arrives."""
        return self.submit(who, self.receipt(box, good, **fields))

    def shipped(self, quantity: int | None = None) -> Box:
        """A box of 60 on its way."""
        box = self.request()
        self.ship(box, quantity)
        return box

    def differing(self) -> tuple[Box, str]:
        """A box that was received ten short, and the id of its discrepancy."""
        box = self.shipped()
        return box, self.receive(box, 50, short=10).op


class MemoryStory(Story):
    """Relief on the ledger in memory, where blocks are made by hand and time stands still."""

    channel: MemoryChannel

    @classmethod
    def begin(cls, folder: Path) -> MemoryStory:
        """The first page; `folder` keeps the consoles' keys."""
        return cls(MemoryChannel(folder).bootstrap())

    def commit(self, *prepared: Prepared) -> list[str]:
        """One block of endorsed transactions; their validation codes."""
        return self.channel.ledger.commit([self.channel.endorsed[each.transaction_id] for each in prepared])

    @property
    def state(self) -> dict[str, bytes]:
        """The committed state."""
        return self.channel.ledger.state

    @property
    def today(self) -> str:
        """Japan's date."""
        return datetime.fromtimestamp(self.channel.now, JST).date().isoformat()


def shipping(box: Box, quantity: int | None = None, consignment_id: str = "") -> ShipConsignment:
    """The command that ships one box."""
    lines = None if quantity is None else (ShippedLine(box.dispatch_id, quantity),)
    return ShipConsignment(consignment_id or ulid(), (ShippedPackage(box.package_id, lines),), "yamato")
