"""What relief has beyond need, request, shipping and receipt: one short story of each, on either channel."""
from __future__ import annotations

from dataclasses import replace

from moyai_client.actor_key import ActorKey
from moyai_contracts.api import Actor, Command
from moyai_contracts.api.directory import AttestAccount, CloseDrill, OpenDrill
from moyai_contracts.api.relief import (
    ApproveDispatch, ApprovedLine, CorrectReceipt, HandOverPackage, PackedLine, PackedPackage, Place, ProposeDispatch,
    ProposedLine, RecallDispatch, ReceivedLine, RecordArrival, RedirectPackage, RegisterNeed, RejectDispatch,
    RepackDispatch, SetIntake, SetSiteStatus, SurplusLine)

from tests.contract.channel import NANAO
from tests.contract.relief_story import Box, Story, package_id, shipping
from tests.contract.scene import ulid


def traffic(story: Story) -> None:
    """All of it."""
    intake(story)
    proposals(story)
    hubs(story)
    recall(story)
    corrections(story)
    arrivals(story)
    story.submit("clerk", AttestAccount(story["local"].account, "age_65", "2023-04-01"))
    drill(story)


def intake(story: Story) -> None:
    """An item is not wanted for a while, then it is again."""
    story.submit("clerk", SetIntake(story.cast.blanket, True, "9999-12-31", note="置き場がありません"))
    story.submit("clerk", SetIntake(story.cast.blanket, False))


def proposals(story: Story) -> None:
    """A shelter proposes twice; its office requests less of the one and rejects the other."""
    lines = [ProposedLine(ulid(), story.offer(30), story.need(40), 30) for _ in range(2)]
    story.submit("shelter", ProposeDispatch(tuple(lines)))
    first, second = lines
    story.submit("clerk", ApproveDispatch((ApprovedLine(first.need_id, first.dispatch_id, package_id(), 20),)))
    story.submit("clerk", RejectDispatch(second.need_id, second.dispatch_id, "別の提供を使います"))


def by_hub(story: Story) -> Box:
    """A request whose box passes the school as a hub."""
    return story.request(quantity=60, route=(Place(NANAO, story.cast.school),))


def repacked(story: Story, box: Box, *quantities: int, who: str = "supporter") -> list[Box]:
    """The box's contents in boxes of so many."""
    new = [replace(box, package_id=package_id(), quantity=quantity) for quantity in quantities]
    story.submit(who, RepackDispatch((box.package_id,), tuple(
        PackedPackage(each.package_id, (PackedLine(each.dispatch_id, each.quantity),)) for each in new)))
    return new


def hubs(story: Story) -> None:
    """Two boxes from the sender, one of which a hub packs anew; another reaches the hub unannounced."""
    box = by_hub(story)
    large, small = repacked(story, box, 40, 20)
    story.submit("supporter", shipping(large))
    hand_over(story, large)
    for part in repacked(story, large, 30, 10, who="school"):
        story.receive(part, part.quantity)
    hand_over(story, small)
    story.receive(small, 20)


def hand_over(story: Story, box: Box) -> None:
    """A box has reached the school."""
    story.submit("school", HandOverPackage(box.package_id, NANAO, story.cast.school, story.channel.now))


def recall(story: Story) -> None:
    """Of two boxes one has left: both are called back; the one that left arrives all the same."""
    box = by_hub(story)
    left, waiting = repacked(story, box, 35, 25)
    story.submit("supporter", shipping(left))
    story.submit("clerk", RecallDispatch(box.need_id, box.dispatch_id, "足りました"))
    story.submit("shelter", story.receipt(left, 35, queued=True))


def corrections(story: Story) -> None:
    """The office counts anew, twice; a second phone disagrees; another box goes to another site."""
    box = story.shipped()
    story.receive(box, 50, short=10)
    story.submit("shelter", story.receipt(box, 45, short=15, queued=True))
    key = story.scene.key(_clerk(story))
    for good, short in ((55, 5), (40, 20)):
        by_key(story, CorrectReceipt(box.package_id, ulid(), (ReceivedLine(box.dispatch_id, good, short),),
                                     "数え直し"), key)
    moved = story.shipped()
    story.submit("clerk", RedirectPackage((moved.package_id,), story.cast.school, "閉鎖のため"))
    story.receive(moved, 60, who="school", site=story.cast.school)


def _clerk(story: Story) -> Actor:
    actor = story["clerk"].actor
    assert actor is not None
    return actor


def by_key(story: Story, command: Command, key: ActorKey) -> None:
    """The clerk records a command under a key."""
    story.scene.submit(NANAO, "webui", command, actor=_clerk(story), keys=(key,))


def arrivals(story: Story) -> None:
    """A box without label, one for another site, one that nobody knows."""
    story.submit("shelter", RecordArrival(ulid(), story.cast.shelter, (SurplusLine(5, story.cast.water),), "no_label",
                                          story.channel.now))
    elsewhere = story.shipped()
    story.submit("school", story.receipt(elsewhere, 60, queued=True, site=story.cast.school))
    unknown = replace(elsewhere, package_id=package_id())
    story.submit("shelter", story.receipt(unknown, 60, queued=True))


def drill(story: Story) -> None:
    """A need of a drill, which is then over."""
    scope = ulid()
    story.submit("admin", OpenDrill(scope, "秋の訓練"))
    for command in (SetSiteStatus(NANAO, story.cast.shelter, True, 12), RegisterNeed((story.need_line(7),))):
        story.channel.access(NANAO, "webui").submit(command, _clerk(story), scope=scope)
    story.submit("admin", CloseDrill(scope))
