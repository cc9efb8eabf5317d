"""What stands in the subject line."""
from __future__ import annotations

from moyai_webui.presentation.vocabulary import MAIL_KINDS


def subject(kind: str, about: str) -> str:
    """【もやい】送付依頼：毛布 48枚"""
    return f"【もやい】{MAIL_KINDS[kind]}：{about}" if about else f"【もやい】{MAIL_KINDS[kind]}"
