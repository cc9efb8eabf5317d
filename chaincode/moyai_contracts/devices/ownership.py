"""Whose device it is."""
from __future__ import annotations

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Document, Transaction


def own_device(tx: Transaction, device_id: str) -> Document:
    """A device of the own municipality, in use or not. Raises Refusal `not_found`, `foreign_record`."""
    device = tx.need_document(keys.device(device_id))
    tx.require_own(device["m"])
    return device


def require_register(device: Document, register: str) -> None:
    """The device has this register, or Refusal `bad_argument`."""
    if register not in device["registers"]:
        raise Refusal("bad_argument", field="register")


def require_active(device: Document) -> None:
    """The device is in use, or Refusal `wrong_state`."""
    if device["state"] != "active":
        raise Refusal("wrong_state", state=device["state"])
