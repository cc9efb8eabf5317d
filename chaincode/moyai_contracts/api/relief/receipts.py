"""What has come, or has not: receipts, arrivals, losses, differences."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from moyai_contracts.api.command import Command, Time, Ulid, transaction
from moyai_contracts.api.directory import ItemCode, SiteId
from moyai_contracts.api.relief.terms import (
    ARRIVAL_REASONS, RESOLUTIONS, Count, LabelSerial, Note, PackageId, Quantity)
from moyai_contracts.api.schema import Length, OneOf, Pattern, Text


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
                  "unannounced? clock_off? conflicting? arrival_id? arrival_reason?")
class ReceivePackage(Command):
    """A box is received; `scanned_at` is the clock of the phone that scanned it.

    A command that waited in a queue may have no `lines`: the phone did not know them, and all is in good order. One
    whose label does not fit becomes an arrival instead (`arrival_id`, `to` is then where it was scanned).
    """
    package_id: PackageId
    label_serial: LabelSerial
    lines: Annotated[tuple[ReceivedLine, ...], Length(20, 0)]
    scanned_at: Time
    site: SiteId
    """Where it was scanned."""
    surplus: Annotated[tuple[SurplusLine, ...], Length(20, 0)] | None = None
    queued: bool | None = None
    accept_superseded: bool | None = None


@transaction("relief.correct_receipt", event="relief.receipt_corrected",
             data="package_id correction_id to lines surplus reason deltas")
class CorrectReceipt(Command):
    """The office counted anew: `lines` as they should have been; the earlier counts stay in the correction's
    discrepancy, whose id is `correction_id`. More good than the need still lacks counts as surplus."""
    package_id: PackageId
    correction_id: Ulid
    lines: Annotated[tuple[ReceivedLine, ...], Length(20)]
    reason: Note
    surplus: Annotated[tuple[SurplusLine, ...], Length(20, 0)] | None = None
    """Absent: as it was."""


@transaction("relief.recall_dispatch", event="relief.dispatch_recalled",
             data="need_id dispatch_id offer_id home quantity packages reason deltas")
class RecallDispatch(Command):
    """The receiver's office calls shipped boxes back, with all that is in them."""
    need_id: Ulid
    dispatch_id: Ulid
    reason: Note


@transaction("relief.report_lost", event="relief.lost_reported", data="package_id to lines discrepancy_id deltas")
class ReportLost(Command):
    """A box has not come 72 hours after shipping; either side may say so."""
    package_id: PackageId
    note: Note | None = None


@transaction("relief.record_arrival", event="relief.arrival_recorded",
             data="arrival_id code6 site lines label_seen? reason scanned_at queued? clock_off? discrepancy_id?")
class RecordArrival(Command):
    """A box is here that no receipt fits: without a usable label, for another site, or called off before."""
    arrival_id: Ulid
    site: SiteId
    lines: Annotated[tuple[SurplusLine, ...], Length(20, 0)]
    reason: Annotated[str, OneOf(ARRIVAL_REASONS)]
    scanned_at: Time
    label_seen: Annotated[str, Pattern(r"[0-9A-Za-z-]{1,20}")] | None = None
    """What could be read of the label."""
    note: Note | None = None
    queued: bool | None = None


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
