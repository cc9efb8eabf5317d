"""The client on a real network: submitting, resuming with the same envelope, two clients with one id, peers away."""
from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from moyai_contracts.api.relief import NeedLine, RegisterNeed, SetSiteStatus

from moyai_client.blocks import Transaction
from moyai_client.errors import Invalidated, Refused
from moyai_client.ledger import Ledger, Receipt
from moyai_client.profile import Profile
from tests.contract.channel import NANAO
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene, ulid
from tests.network.consortium import RunningConsortium


@pytest.fixture(scope="module")
def scene(consortium: RunningConsortium) -> Iterator[Scene]:
    """The three municipalities on the real network."""
    channel = FabricChannel(consortium.state.root).bootstrap()
    yield Scene(channel)
    channel.close()


@pytest.fixture
def ledger(consortium: RunningConsortium, scene: Scene) -> Iterator[Ledger]:
    """七尾市's web UI; its peer has all that the scene has done."""
    opened = Ledger.open(Profile.load(consortium.profile(NANAO, "webui")))
    yield opened
    opened.close()


def need_of(scene: Scene, quantity: int = 10, need_id: str | None = None) -> RegisterNeed:
    """A need of a new shelter for a new item."""
    line = NeedLine(need_id or ulid(), scene.site(NANAO), scene.item(NANAO), quantity)
    assert scene.channel.access(NANAO, "webui")
    return RegisterNeed((line,))


def with_quantity(command: RegisterNeed, quantity: int) -> RegisterNeed:
    """The same need with another quantity."""
    line = command.needs[0]
    return RegisterNeed((NeedLine(line.need_id, line.site, line.item, quantity),))


def on_chain(ledger: Ledger, tx_id: str, first_block: int) -> list[Transaction]:
    """Every copy of a transaction in the blocks since."""
    blocks = ledger.blocks(first_block, last=ledger.height() - 1)
    return [entry for block in blocks for entry in block.transactions if entry.tx_id == tx_id]


def test_a_command_is_recorded_and_read_back(scene: Scene, ledger: Ledger) -> None:
    clerk, command = scene.official(NANAO, "C"), need_of(scene)
    scene.channel.access(NANAO, "webui")
    receipt = ledger.relief.register_need(clerk, needs=command.needs)
    assert receipt.block_number == ledger.height() - 1 and not receipt.replayed
    assert ledger.relief.get_need(need_id=command.needs[0].need_id)["quantity"] == 10
    transaction, = on_chain(ledger, receipt.tx_id, receipt.block_number)
    assert transaction.valid and transaction.msp_id == "NanaoMSP"


def test_the_same_envelope_three_times_is_recorded_once(scene: Scene, ledger: Ledger) -> None:
    clerk, command = scene.official(NANAO, "C"), need_of(scene)
    start = scene.channel.height
    prepared = ledger.prepare(command, clerk, at_height=start)
    with ThreadPoolExecutor(2) as pool:
        at_once = list(pool.map(lambda _: ledger.finish(prepared.envelope, prepared.transaction_id), range(2)))
    later = ledger.finish(prepared.envelope, prepared.transaction_id)
    assert {receipt.block_number for receipt in (*at_once, later)} == {later.block_number}
    assert later.result == prepared.result
    ledger.submit(need_of(scene), clerk, at_height=scene.channel.height)  # later blocks hold what is left of the copies
    codes = [entry.code for entry in on_chain(ledger, prepared.transaction_id, start)]
    assert codes.count("VALID") == 1 and set(codes) <= {"VALID", "DUPLICATE_TXID"}


def test_another_process_can_resume_what_this_one_prepared(consortium: RunningConsortium, scene: Scene,
                                                           ledger: Ledger) -> None:
    clerk, command = scene.official(NANAO, "C"), need_of(scene)
    prepared = ledger.prepare(command, clerk, at_height=scene.channel.height)
    worker = Ledger.open(Profile.load(consortium.profile(NANAO, "worker")))
    receipt = worker.finish(prepared.envelope, prepared.transaction_id)
    worker.close()
    assert receipt.result == prepared.result
    assert ledger.relief.get_need(need_id=command.needs[0].need_id)["quantity"] == 10


def test_two_clients_with_one_id_and_one_content_get_the_first_result(consortium: RunningConsortium, scene: Scene,
                                                                      ledger: Ledger) -> None:
    clerk, command = scene.official(NANAO, "C"), need_of(scene)
    other = Ledger.open(Profile.load(consortium.profile(NANAO, "console")))
    _, key = scene.channel.administrator(NANAO)
    assert key.account != clerk.account
    height = scene.channel.height
    with ThreadPoolExecutor(2) as pool:
        receipts = list(pool.map(lambda client: client.submit(command, clerk, at_height=height), (ledger, other)))
    other.close()
    first, second = sorted(receipts, key=lambda receipt: receipt.replayed)
    assert (first.replayed, second.replayed) == (False, True)
    assert ledger.relief.get_need(need_id=command.needs[0].need_id)["op"] == first.result["op"]


def test_two_clients_with_one_id_and_other_content_are_told(consortium: RunningConsortium, scene: Scene,
                                                            ledger: Ledger) -> None:
    clerk, command = scene.official(NANAO, "C"), need_of(scene)
    other = Ledger.open(Profile.load(consortium.profile(NANAO, "console")))
    height = scene.channel.height
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda pair: outcome(pair[0], pair[1], clerk, height),
                                 ((ledger, command), (other, with_quantity(command, 11)))))
    other.close()
    refused = [entry for entry in outcomes if isinstance(entry, Refused)]
    recorded = [entry for entry in outcomes if isinstance(entry, Receipt)]
    assert [entry.code for entry in refused] == ["id_reused"] and len(recorded) == 1
    assert ledger.relief.get_need(need_id=command.needs[0].need_id)["op"] == recorded[0].result["op"]


def outcome(client: Ledger, command: RegisterNeed, actor: object, height: int) -> Receipt | Refused:
    """What a client is told."""
    try:
        return client.submit(command, actor, at_height=height)  # type: ignore[arg-type]
    except Refused as refusal:
        return refusal


def test_the_loser_of_a_race_is_invalidated_and_afresh_replayed(scene: Scene, ledger: Ledger) -> None:
    clerk, command = scene.official(NANAO, "C"), need_of(scene)
    height = scene.channel.height
    first, second = (ledger.prepare(command, clerk, at_height=height) for _ in range(2))
    ledger.finish(first.envelope, first.transaction_id)
    with pytest.raises(Invalidated) as caught:
        ledger.finish(second.envelope, second.transaction_id)
    assert caught.value.code == "MVCC_READ_CONFLICT"
    assert ledger.prepare(command, clerk).replayed


def test_a_lane_keeps_a_contended_key_free_of_conflicts(scene: Scene, ledger: Ledger) -> None:
    administrator, _ = scene.channel.administrator(NANAO)
    site, start = scene.site(NANAO), scene.channel.height
    scene.channel.access(NANAO, "webui")

    def count(people: int) -> Receipt:
        return ledger.submit(SetSiteStatus(NANAO, site, True, people), administrator, lane=site)

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(count, range(24)))
    assert len({receipt.tx_id for receipt in receipts}) == 24
    blocks = ledger.blocks(start, last=ledger.height() - 1)
    codes = [entry.code for block in blocks for entry in block.transactions
             if entry.function == SetSiteStatus.transaction]
    assert codes == ["VALID"] * 24


def test_others_serve_while_the_own_peer_is_away(consortium: RunningConsortium, scene: Scene, ledger: Ledger) -> None:
    clerk, command = scene.official(NANAO, "C"), need_of(scene)
    height = scene.channel.height
    consortium.stop(f"peer-{NANAO}")
    try:
        receipt = ledger.submit(command, clerk, at_height=height)
        assert ledger.relief.get_need(need_id=command.needs[0].need_id)["op"] == receipt.result["op"]
    finally:
        consortium.start(f"peer-{NANAO}")
        consortium.wait_ready()
    assert receipt.block_number is not None and ledger.catch_up(receipt.block_number + 1, 30)
    assert [entry.code for entry in on_chain(ledger, receipt.tx_id, height)] == ["VALID"]


def test_others_serve_while_the_own_contract_service_is_down(consortium: RunningConsortium, scene: Scene,
                                                             ledger: Ledger) -> None:
    clerk, command = scene.official(NANAO, "C"), need_of(scene)
    consortium.stop(f"contract-{NANAO}")
    try:
        receipt = ledger.submit(command, clerk, at_height=scene.channel.height)
        assert ledger.relief.get_need(need_id=command.needs[0].need_id)["op"] == receipt.result["op"]
    finally:
        consortium.start(f"contract-{NANAO}")
        consortium.wait_ready()
    assert not receipt.replayed
