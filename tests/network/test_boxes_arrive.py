"""S7 and S9 on the real network, through the pages: boxes arrive as planned, otherwise than planned, and not at all."""
from __future__ import annotations

from collections.abc import Iterator

import pytest
from moyai_contracts.api.relief import CancelDispatch, RecallDispatch, SetSiteStatus

from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene
from tests.network.consortium import RunningConsortium
from tests.network.sent_boxes import Neighbour, SentBox
from tests.network.webui_site import Visitor, WebSite, eventually

CLERK, SENDER = "bousai@nanao.example", "bousai@hachioji.example"


@pytest.fixture(scope="module")
def neighbour(consortium: RunningConsortium) -> Iterator[Neighbour]:
    channel = FabricChannel(consortium.state.root).bootstrap()
    for command in (("webui", "prepare"), ("network", "start", "webui")):
        done = consortium.moyai(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    yield Neighbour(Scene(channel), item_name="届く箱の水")
    consortium.stop("webui")
    channel.close()


@pytest.fixture(scope="module")
def nanao(consortium: RunningConsortium, neighbour: Neighbour) -> Iterator[WebSite]:
    site = WebSite(consortium, NANAO)
    eventually(site.caught_up)
    yield site
    site.close()


@pytest.fixture(scope="module")
def hachioji(consortium: RunningConsortium, neighbour: Neighbour) -> Iterator[WebSite]:
    site = WebSite(consortium, HACHIOJI)
    eventually(site.caught_up)
    yield site
    site.close()


@pytest.fixture(scope="module")
def clerk(nanao: WebSite) -> Visitor:
    return nanao.person(CLERK)


@pytest.fixture(scope="module")
def sender(hachioji: WebSite) -> Visitor:
    return hachioji.person(SENDER)


def seen(site: WebSite) -> None:
    """The web UI has read what stands on the ledger."""
    eventually(site.caught_up)


def receive(clerk: Visitor, box: SentBox, serial: int = 1, **counts: int) -> str:
    counted = {"good": box.quantity, "damaged": 0} | counts
    return clerk.send(f"/relief/receive_package?code={box.package_id}-{serial:02}",
                      {name: str(count) for name, count in counted.items()})


def test_s07_what_comes_moves_from_one_list_to_the_other_unopened(neighbour: Neighbour, nanao: WebSite,
                                                                  clerk: Visitor) -> None:
    box, other = neighbour.boxes(2)
    seen(nanao)
    here = f"/relief/arrivals?site={neighbour.shelter}"
    assert box.package_id[:4] in clerk.get(f"{here}&tab=coming") and box.package_id[:4] not in clerk.get(here)
    assert receive(clerk, box).startswith("/recorded/")
    seen(nanao)
    assert box.package_id[-4:] in clerk.get(here) and other.package_id[-4:] in clerk.get(f"{here}&tab=coming")
    sums = clerk.get(f"{here}&tab=sum")
    assert ">24</b>" in sums and 'data-label="これから">24</td>' in sums
    assert receive(clerk, other).startswith("/recorded/")


def test_s09_every_difference_is_a_record_that_reaches_the_sender(
        neighbour: Neighbour, nanao: WebSite, hachioji: WebSite, clerk: Visitor, sender: Visitor) -> None:
    (box,) = neighbour.boxes(1)
    seen(nanao)
    assert receive(clerk, box, good=18, damaged=2, refused=1).startswith("/recorded/")
    (event,) = neighbour.events("relief.receive_package", box)
    line = event["lines"][0]  # type: ignore[index]
    assert (line["good"], line["short"], line["damaged"], line["refused"]) == (18, 3, 2, 1)
    seen(hachioji)
    assert "送った届く箱の水：24個のうち、使える物 18個" in sender.get("/relief/office")
    pair = f"package={box.package_id}&discrepancy={event['discrepancy_id']}"
    assert sender.send(f"/relief/acknowledge_discrepancy?{pair}", {}).startswith("/recorded/")
    seen(nanao)
    assert clerk.send(f"/relief/resolve_discrepancy?{pair}", {"resolution": "resent"}).startswith("/recorded/")
    found = neighbour.scene.evaluate(NANAO, "relief.get_discrepancy", scope="live", package_id=box.package_id,
                                     discrepancy_id=event["discrepancy_id"])
    assert (found["state"], found["resolution"]) == ("resolved", "resent")


def test_s09_more_than_was_sent_is_surplus_and_a_second_scan_is_harmless(neighbour: Neighbour, nanao: WebSite,
                                                                         clerk: Visitor) -> None:
    (box,) = neighbour.boxes(1)
    seen(nanao)
    assert receive(clerk, box, good=30, more=1).startswith("/recorded/")
    receipt = neighbour.document(box)["receipt"]
    assert receipt["surplus"] == [{"item": neighbour.item, "quantity": 6}]  # type: ignore[index]
    seen(nanao)
    assert "受取済みです" in told(clerk, f"/relief/scan?code={box.package_id}")
    assert len(neighbour.events("relief.receive_package", box)) == 1


def test_s09_a_box_never_reported_as_shipped_is_received_and_marked(neighbour: Neighbour, nanao: WebSite,
                                                                    clerk: Visitor) -> None:
    (box,) = neighbour.boxes(1, shipped=False)
    seen(nanao)
    assert receive(clerk, box).startswith("/recorded/")
    document = neighbour.document(box)
    assert (document["state"], document["unannounced"]) == ("received", True)


def test_s09_printing_anew_gives_the_next_serial_and_the_old_label_is_recognised(
        neighbour: Neighbour, nanao: WebSite, hachioji: WebSite, clerk: Visitor, sender: Visitor) -> None:
    (box,) = neighbour.boxes(1)
    seen(hachioji)
    assert sender.send(f"/relief/issue_label?package={box.package_id}", {}).startswith("/recorded/")
    assert neighbour.document(box)["label_serial"] == 2
    seen(nanao)
    assert "古いラベルです" in clerk.get(f"/relief/scan/{box.package_id}-01").encode().decode("unicode_escape")
    assert "印をつけてください" in refused(clerk, box)
    assert receive(clerk, box, accept_superseded=1).startswith("/recorded/")
    assert neighbour.document(box)["receipt"]["label_serial"] == 1  # type: ignore[index]


def test_s09_a_box_for_another_shelter_is_recorded_where_it_is_and_its_sender_hears_of_it(
        neighbour: Neighbour, nanao: WebSite, clerk: Visitor) -> None:
    (box,) = neighbour.boxes(1)
    elsewhere = neighbour.scene.site(NANAO)
    seen(nanao)
    arrive(clerk, box, elsewhere)
    assert differences(neighbour, nanao, box) == ["wrong_site"]
    assert neighbour.document(box)["state"] == "shipped"
    assert "ほかの届け先の箱" in clerk.get(f"/relief/arrivals?site={elsewhere}")
    assert receive(clerk, box).startswith("/recorded/")  # it went on to where it belongs


@pytest.mark.parametrize("end", ["cancelled", "recalled"])
def test_s09_a_box_that_was_called_off_is_real_all_the_same(neighbour: Neighbour, nanao: WebSite, clerk: Visitor,
                                                            end: str) -> None:
    (box,) = neighbour.boxes(1, shipped=end == "recalled")
    command = CancelDispatch if end == "cancelled" else RecallDispatch
    neighbour.scene.submit(NANAO, "webui", command(box.need_id, box.dispatch_id, "足りました"), actor=neighbour.clerk)
    seen(nanao)
    answer = told(clerk, f"/relief/scan?code={box.package_id}")
    assert "取り消された箱です" in answer and "ここに届いたことを記録する" in answer
    arrive(clerk, box, neighbour.shelter)
    assert differences(neighbour, nanao, box) == ["recalled_arrived"]


def test_s09_boxes_of_a_closed_shelter_go_to_another_one_with_the_label_they_have(
        neighbour: Neighbour, nanao: WebSite, clerk: Visitor) -> None:
    box, other = neighbour.boxes(2)
    next_one = neighbour.scene.site(NANAO)
    neighbour.scene.submit(NANAO, "webui", SetSiteStatus(NANAO, neighbour.shelter, False), actor=neighbour.clerk)
    try:
        seen(nanao)
        pair = f"package={box.package_id}&package={other.package_id}"
        assert clerk.send(f"/relief/redirect_package?{pair}", {
            "site": next_one, "reason": "避難所が閉じました"}).startswith("/recorded/")
    finally:
        neighbour.scene.submit(NANAO, "webui", SetSiteStatus(NANAO, neighbour.shelter, True), actor=neighbour.clerk)
    seen(nanao)
    assert receive(clerk, box).startswith("/recorded/")
    assert neighbour.document(box)["to"] == {"code6": NANAO, "site": next_one}
    assert neighbour.document(box)["state"] == "received"


def test_s09_a_hub_takes_a_box_over_and_splits_it_for_the_shelter(
        neighbour: Neighbour, nanao: WebSite, clerk: Visitor) -> None:
    hub = neighbour.hub()
    (box,) = neighbour.boxes(1, 30, via=hub)
    seen(nanao)
    assert clerk.send("/relief/hand_over_package", {"code": box.package_id, "site": hub}).startswith("/recorded/")
    assert (neighbour.document(box)["state"], neighbour.document(box)["leg"]) == ("handed_over", 1)
    seen(nanao)
    assert clerk.send(f"/relief/repack_dispatch?package={box.package_id}&boxes=2",
                      {"in0-0": "18", "in1-0": "12"}).startswith("/recorded/")
    codes: list[str] = neighbour.document(box)["repacked_into"]  # type: ignore[assignment]
    parts = [SentBox(code, box.need_id, box.dispatch_id, quantity) for code, quantity in zip(codes, (18, 12))]
    assert len(parts) == 2
    seen(nanao)
    assert "中身は別の2箱に移されました" in told(clerk, f"/relief/scan?code={box.package_id}")
    for part in parts:
        assert receive(clerk, part).startswith("/recorded/")
    checked = neighbour.scene.evaluate(NANAO, "relief.check_need", scope="live", need_id=box.need_id)
    assert checked["received"] == 30


def arrive(clerk: Visitor, box: SentBox, site: str) -> None:
    fields = {"label": f"{box.package_id}-01", "site": site, "item": "届く箱の水", "quantity": str(box.quantity)}
    assert clerk.send(f"/relief/record_arrival?label={box.package_id}-01", fields).startswith("/recorded/")


def differences(neighbour: Neighbour, site: WebSite, box: SentBox) -> list[str]:
    """The kinds of what the web UI tells the office about a box."""
    seen(site)
    found = site.reading.discrepancies(municipality=NANAO, unresolved=True, size=500).rows
    return [difference.kind for difference in found if difference.package_id == box.package_id]


def told(clerk: Visitor, address: str) -> str:
    """A page that says why not."""
    return clerk.problem(address)


def refused(clerk: Visitor, box: SentBox) -> str:
    return clerk.problem(f"/relief/receive_package?code={box.package_id}-01",
                         {"good": str(box.quantity), "damaged": "0"})
