"""Until when: tiles for the days near today, or a day and a time of one's own."""
from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from moyai_webui.forms.fields import end_of
from moyai_webui.presentation.formats import JST, now, today

DUE_CHOICES = [("today", "今日中"), ("tomorrow", "明日"), ("three", "3日以内"), ("other", "日時を選ぶ")]
DAYS = {"today": 0, "tomorrow": 1, "three": 3}


def due_of(form: Any) -> datetime | None:
    """The moment that `form.due`, `form.due_day` and `form.due_time` name; None with the complaint in the form."""
    if form.due.data in DAYS:
        return end_of(today() + timedelta(days=DAYS[form.due.data]))
    if form.due_day.data is None:
        form.complain("due_day", "日を選んでください")
        return None
    if form.due_time.typed and form.due_time.data is None:
        form.complain("due_time", "時刻を12:00のように入れてください")
        return None
    moment = datetime.combine(form.due_day.data, form.due_time.data or time(23, 59), JST)
    if moment < now():
        form.complain("due_day", "これからの日時を選んでください")
        return None
    return moment
