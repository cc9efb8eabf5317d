"""Databases of both kinds."""
from __future__ import annotations

from tests.postgresql import database_url, postgresql  # noqa: F401
