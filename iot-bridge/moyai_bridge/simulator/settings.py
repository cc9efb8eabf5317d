"""Settings of the simulator, from the environment (prefix `MOYAI_`)."""
from __future__ import annotations

from pathlib import Path

from moyai_bridge.device_certificates import DeviceCaSettings
from moyai_bridge.settings import StoreSettings


class SimulatorSettings(StoreSettings, DeviceCaSettings):
    """Readings database, device CA and broker of the municipality whose homes are simulated."""

    broker_host: str
    broker_port: int
    broker_ca: Path
