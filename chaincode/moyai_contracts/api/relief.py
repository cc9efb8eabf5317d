"""Commands of the context `relief`: site status, needs, offers, dispatches, labels, consignments, receipts."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from moyai_contracts.api.command import Command, Time, Ulid, transaction
from moyai_contracts.api.directory import CATEGORIES, Code6, ItemCode, Revision, SiteId
from moyai_contracts.api.identifiers import PACKAGE_PATTERN
from moyai_contracts.api.schema import Length, OneOf, Pattern, Range, Text

MAX_QUANTITY = 10_000_000
MAX_LABEL_SERIAL = 99
PRIORITIES = ("urgent", "high", "normal")
TRANSPORTS = ("own", "needed")
CARRIERS = ("yamato", "sagawa", "japan_post", "own_vehicle", "other")
CLOSE_REASONS = ("enough", "elsewhere", "mistake")
RESOLUTIONS = ("resent", "written_off", "count_error")

Quantity = Annotated[int, Range(1, MAX_QUANTITY)]
"""In the item's base unit."""
Count = Annotated[int, Range(0, MAX_QUANTITY)]
Attributes = dict[str, Annotated[str, Text(30, 1)]]
PackageId = Annotated[str, Pattern(PACKAGE_PATTERN)]
LabelSerial = Annotated[int, Range(1, MAX_LABEL_SERIAL)]
Note = Annotated[str, Text(200, public=True)]
Date = Annotated[str, Pattern(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")]
ExpiryDate = Annotated[str, Pattern(r"[0-9]{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?")]
"""As printed on the box: with or without the day."""


@transaction("relief.set_site_status", event="relief.site_status_set",
             data="code6 site open headcount? counted_at? made_at? queued?")
class SetSiteStatus(Command):
    """Whether a site is open and how many people are there; the last write wins."""
    code6: Code6
    site: SiteId
    open: bool
    headcount: Annotated[int, Range(0, 1_000_000)] | None = None
    counted_at: Time | None = None
    made_at: Time | None = None
    queued: bool | None = None


@transaction("relief.confirm_needs", event="relief.needs_confirmed", data="code6 site confirmed_at made_at? queued?")
class ConfirmNeeds(Command):
    """All needs of the site still hold."""
    code6: Code6
    site: SiteId
    made_at: Time | None = None
    queued: bool | None = None


@dataclass(frozen=True)
class NeedLine:
    """What a site of the own municipality needs."""
    need_id: Ulid
    site: SiteId
    item: ItemCode
    quantity: Quantity
    attributes: Attributes | None = None
    needed_by: Time | None = None
    priority: Annotated[str, OneOf(PRIORITIES)] = "normal"
    headcount: Annotated[int, Range(0, 1_000_000)] | None = None
    note: Note | None = None


@transaction("relief.register_need", event="relief.need_registered", data="needs made_at? queued?")
class RegisterNeed(Command):
    """Registers needs; all or nothing."""
    needs: Annotated[tuple[NeedLine, ...], Length(100)]
    made_at: Time | None = None
    queued: bool | None = None


@transaction("relief.change_need", event="relief.need_changed", data="need_id site changed quantity deltas")
class ChangeNeed(Command):
    """Changes a need; what is absent stays."""
    need_id: Ulid
    rev: Revision
    quantity: Quantity | None = None
    attributes: Attributes | None = None
    needed_by: Time | None = None
    priority: Annotated[str, OneOf(PRIORITIES)] | None = None
    note: Note | None = None


@transaction("relief.close_need", event="relief.need_closed",
             data="need_id site reason quantity committed made_at? queued?")
class CloseNeed(Command):
    """Nothing more is wanted; dispatches under way stay. `rev` is absent when the command waited in a queue."""
    need_id: Ulid
    reason: Annotated[str, OneOf(CLOSE_REASONS)]
    rev: Revision | None = None
    made_at: Time | None = None
    queued: bool | None = None


@transaction("relief.reopen_need", event="relief.need_reopened", data="need_id site quantity committed")
class ReopenNeed(Command):
    """A closed need holds again."""
    need_id: Ulid
    rev: Revision


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


@transaction("relief.request_dispatch", event="relief.dispatch_requested", data="needs dispatches deltas")
class RequestDispatch(Command):
    """The match: the receiver asks for dispatch. The only transaction that takes quantity of need and offer."""
    dispatches: Annotated[tuple[DispatchLine, ...], Length(50)]


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


@transaction("relief.issue_label", event="relief.label_issued", data="package_id serial")
class IssueLabel(Command):
    """Prints anew: the next serial; a scan tells the old label by its serial."""
    package_id: PackageId


@dataclass(frozen=True)
class ShippedLine:
    """What of a dispatch really went into the box, when it is less than asked."""
    dispatch_id: Ulid
    quantity: Count


@dataclass(frozen=True)
class ShippedPackage:
    """A box that leaves; without `lines`, with all it was to hold."""
    package_id: PackageId
    lines: Annotated[tuple[ShippedLine, ...], Length(20)] | None = None


@transaction("relief.ship_consignment", event="relief.consignment_shipped",
             data="consignment_id to carrier expected_on? packages deltas")
class ShipConsignment(Command):
    """Boxes to one destination leave together."""
    consignment_id: Ulid
    packages: Annotated[tuple[ShippedPackage, ...], Length(20)]
    carrier: Annotated[str, OneOf(CARRIERS)]
    expected_on: Date | None = None


@dataclass(frozen=True)
class ReceivedLine:
    """What was found of one dispatch's line: the four add up to the line's quantity."""
    dispatch_id: Ulid
    good: Count
    short: Count = 0
    damaged: Count = 0
    refused: Count = 0


@dataclass(frozen=True)
class SurplusLine:
    """What was in the box beyond its lines."""
    quantity: Quantity
    item: ItemCode | None = None
    item_name: Annotated[str, Text(40, 1, public=True)] | None = None


@transaction("relief.receive_package", event="relief.package_received",
             data="package_id to lines surplus scanned_at label_serial deltas queued? discrepancy_id? "
                  "unannounced? clock_off? conflicting?")
class ReceivePackage(Command):
    """A box is received; `scanned_at` is the clock of the phone that scanned it."""
    package_id: PackageId
    label_serial: LabelSerial
    lines: Annotated[tuple[ReceivedLine, ...], Length(20)]
    scanned_at: Time
    site: SiteId
    """Where it was scanned."""
    surplus: Annotated[tuple[SurplusLine, ...], Length(20, 0)] | None = None
    queued: bool | None = None
    accept_superseded: bool | None = None


@transaction("relief.acknowledge_discrepancy", event="relief.discrepancy_acknowledged",
             data="package_id discrepancy_id kind")
class AcknowledgeDiscrepancy(Command):
    """The sender has seen the difference."""
    package_id: PackageId
    discrepancy_id: Ulid


@transaction("relief.resolve_discrepancy", event="relief.discrepancy_resolved",
             data="package_id discrepancy_id kind resolution")
class ResolveDiscrepancy(Command):
    """The receiver's office closes a difference; it moves no quantity."""
    package_id: PackageId
    discrepancy_id: Ulid
    resolution: Annotated[str, OneOf(RESOLUTIONS)]
