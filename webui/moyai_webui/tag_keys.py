"""The keys of uniqueness tags, the same for all municipalities below one state folder.

Municipalities that each run on their own hand a year's key over from console to console (`moyai bridge epoch-key`).
"""
from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date

from moyai_bridge.store import schema
from moyai_bridge.store.epoch_keys import KEY_BYTES, EpochKeys, fiscal_year


def prepare_readings(urls: Sequence[str], today: date, *, all_here: bool) -> None:
    """Makes the readings databases. `all_here`: they are those of all municipalities, and get the keys of this fiscal
    year and the next; keys that one of them has are the others' too. Harmless when repeated."""
    databases = [schema.open_readings(url) for url in urls]
    for database in databases:
        schema.prepare(database)
    stores = [EpochKeys(database) for database in databases] if all_here else []
    for year in (fiscal_year(today), fiscal_year(today) + 1):
        epoch = f"{year:04}"
        known = (store.find(epoch) for store in stores)
        key = next(filter(None, known), None) or secrets.token_bytes(KEY_BYTES)
        for store in stores:
            store.keep(epoch, key)
    for database in databases:
        database.close()
