"""What all tables of the projection have in common."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from moyai_webui.store.columns import UtcTime


class Projection(DeclarativeBase):
    """Base of the projection's tables."""

    metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})
    type_annotation_map = {int: BigInteger, str: Text, datetime: UtcTime(), date: Date(), dict[str, Any]: JSON(),
                           list[Any]: JSON()}


UNSCOPED = ""
"""The scope of entries that tell of accounts, sites and devices: these are the same in drills."""


class Scoped:
    """Rows of the context relief: of the real thing (`live`) or of a drill, whose ids may be the same."""

    scope: Mapped[str] = mapped_column(String(26), primary_key=True, default="live", sort_order=-1)
