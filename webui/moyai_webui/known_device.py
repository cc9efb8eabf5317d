"""The device a person signs in from: a signed cookie that stays for a year, whoever uses the device.

Wrong passwords are counted by login and device, never by address: a shelter shares one. A device from which somebody
signed in before is counted by itself, so that strangers who guess at a login shut out only other strangers.
"""
from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer

LIFETIME_SECONDS = 400 * 24 * 3600
LOGINS_KEPT = 5


@dataclass(frozen=True)
class KnownDevice:
    """A device and the logins (hashed) that were successful on it, the newest first."""

    device_id: str
    logins: tuple[str, ...] = ()

    def counted_as(self, login: str) -> str:
        """Under which name a wrong password for a login counts: this device's own, or all strangers' together."""
        return f"{login}\n{self.device_id}" if _digest(login) in self.logins else login


def this_device() -> KnownDevice:
    """The device of this request; one that was never seen gets its number when somebody has signed in."""
    try:
        device_id, *logins = _serializer().loads(request.cookies.get(_name(), ""))
        return KnownDevice(str(device_id), tuple(map(str, logins)))
    except (BadSignature, ValueError, TypeError):
        return KnownDevice(secrets.token_hex(8))


def remember(device: KnownDevice, login: str) -> None:
    """Notes that a login was successful on the device; `keep` writes it into the answer."""
    logins = (_digest(login), *(each for each in device.logins if each != _digest(login)))
    g.known_device = KnownDevice(device.device_id, logins[:LOGINS_KEPT])


def keep(response: Response) -> Response:
    """Writes the cookie where `remember` was called in this request."""
    device: KnownDevice | None = g.pop("known_device", None)
    if device is not None:
        response.set_cookie(_name(), _serializer().dumps([device.device_id, *device.logins]),
                            max_age=LIFETIME_SECONDS, httponly=True, samesite="Lax",
                            secure=current_app.config["SESSION_COOKIE_SECURE"])
    return response


def words(user_agent: str) -> str:
    """A browser as its user would call it: 「Android・Chrome」."""
    systems = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
               ("Macintosh", "Mac"), ("Linux", "Linux"))
    browsers = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    found = [next((name for mark, name in kinds if mark in user_agent), "") for kinds in (systems, browsers)]
    return "・".join(part for part in found if part) or "ブラウザー"


def _digest(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()[:16]


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}_device"


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known device")
