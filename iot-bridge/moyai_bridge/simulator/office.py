"""Simulated homes become residents and devices like any other: by the path of the municipality's own office."""
from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from moyai_client import Receipt
from moyai_contracts.api import Actor, Command
from moyai_contracts.api.devices import RegisterDevice
from moyai_contracts.api.directory import AccountLine, OpenAccount, Ratio

from moyai_bridge.device_certificates import AlreadyEnrolled, DeviceCertificate
from moyai_bridge.simulator.homes import CAPACITY, REGISTERS, Home
from moyai_bridge.simulator.publisher import Credentials
from moyai_bridge.simulator.roster import LINES_A_COMMAND, Household, Roster
from moyai_bridge.simulator.year import LOCAL
from moyai_bridge.store.devices import ACTIVE, PENDING, Device, DeviceRegistry, NewDevice
from moyai_bridge.store.epoch_keys import EpochKeys

_MEMBER, _PERSON, _KIND, _UNIT = "M", "person", "meter", "Wh"


class Authority(Protocol):
    """Whoever makes certificates of devices."""

    def enrol(self, device_id: str) -> DeviceCertificate:
        """A new device's certificate."""


class LedgerPort(Protocol):
    """What of `moyai_client.Ledger` is needed here."""

    def submit(self, command: Command, actor: Actor, *, op: str, at_height: int | None = None) -> Receipt:
        """Records a command."""


@dataclass(frozen=True)
class Office:
    """Registers homes; every step that was done before is left out, so that an interrupted run goes on.

    `folder` keeps the devices' certificates and keys, for the simulator plays the devices too.
    """

    registry: DeviceRegistry
    keys: EpochKeys
    authority: Authority
    ledger: LedgerPort
    actor: Actor
    folder: Path
    clock: Callable[[], float] = time.time

    def open_accounts(self, roster: Roster) -> int | None:
        """The residents' accounts on the ledger; its height afterwards, None where all stood there before.

        Raises MoyaiError.
        """
        height = None
        for place, op in enumerate(roster.openings):
            part = roster.households[place * LINES_A_COMMAND:(place + 1) * LINES_A_COMMAND]
            lines = tuple(AccountLine(one.account, (_MEMBER,), self.actor.office, _PERSON) for one in part
                          if not one.is_resident)
            if not lines:
                continue
            receipt = self.ledger.submit(OpenAccount(lines), self.actor, op=op)
            if receipt.block_number is not None:
                height = receipt.block_number + 1
        return height

    def register(self, household: Household, home: Home, first_day: int, height: int | None) -> Credentials:
        """A home's device in the registry, at the device CA and on the ledger. `first_day`: UTC seconds within it.

        Raises MoyaiError; AlreadyEnrolled where the device's key was lost with an interrupted run.
        """
        device = self.registry.find(household.device_id)
        credentials = Credentials(self.folder / f"{household.device_id}.crt",
                                  self.folder / f"{household.device_id}.key")
        if device is None or not credentials.certificate.exists():
            device = self._enrol(household, _as_registered(household, home, first_day), credentials, device)
        if device.state == PENDING:
            self.ledger.submit(self._command(device), self.actor, op=household.op, at_height=height)
            self.registry.set_state(household.device_id, ACTIVE)
        return credentials

    def forget(self, household: Household) -> None:
        """Takes a device out that nobody has the key of."""
        self.registry.remove(household.device_id)

    def _enrol(self, household: Household, new: NewDevice, credentials: Credentials, known: Device | None) -> Device:
        certificate = self.authority.enrol(household.device_id)
        _write(credentials, certificate)
        if known is None:
            self.registry.add(new, int(self.clock()))
        self.registry.set_certificate(household.device_id, certificate.fingerprint, certificate.serial)
        device = self.registry.find(household.device_id)
        if device is None:
            raise AlreadyEnrolled(f"Device {household.device_id} left the registry meanwhile.")
        return device

    def _command(self, device: Device) -> RegisterDevice:
        today = datetime.fromtimestamp(self.clock(), LOCAL).date()
        return RegisterDevice(
            device_id=device.device_id, account=device.account, kind=device.kind,
            tags=self.keys.tags(device.serial, device.supply_point, today), certificate=device.certificate or "",
            registers=device.registers, capacity=device.capacity, unit=device.unit,
            coefficient=Ratio(device.coefficient_n, device.coefficient_d), digits=device.digits,
            installed_on=device.installed_on)


def _as_registered(household: Household, home: Home, first_day: int) -> NewDevice:
    day = datetime.fromtimestamp(first_day, LOCAL).date().isoformat()
    return NewDevice(device_id=household.device_id, label=f"シミュレーターの家 {home.number + 1}", kind=_KIND,
                     account=household.account, serial=f"SIMULATED{household.device_id}", supply_point="",
                     registers=REGISTERS, capacity=CAPACITY, unit=_UNIT, coefficient_n=home.step, coefficient_d=1,
                     digits=home.digits, installed_on=day, op=household.op)


def _write(credentials: Credentials, certificate: DeviceCertificate) -> None:
    """The certificate last: where it is, the key is too."""
    credentials.private_key.unlink(missing_ok=True)
    with open(os.open(credentials.private_key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(certificate.private_key)
    credentials.certificate.write_bytes(certificate.certificate)
