"""Boxes on their way: labels, contents, consignments, hubs."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from moyai_contracts.api.command import Command, Date, Time, Ulid, transaction
from moyai_contracts.api.directory import Code6, SiteId
from moyai_contracts.api.relief.terms import CARRIERS, MAX_BOXES, Count, ExpiryDate, Note, PackageId, Quantity, Weight
from moyai_contracts.api.schema import Length, OneOf


@transaction("relief.issue_label", event="relief.label_issued", data="package_id serial")
class IssueLabel(Command):
    """Prints anew: the next serial; a scan tells the old label by its serial."""
    package_id: PackageId


@dataclass(frozen=True)
class PackedLine:
    """What of a dispatch goes into a box."""
    dispatch_id: Ulid
    quantity: Quantity
    expires_on: ExpiryDate | None = None


@dataclass(frozen=True)
class PackedPackage:
    """A new box; its lines are of dispatches that are in the boxes it replaces."""
    package_id: PackageId
    lines: Annotated[tuple[PackedLine, ...], Length(MAX_BOXES)]
    weight_g: Weight | None = None


@transaction("relief.repack_dispatch", event="relief.dispatch_repacked", data="to void new")
class RepackDispatch(Command):
    """Boxes to one destination become others with the same contents: by the sender before shipping, or by the hub
    that holds them."""
    void: Annotated[tuple[PackageId, ...], Length(MAX_BOXES)]
    new: Annotated[tuple[PackedPackage, ...], Length(MAX_BOXES)]


@transaction("relief.redirect_package", event="relief.package_redirected", data="packages to reason")
class RedirectPackage(Command):
    """Boxes of the own municipality go to another of its sites: theirs was closed or has moved. The needs that they
    were promised to stay what they are."""
    packages: Annotated[tuple[PackageId, ...], Length(MAX_BOXES)]
    site: SiteId
    reason: Note


@dataclass(frozen=True)
class ShippedLine:
    """What of a dispatch really went into the box, when it is less than asked."""
    dispatch_id: Ulid
    quantity: Count


@dataclass(frozen=True)
class ShippedPackage:
    """A box that leaves; without `lines`, with all it was to hold. One whose lines are all 0 does not leave: it is
    void."""
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


@transaction("relief.hand_over_package", event="relief.package_handed_over",
             data="package_id code6 site leg scanned_at queued? unannounced? clock_off? arrival_id? arrival_reason? "
                  "discrepancy_id?")
class HandOverPackage(Command):
    """A box has reached a hub of its route: the site `site` of municipality `code6`."""
    package_id: PackageId
    code6: Code6
    site: SiteId
    scanned_at: Time
    queued: bool | None = None
