"""The time at which a line of a paper sheet was written, carried in the address of the form it is typed into."""
from __future__ import annotations

from datetime import timedelta

from flask import request

from moyai_webui.presentation.formats import now

OLDEST = timedelta(days=30)


def written_at() -> int | None:
    """When what is being typed in was written on paper, in seconds; None where it is not from paper."""
    typed = request.args.get("written", type=int)
    latest = int(now().timestamp())
    return typed if typed is not None and latest - int(OLDEST.total_seconds()) <= typed <= latest else None
