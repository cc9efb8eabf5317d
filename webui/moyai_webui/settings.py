"""Settings of one municipality's web UI, from the environment (prefix `MOYAI_`)."""
from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What `network.yaml` decides for the programs of a web UI. A missing or wrong value ends the start."""

    model_config = SettingsConfigDict(env_prefix="MOYAI_", frozen=True, extra="ignore")

    municipality: str
    municipality_name: str
    profile: Path
    worker_profile: Path | None = None
    state: Path = Path("var")
    database_url: str = ""
    secret_file: Path | None = None
    public_url: str
    tracking_urls: dict[str, str] = Field(default_factory=dict)  # code6 → public address of that web UI
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    readings_url: str = ""  # without it the municipality has no meters
    broker_host: str = ""
    broker_port: int = 0
    broker_ca: Path | None = None
    mail_from: str = ""
    returned_mail_host: str = "127.0.0.1"
    returned_mail_port: int = 0  # 0: nobody hands returned mails over here
    office_mail: str = ""
    office_phone: str = ""
    suggestion_weights: Path | None = None  # another file than the one that comes with the program

    @field_validator("municipality")
    @classmethod
    def _six_digits(cls, value: str) -> str:
        if not re.fullmatch(r"\d{6}", value):
            raise ValueError("MOYAI_MUNICIPALITY is the municipality's six-digit code")
        return value

    @property
    def database(self) -> str:
        """URL of the home database and the projection."""
        return self.database_url or f"sqlite:///{self.home / 'moyai.sqlite'}"

    @property
    def secret(self) -> Path:
        return self.secret_file or self.home / "secret"

    @property
    def home(self) -> Path:
        """Folder of this municipality's own files."""
        return self.state / "webui" / self.municipality

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")

    def tracking_url(self, code6: str) -> str:
        """Public address of the web UI where boxes for this municipality are tracked."""
        return self.tracking_urls.get(code6, self.public_url).rstrip("/")
