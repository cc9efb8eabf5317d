"""`make demo-data` on a real network: through the same client as the pages, and twice."""
from __future__ import annotations

import re

from moyai_client.ledger import Ledger
from moyai_client.profile import Profile
from moyai_webui.demonstration import catalogue, scenario
from moyai_webui.demonstration.identifiers import package_id
from moyai_webui.demonstration.steps import need_id

from tests.network.consortium import RunningConsortium

OUTCOME = re.compile(r"^(.+): (\d+) recorded, (\d+) stood already$", re.MULTILINE)


def load(consortium: RunningConsortium) -> dict[str, tuple[int, int]]:
    """Runs the demonstration; chapter → records made, records found."""
    done = consortium.moyai("demo", "load")
    assert done.returncode == 0, done.stdout + done.stderr
    return {title: (int(recorded), int(standing)) for title, recorded, standing in OUTCOME.findall(done.stdout)}


def test_s01_to_s09_the_demonstration_is_recorded_once(consortium: RunningConsortium) -> None:
    for command in (("directory", "bootstrap"), ("webui", "prepare")):
        done = consortium.moyai(*command)
        assert done.returncode == 0, done.stderr
    first = load(consortium)
    assert [sum(figures) for figures in first.values()] == [112, 29, 8, 232, len(scenario.OFFERS), len(scenario.ASKED),
                                                            6, 3]
    nanao = Ledger.open(Profile.load(consortium.profile("172022", "webui")))
    short = next(asked for asked in scenario.ASKED if asked.short)
    need = nanao.relief.get_need(need_id=need_id(short.site, catalogue.BLANKET))
    box = nanao.relief.get_package(package_id=package_id(short.label))
    height = nanao.height()

    again = load(consortium)
    assert again == {title: (0, sum(figures)) for title, figures in first.items()}
    assert nanao.height() == height
    nanao.close()
    assert need["committed"] == short.quantity - short.short
    assert (box["state"], box["receipt"]["lines"][0]["short"]) == ("received", short.short)
