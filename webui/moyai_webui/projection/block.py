"""One block as changes of the read model."""
from __future__ import annotations

from moyai_client import Block, Transaction

from moyai_webui.projection import directory, evidence, history, mails, relief
from moyai_webui.projection.changes import BlockChanges
from moyai_webui.projection.documents import (
    HANDLERS, NOT_PROJECTED, BrokenHandler, CannotProject, Written, decode, split_key, storable, utc)

CONTEXTS = (directory, relief, evidence)
"""Imported so that their handlers are registered."""


def changes_of(block: Block, municipality: str) -> BlockChanges:
    """What a block changes for a municipality's read model. Raises BrokenHandler."""
    changes = BlockChanges(block.number)
    for transaction in block.transactions:
        try:
            _apply(changes, transaction, municipality)
        except Exception as error:
            raise BrokenHandler(f"block {block.number}, transaction {transaction.tx_id} "
                                f"({transaction.function}): {error!r}") from error
    return changes


def _apply(changes: BlockChanges, transaction: Transaction, municipality: str) -> None:
    event = transaction.event if transaction.valid else None
    payload = storable(event.payload) if event else {}
    changes.save(
        "ledger_transaction", block=changes.number, number=transaction.number_in_block,
        tx_id=_name(transaction.tx_id), valid=transaction.valid, code=transaction.code,
        at=utc(transaction.timestamp), msp_id=_name(transaction.msp_id), function=_name(transaction.function),
        event=event.name if event else "", op=payload.get("op", ""), m=payload.get("m", ""),
        account=payload.get("actor", {}).get("account", ""))
    if event is None:
        if transaction.valid and transaction.writes:
            raise CannotProject("a valid transaction writes without an event")
        return
    changes.at = max(utc(transaction.timestamp), changes.at or utc(0))
    documents = [written for key, value in transaction.writes if (written := _written(key, value, payload))]
    for written in documents:
        HANDLERS[written.type](changes, written)
    place = (changes.number, transaction.number_in_block)
    history.tell(changes, place, transaction.function, event.name, payload, documents)
    changes.mails.extend(mails.causes(event.name, payload, municipality))


def _name(text: str) -> str:
    """A text that an invalid transaction may have chosen freely."""
    return storable(text)[:64]


def _written(key: str, value: bytes | None, payload: dict) -> Written | None:
    """The document under a key, None for one that no page shows."""
    document_type, attributes = split_key(key)
    if document_type in NOT_PROJECTED:
        return None
    if document_type not in HANDLERS:
        raise CannotProject(f"documents of type {document_type} are unknown")
    if value is None:
        raise CannotProject(f"a document of type {document_type} was deleted")
    return Written(document_type, attributes, decode(value), payload)
