"""What stands in the subject line."""
from __future__ import annotations

from moyai_webui.presentation.vocabulary import MAIL_KINDS


def subject(kind: str, about: str, *, drill: bool = False) -> str:
    """【もやい】送付依頼：毛布 48枚; of a drill 【訓練】 stands before it."""
    what = f"【もやい】{MAIL_KINDS[kind]}：{about}" if about else f"【もやい】{MAIL_KINDS[kind]}"
    return f"【訓練】{what}" if drill else what
