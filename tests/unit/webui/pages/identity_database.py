"""Signing in with the real tables: an empty database made once and copied for each test."""
from __future__ import annotations

import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from moyai_database.database import Database
from moyai_webui.identity import Identity
from moyai_webui.store import schema
from moyai_webui.store.identity import open_identity


@lru_cache(maxsize=1)
def _empty() -> Path:
    path = Path(tempfile.mkdtemp(prefix="moyai-empty-")) / "moyai.sqlite"
    database = Database(f"sqlite:///{path}")
    schema.prepare(database)
    database.close()
    return path


def empty_identity(folder: Path) -> Identity:
    """What signing in is built upon, nobody there yet."""
    shutil.copy(_empty(), folder / "moyai.sqlite")
    return open_identity(Database(f"sqlite:///{folder / 'moyai.sqlite'}"))
