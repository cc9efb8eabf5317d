"""Settings of the simulator, from the environment (prefix `MOYAI_`)."""
from __future__ import annotations

from pathlib import Path

from moyai_bridge.device_certificates import DeviceCaSettings
from moyai_bridge.settings import StoreSettings


class SimulatorSettings(StoreSettings, DeviceCaSettings):
    """Readings database, device CA and broker of the municipality whose homes are simulated.

    `profile`: the web UI's, by which residents and devices are registered. `console_profile`: the console's, which
    knows the administrator's account.
    """

    broker_host: str
    broker_port: int
    broker_ca: Path
    profile: Path
    console_profile: Path
