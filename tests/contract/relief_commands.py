"""A command of each transaction of relief that goes, on records made for it."""
from __future__ import annotations

from typing import Callable

from moyai_contracts.api import Command
from moyai_contracts.api.relief import (
    LOST_AFTER_SECONDS, AcknowledgeDiscrepancy, ApproveDispatch, ApprovedLine, CancelDispatch, ChangeNeed, ChangeOffer,
    CloseNeed, ConfirmNeeds, CorrectReceipt, DeclineDispatch, HandOverPackage, IssueLabel, PackedLine, PackedPackage,
    Place, ProposeDispatch, ProposedLine, RecallDispatch, ReceivedLine, RecordArrival, RedirectPackage, RegisterNeed,
    RejectDispatch, ReopenNeed, RepackDispatch, ReportLost, RequestDispatch, ResolveDiscrepancy, SetIntake,
    SetSiteStatus, WithdrawOffer)

from tests.contract.channel import NANAO
from tests.contract.relief_story import MemoryStory, Story, shipping
from tests.contract.scene import ulid

Made = tuple[str, Command]


def _closed(story: Story) -> str:
    need = story.need()
    story.submit("clerk", CloseNeed(need, "enough", 1))
    return need


def _acknowledged(story: Story) -> tuple[str, str]:
    box, discrepancy = story.differing()
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, discrepancy))
    return box.package_id, discrepancy


def _proposed(story: Story) -> tuple[str, str]:
    line = ProposedLine(ulid(), story.offer(), story.need(), 5)
    story.submit("shelter", ProposeDispatch((line,)))
    return line.need_id, line.dispatch_id


def _overdue(story: Story) -> str:
    box = story.shipped()
    assert isinstance(story, MemoryStory)
    story.channel.advance(LOST_AFTER_SECONDS)
    return box.package_id


MAKE: dict[str, Callable[[Story], Made]] = {
    "relief.set_site_status": lambda s: ("clerk", SetSiteStatus(NANAO, s.cast.shelter, True, 77)),
    "relief.confirm_needs": lambda s: ("shelter", ConfirmNeeds(NANAO, s.cast.shelter)),
    "relief.register_need": lambda s: ("clerk", RegisterNeed(tuple(s.need_line() for _ in range(3)))),
    "relief.change_need": lambda s: ("clerk", ChangeNeed(s.need(), 1, quantity=7)),
    "relief.close_need": lambda s: ("clerk", CloseNeed(s.need(), "enough", 1)),
    "relief.reopen_need": lambda s: ("clerk", ReopenNeed(_closed(s), 2)),
    "relief.register_offer": lambda s: ("supporter", s.offering(7)),
    "relief.change_offer": lambda s: ("supporter", ChangeOffer(s.offer(), 1, quantity=7)),
    "relief.withdraw_offer": lambda s: ("supporter", WithdrawOffer(s.offer(), 1)),
    "relief.request_dispatch": lambda s: ("clerk", RequestDispatch((s.line(
        need := ulid(), s.offer(), 5, new_need=s.need_line(5, need_id=need)),))),
    "relief.decline_dispatch": lambda s: (
        "supporter", DeclineDispatch((b := s.request()).need_id, b.dispatch_id, "なし")),
    "relief.cancel_dispatch": lambda s: ("clerk", CancelDispatch((b := s.request()).need_id, b.dispatch_id, "不要")),
    "relief.issue_label": lambda s: ("supporter", IssueLabel(s.request().package_id)),
    "relief.ship_consignment": lambda s: ("supporter", shipping(s.request(), 50)),
    "relief.receive_package": lambda s: ("shelter", s.receipt(s.shipped(), 50, short=10)),
    "relief.set_intake": lambda s: ("clerk", SetIntake(s.cast.water, True, "2099-01-01")),
    "relief.propose_dispatch": lambda s: ("shelter", ProposeDispatch((ProposedLine(
        ulid(), s.offer(), need := ulid(), 5, new_need=s.need_line(5, need_id=need)),))),
    "relief.approve_dispatch": lambda s: ("clerk", ApproveDispatch((ApprovedLine(*_proposed(s), s.package_id()),))),
    "relief.reject_dispatch": lambda s: ("clerk", RejectDispatch(*_proposed(s), "不要")),
    "relief.repack_dispatch": lambda s: ("supporter", RepackDispatch(
        ((b := s.request()).package_id,), (PackedPackage(s.package_id(), (PackedLine(b.dispatch_id, 60),)),))),
    "relief.redirect_package": lambda s: ("clerk", RedirectPackage((s.shipped().package_id,), s.cast.school, "閉鎖")),
    "relief.hand_over_package": lambda s: ("hub", HandOverPackage(
        s.request(route=(Place(NANAO, s.cast.hub),)).package_id, NANAO, s.cast.hub, s.channel.now)),
    "relief.correct_receipt": lambda s: ("deputy", CorrectReceipt(
        (b := s.differing()[0]).package_id, ulid(), (ReceivedLine(b.dispatch_id, 60),), "訂正")),
    "relief.recall_dispatch": lambda s: (
        "clerk", RecallDispatch((b := s.shipped()).need_id, b.dispatch_id, "道が通れません")),
    "relief.report_lost": lambda s: ("clerk", ReportLost(_overdue(s))),
    "relief.record_arrival": lambda s: ("shelter", RecordArrival(
        ulid(), s.cast.shelter, (), "no_label", s.channel.now)),
    "relief.acknowledge_discrepancy": lambda s: (
        "supporter", AcknowledgeDiscrepancy((d := s.differing())[0].package_id, d[1])),
    "relief.resolve_discrepancy": lambda s: ("clerk", ResolveDiscrepancy(*_acknowledged(s), "resent")),
}
