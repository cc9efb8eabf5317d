"""Fields: full-width digits and commas are accepted, and every complaint is a Japanese sentence."""
from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from wtforms import Form, FormField, StringField, ValidationError

from moyai_webui.presentation.formats import JST, today

LARGEST = 10_000_000


def half_width(typed: str) -> str:
    """Full-width letters and digits made half-width, blanks at the ends removed."""
    return unicodedata.normalize("NFKC", typed).strip()


def whole_number(typed: str) -> int | None:
    """The number somebody typed, such as 「１，２００」, 1 200 or 「48個」 without its unit; None when it is none."""
    digits = re.sub(r"[,、 ]", "", half_width(typed))
    return int(digits) if re.fullmatch(r"[0-9]{1,9}", digits) else None


class Line(StringField):
    """One line of text; blanks at its ends are not part of it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = re.sub(r"[\r\n\t]+", " ", valuelist[0]).strip() if valuelist else ""


class Code(StringField):
    """A code or login typed by hand: half-width."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = half_width(valuelist[0]) if valuelist else ""


class Number(StringField):
    """A whole number. `data` is an int or None; what was typed is shown again."""

    def __init__(self, label: str, *, least: int = 1, most: int = LARGEST, required: bool = True, message: str = "",
                 **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.least, self.most, self.needed = least, most, required
        self.message = message or f"{label}を{least}以上の数字で入れてください"
        self.flags.required = required

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data = whole_number(self.typed)

    def _value(self) -> str:
        return str(self.data) if self.data is not None else getattr(self, "typed", "")

    def pre_validate(self, form: Form) -> None:
        if not getattr(self, "typed", "") and not self.needed:
            return
        if self.data is None or self.data < self.least:
            raise ValidationError(self.message)
        if self.data > self.most:
            raise ValidationError(f"{self.label.text}は{self.most:,}以下にしてください")


class Select(StringField):
    """One of a list; the page checks what was chosen. `choices` are (value, words)."""

    def __init__(self, label: str, *, choices: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.choices = list(choices)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist else ""


class Choice(Select):
    """One of a few tiles. `message` is what to say when none is chosen."""

    def __init__(self, label: str, *, message: str = "", **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.message = message or f"{label}を選んでください"
        self.flags.required = True

    def pre_validate(self, form: Form) -> None:
        if self.data not in [value for value, _ in self.choices]:
            raise ValidationError(self.message)


class BestBefore(FormField):
    """賞味期限 as printed on the box: year, month, and a day that may be empty. `text` is 2024-09-30 or 2024-09."""

    class Parts(Form):
        year = Code("年")
        month = Code("月")
        day = Code("日")

    def __init__(self, label: str, *, required: bool = True, **kwargs: Any) -> None:
        super().__init__(self.Parts, label, **kwargs)
        self.needed = required
        self.flags.required = required
        self.text = ""

    def validate(self, form: Form, extra_validators: Any = ()) -> bool:
        self.problem = self._read()
        return not self.problem

    @property
    def errors(self) -> list[str]:
        return [problem] if (problem := getattr(self, "problem", "")) else []

    def _read(self) -> str:
        typed = [getattr(self.form, part).data or "" for part in ("year", "month", "day")]
        if not any(typed):
            return "賞味期限を入れてください" if self.needed else ""
        numbers = [whole_number(part) if part else 0 for part in typed]
        year, month, day = (-1 if number is None else number for number in numbers)
        if not 2000 <= year <= 2100 or not 1 <= month <= 12:
            return "賞味期限の年と月を、2026年9月のような数字で入れてください"
        last = calendar.monthrange(year, month)[1]
        if not 0 <= day <= last:
            return f"賞味期限の日は、1から{last}の数字か、空にしてください"
        if date(year, month, day or last) < today():
            return "賞味期限が過ぎています"
        self.text = f"{year}-{month:02}-{day:02}" if day else f"{year}-{month:02}"
        return ""


def best_before_parts(text: str | None) -> dict[str, str]:
    """What fills a BestBefore with 2024-09-30 or 2024-09."""
    return dict(zip(("year", "month", "day"), (part.lstrip("0") for part in (text or "").split("-") if part)))


class Day(StringField):
    """A date from the browser's own control, or typed as 2026-01-09 or 2026/1/9. `data` is a date or None."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = half_width(valuelist[0]) if valuelist else ""
        match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", self.typed)
        try:
            self.data = date(*(int(part) for part in match.groups())) if match else None
        except ValueError:
            self.data = None

    def _value(self) -> str:
        return self.data.isoformat() if self.data else getattr(self, "typed", "")


class Clock(StringField):
    """A time of day such as 12:00 or 12時. `data` is a time or None."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = half_width(valuelist[0]) if valuelist else ""
        match = re.fullmatch(r"(\d{1,2})(?:[:時](\d{1,2})?分?)?", self.typed)
        hour, minute = (int(part or 0) for part in match.groups()) if match else (24, 0)
        self.data = time(hour, minute) if hour < 24 and minute < 60 else None

    def _value(self) -> str:
        return self.data.strftime("%H:%M") if self.data else getattr(self, "typed", "")


def end_of(day: date) -> datetime:
    """The last minute of a day in Japan."""
    return datetime.combine(day, time(23, 59), JST)
