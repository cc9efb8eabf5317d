"""What supporters offer."""
from __future__ import annotations

from typing import Annotated

from moyai_contracts.api.command import Command, Date, Ulid, transaction
from moyai_contracts.api.directory import CATEGORIES, Code6, ItemCode, Revision
from moyai_contracts.api.relief.terms import TRANSPORTS, Attributes, ExpiryDate, Quantity
from moyai_contracts.api.schema import OneOf, Text


@transaction("relief.register_offer", event="relief.offer_registered",
             data="offer_id supporter home item? item_name? quantity aimed_at? to?")
class RegisterOffer(Command):
    """Offers a quantity, free or aimed at a need; `item` of the catalogue, or `item_name` with its category."""
    offer_id: Ulid
    quantity: Quantity
    transport: Annotated[str, OneOf(TRANSPORTS)]
    ships_from: Code6
    item: ItemCode | None = None
    item_name: Annotated[str, Text(40, 1, public=True)] | None = None
    category: Annotated[str, OneOf(CATEGORIES)] | None = None
    attributes: Attributes | None = None
    aimed_at: Ulid | None = None
    available_from: Date | None = None
    available_until: Date | None = None
    expires_on: ExpiryDate | None = None


@transaction("relief.change_offer", event="relief.offer_changed", data="offer_id changed quantity deltas")
class ChangeOffer(Command):
    """Changes the free part of an offer; what is promised stays."""
    offer_id: Ulid
    rev: Revision
    quantity: Quantity | None = None
    available_from: Date | None = None
    available_until: Date | None = None
    expires_on: ExpiryDate | None = None
    transport: Annotated[str, OneOf(TRANSPORTS)] | None = None


@transaction("relief.withdraw_offer", event="relief.offer_withdrawn", data="offer_id quantity deltas")
class WithdrawOffer(Command):
    """Takes the free part back; what is promised stays."""
    offer_id: Ulid
    rev: Revision
