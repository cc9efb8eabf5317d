"""The six digits: right within half a minute, once, or a recovery code instead."""
from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pyotp
import pytest

from moyai_webui import second_factor

NOW = datetime(2024, 1, 9, 9, 0, 10, tzinfo=timezone.utc)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def test_s11_the_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, with six digits."""
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        at = datetime.fromtimestamp(seconds, timezone.utc)
        assert second_factor.step_of(SECRET, code, at) == seconds // 30


@pytest.mark.parametrize(("seconds", "valid"), [(0, True), (30, True), (-30, True), (61, False), (-61, False)])
def test_s11_a_clock_may_be_half_a_minute_off(seconds: int, valid: bool) -> None:
    code = pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=seconds))
    assert (second_factor.step_of(SECRET, code, NOW) is not None) is valid


def test_s11_recovery_codes_differ_and_are_typed_as_people_like() -> None:
    codes = second_factor.new_recovery_codes()
    assert len(set(codes)) == 10 and {len(code) for code in codes} == {10}
    typed = f" {codes[0][:5].upper()}-{codes[0][5:]} "
    assert second_factor.normal_code(typed) == codes[0]
    assert second_factor.recovery_digest(codes[0]) != second_factor.recovery_digest(codes[1])
