"""Golden telegrams, put together byte by byte from the ECHONET Lite specification and the meter class 0x0288."""
from __future__ import annotations

from fractions import Fraction

import pytest
from moyai_bridge.decoders import DECODERS, Message, Undecodable

DEVICE = "0" * 26
RECEIVED = 1_704_100_000
HALF_PAST_NINE = 1_704_760_200
"""2024-01-09T09:30 in Japan."""

# EHD 1081, TID 0001, SEOJ 028801 (meter), DEOJ 05FF01 (controller), ESV 72 (Get_Res), then OPC and the properties.
HEAD = "1081 0001 028801 05FF01 72 "
MOMENTARY = HEAD + ("05 "
                    "D3 04 00000001 "   # coefficient 1
                    "D7 01 06 "         # six digits
                    "E1 01 01 "         # 0.1 kWh a step
                    "E0 04 0001E240 "   # 123456 steps drawn
                    "E3 04 0000002A")   # 42 steps fed in
FIXED = HEAD + ("05 "
                "D3 04 0000000A "                   # coefficient 10
                "E1 01 02 "                         # 0.01 kWh a step
                "E0 04 0001E244 "
                "EA 0B 07E8 01 09 09 1E 00 0001E240 "  # 2024-01-09 09:30:00, 123456
                "EB 0B 07E8 01 09 09 1E 00 00000000")


def _decode(telegram: str) -> Message:
    return DECODERS["echonet"](DEVICE, bytes.fromhex(telegram), RECEIVED)


def test_momentary_values_take_the_time_of_their_receipt() -> None:
    assert _decode(MOMENTARY) == Message(DEVICE, RECEIVED, RECEIVED, {"import": 123456, "export": 42}, "Wh",
                                         Fraction(100), 6, counts=False)


def test_values_of_a_fixed_time_win_and_bring_their_time() -> None:
    assert _decode(FIXED) == Message(DEVICE, HALF_PAST_NINE, HALF_PAST_NINE, {"import": 123456, "export": 0}, "Wh",
                                     Fraction(100), None, counts=False)


@pytest.mark.parametrize(("code", "wh"), [
    ("00", 1000), ("01", 100), ("02", 10), ("03", 1), ("04", Fraction(1, 10)), ("0A", 10_000), ("0B", 100_000),
    ("0C", 1_000_000), ("0D", 10_000_000)])
def test_every_unit_of_the_specification(code: str, wh: Fraction) -> None:
    assert _decode(MOMENTARY.replace("E1 01 01", f"E1 01 {code}")).step == wh


def test_a_frame_without_unit_leaves_the_step_to_the_registration() -> None:
    message = _decode(HEAD + "01 E0 04 00000005")
    assert (message.registers, message.step, message.digits) == ({"import": 5}, None, None)


def test_a_meter_without_coefficient_answers_that_it_has_none() -> None:
    """Get_SNA: 0xD3 comes back without data, the rest with it; the coefficient is then 1."""
    message = _decode(HEAD.replace("72", "52") + "03 D3 00 E1 01 00 E0 04 00000005")
    assert (message.registers, message.step) == ({"import": 5}, Fraction(1000))


def test_a_register_without_data_is_absent() -> None:
    assert _decode(MOMENTARY.replace("0000002A", "FFFFFFFE")).registers == {"import": 123456}
    message = _decode(FIXED.replace("0001E240", "FFFFFFFE"))
    assert (message.registers, message.at) == ({"export": 0}, HALF_PAST_NINE)


def test_without_data_at_the_fixed_time_the_momentary_value_stands() -> None:
    message = _decode(FIXED.replace("0001E240", "FFFFFFFE").replace("00000000", "FFFFFFFE"))
    assert (message.registers, message.at) == ({"import": 123460}, RECEIVED)


def test_a_notification_is_read_like_an_answer() -> None:
    assert _decode(FIXED.replace("05FF01 72", "0EF001 73")).registers["import"] == 123456


@pytest.mark.parametrize(("telegram", "reason"), [
    ("1082 0001 028801 05FF01 72 01 E0 04 00000005", "format 1"),
    ("1081 0001 028801", "format 1"),
    ("1081 0001 027901 05FF01 72 01 E0 04 00000005", "no low-voltage smart meter"),
    ("1081 0001 028801 05FF01 62 01 E0 00", "service 0x62"),
    (HEAD + "02 E0 04 00000005", "cut off"),
    (HEAD + "01 E0 04 000000", "cut off"),
    (HEAD + "01 E0 04 00000005 00", "follow the last"),
    (HEAD + "01 E0 02 0005", "2 bytes instead of 4"),
    (HEAD + "01 D7 01 06", "no cumulative energy"),
    (HEAD + "01 E0 04 FFFFFFFE", "no cumulative energy"),
    (HEAD + "01 E0 04 05F5E100", "eight digits"),
    (HEAD + "02 E1 01 05 E0 04 00000005", "unknown unit 0x05"),
    (HEAD + "03 D3 04 00000000 E1 01 00 E0 04 00000005", "coefficient 0"),
    (HEAD + "01 EA 0B 07E8 0D 09 09 1E 00 00000001", "no time"),
    (HEAD + "01 EA 0B 0001 01 01 09 1E 00 00000001", "before 1970"),
    (FIXED.replace("EB 0B 07E8 01 09 09 1E", "EB 0B 07E8 01 09 0A 00"), "different times"),
])
def test_what_is_no_telegram_of_a_meter_is_refused(telegram: str, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        _decode(telegram)
