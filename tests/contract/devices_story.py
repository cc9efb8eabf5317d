"""Meters, bridges and pages of totals for the suite, each made afresh: a ledger with a history serves as well."""
from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from moyai_client.actor_key import ActorKey
from moyai_client.errors import Refused
from moyai_client.ledger import Receipt
from moyai_contracts.api import Actor, Command
from moyai_contracts.api.devices import AnchorBatch, Flags, RecordTotals, RegisterDevice, Tag, TotalsRow
from moyai_contracts.api.directory import AccountLine, OpenAccount, Ratio

from tests.contract.channel import NANAO
from tests.contract.scene import Scene, random_id, ulid

JST = timezone(timedelta(hours=9))
HALF_HOUR = 1800


def midnight(date: str) -> int:
    """UTC seconds at which a day begins in Japan."""
    return int(datetime.fromisoformat(date).replace(tzinfo=JST).timestamp())


def fiscal_year(at: int) -> str:
    """Fiscal year of a moment in Japan."""
    day = datetime.fromtimestamp(at, JST)
    return str(day.year if day.month >= 4 else day.year - 1)


def slot_of(at: int) -> str:
    """The half-hour that a moment lies in."""
    return datetime.fromtimestamp(at - at % HALF_HOUR, timezone.utc).strftime("%Y%m%dT%H%M")


def digest() -> str:
    """A root, tag or fingerprint nobody has used."""
    return secrets.token_hex(32)


class DevicesStory:
    """七尾市 with a clerk and a resident, and whatever a test makes of them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.clerk = scene.official(NANAO, "C")
        self.resident = self.account()
        self.cohort, self.bridge = ulid(), f"b-{secrets.token_hex(6)}"
        self.root: str | None = None

    @property
    def now(self) -> int:
        """About the time of the next transaction."""
        return self.scene.channel.now

    def account(self, code6: str = NANAO, role: str = "M", party: str = "person") -> str:
        """A new resident's account."""
        line = AccountLine(random_id(), (role,), code6, party)
        if role == "P":
            self.scene.submit(code6, "webui", OpenAccount((line,)))
        else:
            actor, _ = self.scene.channel.administrator(code6)
            self.scene.submit(code6, "webui", OpenAccount((line,)), actor=actor)
        return line.account_id

    # As the clerk, and as the bridge

    def submit(self, command: Command, op: str | None = None) -> Receipt:
        """Records a command of the clerk."""
        return self.scene.submit(NANAO, "webui", command, actor=self.clerk, op=op)

    def refusal(self, command: Command, **options: Any) -> Refused:
        """What the clerk is told."""
        return self.scene.refusal(NANAO, "webui", command, actor=self.clerk, **options)

    def by_bridge(self, command: Command, op: str | None = None) -> Receipt:
        """Records a command of the bridge."""
        return self.scene.submit(NANAO, "bridge", command, op=op)

    def bridge_refusal(self, command: Command) -> Refused:
        """What the bridge is told."""
        return self.scene.refusal(NANAO, "bridge", command)

    def clerk_key(self) -> ActorKey:
        """A key that the clerk has registered alone."""
        return self.scene.key(self.clerk)

    def document(self, query: str, **arguments: Any) -> dict[str, Any]:
        """A document of the context."""
        return dict(self.scene.evaluate(NANAO, f"devices.get_{query}", **arguments))

    # Devices

    def tags(self, *epochs: str, kinds: tuple[str, ...] = ("serial", "supply_point")) -> tuple[Tag, ...]:
        """Fresh tags; of what the moment demands, unless epochs are named."""
        current = fiscal_year(self.now)
        in_march = datetime.fromtimestamp(self.now, JST).month == 3
        demanded = (current, str(int(current) + 1)) if in_march else (current,)
        return tuple(Tag(kind, epoch, digest()) for epoch in epochs or demanded for kind in kinds)

    def registration(self, **changes: Any) -> RegisterDevice:
        """A meter of 60 A that counts watt-hours in steps of 100, with six digits."""
        values: dict[str, Any] = {
            "device_id": random_id(), "account": self.resident, "kind": "meter", "tags": self.tags(),
            "certificate": digest(), "registers": ("import", "export", "generation"), "capacity": 6000, "unit": "Wh",
            "coefficient": Ratio(100, 1), "digits": 6, "installed_on": "2023-10-01"}
        return RegisterDevice(**values | changes)

    def device(self, **changes: Any) -> str:
        """A new device; its id."""
        command = self.registration(**changes)
        self.submit(command)
        return command.device_id

    # Batches

    def batch(self, **changes: Any) -> AnchorBatch:
        """The bridge's next batch."""
        values: dict[str, Any] = {
            "slot": slot_of(self.now), "bridge": self.bridge, "n": secrets.randbelow(10_000), "root": digest(),
            "size": 30, "first_at": self.now - HALF_HOUR, "last_at": self.now, "flags": Flags(gap=2),
            "previous": self.root}
        return AnchorBatch(**values | changes)

    def anchor(self, **changes: Any) -> AnchorBatch:
        """Anchors the next batch."""
        command = self.batch(**changes)
        self.by_bridge(command)
        self.root = command.root
        return command

    # Totals

    def row(self, device: str, register: str = "import", **changes: Any) -> TotalsRow:
        """December 2023 of a device of `registration`: 1,000 steps, 100 kWh."""
        values: dict[str, Any] = {
            "device_id": device, "register": register, "from_at": midnight("2023-12-01"),
            "to_at": midnight("2024-01-01"), "first_raw": 5000, "last_raw": 6000, "amount": 100_000,
            "expected": 1488, "received": 1480, "quality": "measured"}
        return TotalsRow(**values | changes)

    def page(self, *rows: TotalsRow, **changes: Any) -> RecordTotals:
        """Page 0 of December 2023."""
        values: dict[str, Any] = {"cohort": self.cohort, "month": "2023-12", "page": 0, "rows": rows}
        return RecordTotals(**values | changes)

    def full_page(self, devices: list[str], month: str = "2023-12") -> RecordTotals:
        """A page of 250 rows: all registers of 83 devices, and one more; for tests and for measuring."""
        start, end = midnight(f"{month}-01"), midnight(_first_of_next(month))
        halves = (end - start) // HALF_HOUR
        rows = [self.row(device, register, from_at=start, to_at=end, first_raw=100_000 + number,
                         last_raw=104_119 + number, amount=411_900, expected=halves, received=halves - 2)
                for number, device in enumerate(devices) for register in ("import", "export", "generation")]
        return self.page(*rows[:250], month=month)


def after(row: TotalsRow, to_at: int, steps: int, **changes: Any) -> TotalsRow:
    """The row of the time after a row."""
    halves = (to_at - row.to_at) // HALF_HOUR
    return replace(row, from_at=row.to_at, to_at=to_at, first_raw=row.last_raw, last_raw=row.last_raw + steps,
                   amount=100 * steps, expected=halves, received=halves, **changes)


def _first_of_next(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year + number // 12:04}-{number % 12 + 1:02}-01"


def clerk_of(scene: Scene, code6: str) -> Actor:
    """A clerk of another municipality."""
    return scene.official(code6, "C")
