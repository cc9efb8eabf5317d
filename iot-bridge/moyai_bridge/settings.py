"""Settings of a bridge, from the environment (prefix `MOYAI_`)."""
from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from moyai_bridge.mqtt_source import Broker


class StoreSettings(BaseSettings):
    """Where a municipality's readings lie, and which bridge stores them."""

    model_config = SettingsConfigDict(env_prefix="MOYAI_", frozen=True, extra="ignore")

    municipality: str = Field(pattern=r"^\d{6}$")
    state: Path = Path("var")
    readings_url: str = ""
    bridge_name: str = Field("1", pattern=r"^[a-z0-9-]{1,20}$")

    @property
    def readings(self) -> str:
        """URL of the readings database."""
        return self.readings_url or f"sqlite:///{self.folder / 'readings.sqlite'}"

    @property
    def folder(self) -> Path:
        """The bridges' own files of this municipality."""
        return self.state / "bridge" / self.municipality


class LedgerSettings(StoreSettings):
    """How the bridge reaches the ledger."""

    bridge_profile: Path


class TotalsSettings(LedgerSettings):
    """How the months' totals record themselves. `totals_grace_seconds`: how long a month waits for missing readings."""

    totals_grace_seconds: float = Field(72 * 3600.0, ge=0)
    totals_look_seconds: float = Field(1800.0, gt=0)
    totals_status: Path


class ConsoleSettings(StoreSettings):
    """Where a clerk's key is kept: at the municipality's console."""

    console_profile: Path | None = None

    @property
    def console(self) -> Path:
        """The console's profile."""
        return self.console_profile or self.state / "network" / self.municipality / "profiles" / "console.json"


class BridgeSettings(LedgerSettings):
    """What `network.yaml` decides for a bridge. A missing or wrong value ends the start."""

    broker_host: str
    broker_port: int
    broker_ca: Path
    bridge_certificate: Path
    bridge_key: Path
    spool: Path | None = None
    anchor_seconds: float = Field(1800.0, gt=0)

    @property
    def spool_file(self) -> Path:
        """The spool's SQLite file."""
        return self.spool or self.folder / f"spool-{self.bridge_name}.sqlite"

    @property
    def status_file(self) -> Path:
        """Where the bridge says how it fares."""
        return self.spool_file.with_suffix(".status.json")

    @property
    def broker(self) -> Broker:
        return Broker(self.broker_host, self.broker_port, self.broker_ca, self.bridge_certificate, self.bridge_key,
                      f"bridge-{self.bridge_name}")
