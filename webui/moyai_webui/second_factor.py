"""The six digits of an authenticator app (RFC 6238), and recovery codes for when it is lost."""
from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

import pyotp
from moyai_contracts.api.identifiers import CROCKFORD

from moyai_webui.identity import SecondFactor, SecondFactors

STEP_SECONDS = 30
TOLERANCE = 1
"""Steps that a clock may be early or late."""
RECOVERY_CODES = 10


def new_secret() -> str:
    return pyotp.random_base32()


def address(secret: str, login: str, issuer: str) -> str:
    """What the QR code of the enrolment says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step that a code belongs to, None where it is not valid now."""
    current = int(now.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret)
    for step in range(current - TOLERANCE, current + TOLERANCE + 1):
        if secrets.compare_digest(app.at(step * STEP_SECONDS), code):
            return step
    return None


def accepts(factors: SecondFactors, factor: SecondFactor, typed: str, now: datetime) -> bool:
    """Whether a typed code is right and was never used; a recovery code is used up."""
    code = normal_code(typed)
    if len(code) == 6 and code.isdigit():
        step = step_of(factor.secret, code, now)
        return step is not None and factors.use_step(factor.user_id, step)
    return factors.use_recovery(factor.user_id, recovery_digest(code))


def new_recovery_codes() -> list[str]:
    """Ten codes of ten symbols without look-alikes, 50 bits each."""
    return ["".join(secrets.choice(CROCKFORD) for _ in range(10)).lower() for _ in range(RECOVERY_CODES)]


def recovery_digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def normal_code(typed: str) -> str:
    """A code as it is compared: blanks and hyphens are no part of it."""
    return "".join(symbol for symbol in typed.casefold() if symbol.isalnum())
