"""What receivers ask for: proposals, requests, and their end before shipping."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from moyai_contracts.api.command import Command, Date, Ulid, transaction
from moyai_contracts.api.directory import Code6, ItemCode, SiteId
from moyai_contracts.api.relief.needs import NeedLine
from moyai_contracts.api.relief.terms import Note, PackageId, Quantity
from moyai_contracts.api.schema import Length


@dataclass(frozen=True)
class Place:
    """A site of any municipality."""
    code6: Code6
    site: SiteId


Route = Annotated[tuple[Place, ...], Length(4, 0)]
"""Hubs that a box passes on its way, in order; its destination is not among them."""


@dataclass(frozen=True)
class DispatchLine:
    """A quantity of an offer asked for, for a need that stands or for `new_need` with the same id, in one box."""
    dispatch_id: Ulid
    package_id: PackageId
    offer_id: Ulid
    need_id: Ulid
    quantity: Quantity
    new_need: NeedLine | None = None
    ship_by: Date | None = None
    mapped_item: ItemCode | None = None
    accept_difference: bool | None = None
    route: Route | None = None


@transaction("relief.request_dispatch", event="relief.dispatch_requested", data="needs dispatches deltas")
class RequestDispatch(Command):
    """The match: the receiver asks for dispatch. The only transaction that takes quantity of need and offer."""
    dispatches: Annotated[tuple[DispatchLine, ...], Length(50)]


@dataclass(frozen=True)
class ProposedLine:
    """What a shelter wants its office to ask for; the members are those of a `DispatchLine`, without a box."""
    dispatch_id: Ulid
    offer_id: Ulid
    need_id: Ulid
    quantity: Quantity
    new_need: NeedLine | None = None
    ship_by: Date | None = None
    mapped_item: ItemCode | None = None
    accept_difference: bool | None = None
    route: Route | None = None


@transaction("relief.propose_dispatch", event="relief.dispatch_proposed", data="needs dispatches")
class ProposeDispatch(Command):
    """A shelter asks its office to request dispatches. It takes no quantity of need or offer."""
    dispatches: Annotated[tuple[ProposedLine, ...], Length(50)]


@dataclass(frozen=True)
class ApprovedLine:
    """A proposal that becomes a request; what is absent is as proposed. `quantity` is at most the proposed one."""
    need_id: Ulid
    dispatch_id: Ulid
    package_id: PackageId
    quantity: Quantity | None = None
    ship_by: Date | None = None
    route: Route | None = None


@transaction("relief.approve_dispatch", event="relief.dispatch_approved", data="dispatches deltas")
class ApproveDispatch(Command):
    """The office requests what a shelter proposed: as `request_dispatch`, all or nothing."""
    dispatches: Annotated[tuple[ApprovedLine, ...], Length(50)]


@transaction("relief.reject_dispatch", event="relief.dispatch_rejected",
             data="need_id dispatch_id offer_id site quantity reason")
class RejectDispatch(Command):
    """The office does not ask for what a shelter proposed."""
    need_id: Ulid
    dispatch_id: Ulid
    reason: Note


@transaction("relief.decline_dispatch", event="relief.dispatch_declined",
             data="need_id dispatch_id offer_id home quantity packages reason deltas")
class DeclineDispatch(Command):
    """The sender cannot send what was asked."""
    need_id: Ulid
    dispatch_id: Ulid
    reason: Note


@transaction("relief.cancel_dispatch", event="relief.dispatch_cancelled",
             data="need_id dispatch_id offer_id home quantity packages reason deltas")
class CancelDispatch(Command):
    """The receiver takes the request back before shipping."""
    need_id: Ulid
    dispatch_id: Ulid
    reason: Note
