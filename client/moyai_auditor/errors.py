"""What can keep an audit from being made."""
from __future__ import annotations


class AuditError(Exception):
    """No audit could be made; the text is one sentence for an administrator."""
