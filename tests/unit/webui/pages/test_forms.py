"""Fields that accept what hands write, ids that follow from the form, dates and numbers in words."""
from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from moyai_contracts.api.identifiers import is_package_id
from moyai_webui.forms.fields import whole_number
from moyai_webui.forms.identifiers import derived_package_id, derived_ulid, is_op, new_op
from moyai_webui.presentation import formats

JANUARY = datetime(2024, 1, 9, 9, 42, tzinfo=timezone.utc)


@pytest.mark.parametrize(("typed", "number"), [
    ("48", 48), ("４８", 48), ("１，２００", 1200), ("1,200", 1200), (" 1 200 ", 1200), ("0", 0), ("-1", None), ("1.5", None),
    ("四十八", None), ("", None), ("48個", None), ("1234567890", None), ("²", 2), ("1e3", None)])
def test_numbers_are_read_as_hands_write_them(typed: str, number: int | None) -> None:
    assert whole_number(typed) == number


@given(st.integers(0, 999_999_999))
def test_every_number_survives_full_width_digits_and_commas(value: int) -> None:
    full_width = f"{value:,}".translate(str.maketrans("0123456789,", "０１２３４５６７８９，"))
    assert whole_number(full_width) == whole_number(f"{value:,}") == value


@given(st.text(max_size=20))
def test_no_text_brings_the_number_reader_down(typed: str) -> None:
    number = whole_number(typed)
    assert number is None or 0 <= number < 10 ** 9


def test_ids_follow_from_the_forms_own_id() -> None:
    op = new_op()
    assert is_op(op) and not is_op(op.lower()) and not is_op("x")
    first, second = derived_ulid(op, "need"), derived_ulid(op, "offer")
    assert first == derived_ulid(op, "need") != second and is_op(first) and first[:9] == op[:9]
    box = derived_package_id(op, "package")
    assert is_package_id(box) and box == derived_package_id(op, "package") != derived_package_id(new_op(), "package")


def test_dates_and_times_read_as_people_here_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "now", lambda: JANUARY)
    assert formats.day(JANUARY) == "1月9日（火）" and formats.day(date(2023, 12, 31)) == "2023年12月31日（日）"
    assert formats.moment(JANUARY) == "今日18時42分" and formats.moment(JANUARY - timedelta(days=1)) == "きのう18時42分"
    assert formats.moment(JANUARY - timedelta(days=2)) == "1月7日（日）18時42分"
    assert formats.official(JANUARY) == "令和6年1月9日（火）18時42分"
    assert formats.era_day(date(2019, 5, 1)) == "令和元年5月1日"
    assert formats.due(datetime(2024, 1, 10, 3, tzinfo=timezone.utc)) == "10日（水）12時"
    assert formats.due(datetime(2024, 2, 1, 14, 59, tzinfo=timezone.utc)) == "2月1日（木）"
    assert formats.table_time(JANUARY) == "18:42" and formats.table_time(JANUARY - timedelta(days=3)) == "1/6"
    assert formats.expiry("2024-09-30") == "2024年9月30日" and formats.expiry("2024-09") == "2024年9月"
    assert formats.number(-1200) == "−1,200" and formats.package_code("PK7Q49M2X01C") == "PK7Q 49M2 X01C"
    assert formats.place("矢田郷地区コミュニティセンター<b>") == "矢田郷地区<wbr>コミュニティ<wbr>センター&lt;b&gt;"
