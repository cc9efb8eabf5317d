"""What sites need, and what they do not want: status of a site, needs, intake."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from moyai_contracts.api.command import Command, Date, Time, Ulid, transaction
from moyai_contracts.api.directory import Code6, ItemCode, Revision, SiteId
from moyai_contracts.api.relief.terms import CLOSE_REASONS, PRIORITIES, Attributes, IntakeItem, Note, Quantity
from moyai_contracts.api.schema import Length, OneOf, Range


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


@transaction("relief.set_intake", event="relief.intake_set", data="code6 item stopped until? note?")
class SetIntake(Command):
    """Whether the own municipality takes offers of an item, or of anything (`*`), aimed at its needs; the last write
    wins. A stop ends with the day `until`, which it must name."""
    item: IntakeItem
    stopped: bool
    until: Date | None = None
    note: Note | None = None
