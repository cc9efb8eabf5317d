"""How long the certificates of the network are good for."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Iterator

from cryptography import x509

from moyai_network.definition import Consortium, Municipality
from moyai_network.errors import NetworkError
from moyai_network.layout import State
from moyai_network.rendering.certificates import certificates


@dataclass(frozen=True, slots=True)
class Validity:
    """One certificate: the program or service it belongs to, its file, when it ends (UTC), and what to do then."""

    owner: str
    path: Path
    ends: datetime
    remedy: str

    def days_left(self, now: datetime) -> int:
        """Whole days until it ends, negative once it has."""
        return (self.ends - now).days


def validities(municipality: Municipality, state: State) -> Iterator[Validity]:
    """Every certificate of the municipality that is there."""
    home, renew = state.home(municipality.code).ca, f"call `moyai network renew {municipality.code}`"
    files = [(certificate.owner, certificate.file, renew) for certificate in certificates(municipality, state)]
    files += [(f"ca-{municipality.code}", home / name, f"have its key certified again and put it at {home / name}")
              for name in ("ca-cert.pem", "tls/ca-cert.pem", "devices/ca-cert.pem", "tls-cert.pem")]
    for owner, path, remedy in files:
        if path.exists():
            ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
            yield Validity(owner, path, ends, remedy)


def days_left(municipality: Municipality, state: State, now: datetime) -> dict[str, int]:
    """The least number of days any certificate of each owner is still good for."""
    found: dict[str, int] = {}
    for validity in validities(municipality, state):
        found[validity.owner] = min(validity.days_left(now), found.get(validity.owner, 1 << 30))
    return found


def demand_valid(consortium: Consortium, state: State) -> None:
    """NetworkError names the first certificate that has ended."""
    now = datetime.now(timezone.utc)
    for municipality in consortium.municipalities:
        for validity in validities(municipality, state):
            if validity.ends <= now:
                raise NetworkError(
                    f"The certificate of {validity.owner} ({municipality.name}) expired on {validity.ends:%Y-%m-%d}: "
                    f"{validity.remedy}.")
