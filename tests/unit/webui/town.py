"""七尾市 with names that a person would recognise: a story on the ledger in memory, told to the web UI's tests."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from moyai_contracts.api import Command
from moyai_contracts.api.directory import SaveItem, SaveSite, SiteLine

from tests.contract.channel import NANAO, Submission
from tests.contract.relief_story import MemoryStory
from tests.contract.scene import item_line

SHELTER, SCHOOL = "和倉小学校", "田鶴浜小学校"
WATER, BLANKET = "水", "毛布"


def begin_story(folder: Path) -> MemoryStory:
    """Two shelters and two items with their names; time moves on by a second with every command."""
    story = TickingStory.begin(folder)
    rev = story.query("directory.get_site", code6=NANAO, site_id=story.cast.shelter)["rev"]
    story.submit("admin", SaveSite((
        SiteLine(story.cast.shelter, rev, "shelter", SHELTER, "和倉町1-1"),
        SiteLine(story.cast.school, rev, "shelter", SCHOOL, "田鶴浜町2-2"))))
    rev = story.query("directory.get_item", item_code=story.cast.water)["rev"]
    story.submit("admin", SaveItem((item_line(story.cast.water, rev, name=WATER),
                                    item_line(story.cast.blanket, rev, name=BLANKET, category="blanket"))))
    return story


class TickingStory(MemoryStory):
    """What comes later has a later time."""

    def submission(self, who: str, command: Command, **options: Any) -> Submission:
        self.channel.advance(1)
        return super().submission(who, command, **options)
