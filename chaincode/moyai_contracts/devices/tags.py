"""Uniqueness tags: the same serial or supply point has the same tag in every municipality, one device at a time."""
from __future__ import annotations

from typing import Iterable, Sequence

from moyai_contracts import keys
from moyai_contracts.api.devices import Tag
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.schema import to_json
from moyai_contracts.devices import periods
from moyai_contracts.transaction import Document, Transaction


def tag_keys(tags: Iterable[Tag]) -> list[str]:
    """Keys that tags are claimed under."""
    return [keys.tag(tag.epoch, tag.tag) for tag in tags]


def open_epochs(today: str) -> tuple[str, str]:
    """The current fiscal year and the next: the epochs whose tags are written."""
    year = periods.fiscal_year(today)
    return f"{year:04}", f"{year + 1:04}"


def require_complete(tags: Sequence[Tag], today: str) -> None:
    """Each kind of tag is there once for the current epoch, in its last month for the next one too.

    Raises Refusal `bad_argument`.
    """
    current, following = open_epochs(today)
    required = {current, following} if periods.is_last_month(today) else {current}
    for kind in sorted({tag.kind for tag in tags}):
        epochs = [tag.epoch for tag in tags if tag.kind == kind]
        if not required <= set(epochs) <= {current, following} or len(set(epochs)) < len(epochs):
            raise Refusal("bad_argument", field="tags")
    require_distinct(tags)


def require_distinct(tags: Sequence[Tag]) -> None:
    """No tag is named twice, or Refusal `bad_argument`."""
    if len(set(tag_keys(tags))) < len(tags):
        raise Refusal("bad_argument", field="tags")


def claim(tx: Transaction, device_id: str, tags: Sequence[Tag]) -> list[Document]:
    """Takes the tags for a device; their members for its document. Raises Refusal `device_taken`."""
    for key in tag_keys(tags):
        if tx.get(key) is not None:
            raise Refusal("device_taken")
        tx.create(key, {"device_id": device_id})
    return members(tags)


def release(tx: Transaction, tags: Iterable[Document]) -> None:
    """Frees tags that a device's document names: it has them alone."""
    for tag in tags:
        tx.delete(keys.tag(tag["epoch"], tag["tag"]))


def members(tags: Iterable[Tag]) -> list[Document]:
    """Tags as a device's document has them, in one order."""
    return sorted(to_json(tuple(tags)), key=lambda tag: (tag["epoch"], tag["kind"]))
