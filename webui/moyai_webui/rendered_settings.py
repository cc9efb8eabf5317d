"""Settings as the network rendered them into the state folder, for commands that people call."""
from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from moyai_webui.not_ready import NotReady
from moyai_webui.settings import Settings


def settings_of(state: Path, code6: str) -> Settings:
    """The settings that the network rendered for a municipality. Raises NotReady."""
    path = state / "network" / code6 / "webui.json"
    try:
        environment = json.loads(path.read_text("utf-8"))
        values = {name.removeprefix("MOYAI_").lower(): value for name, value in environment.items()}
        values["tracking_urls"] = json.loads(values.get("tracking_urls", "{}"))
        return Settings(**values)
    except FileNotFoundError:
        raise NotReady(f"{path} does not exist; call 'moyai network up' first") from None
    except (ValueError, ValidationError) as error:
        raise NotReady(f"{path} cannot be used: {error}") from error
