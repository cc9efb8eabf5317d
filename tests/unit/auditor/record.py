"""Takes the golden block file from a real network: `python -m tests.unit.auditor.record`.

On its chain: the consortium's beginning, relief from need to receipt in all its endings and with all that it has beside
(`relief_traffic`; what takes three days to be lost is not on it), a drill, a request that lost a race,
one with an endorsement too few, a change of the channel's configuration, meters, and a mail as the last block.
"""
from __future__ import annotations

import hashlib
import json
import lzma
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import transaction_pb2
from moyai_client.errors import Invalidated
from moyai_client.identity import Identity
from moyai_client.ledger import Prepared
from moyai_client.profile import Profile
from moyai_contracts.api.devices import CorrectTotals, RecordSubstitution, RevokeDevice, SubstitutedRow
from moyai_contracts.api.evidence import MailLine, RecordMail, mail_id
from moyai_contracts.api.relief import (
    AcknowledgeDiscrepancy, CancelDispatch, ChangeNeed, CloseNeed, DeclineDispatch, IssueLabel, RegisterNeed,
    RequestDispatch, ResolveDiscrepancy, WithdrawOffer)
from moyai_network import binaries
from moyai_network.fabric_command import Administrator, run

from tests.contract.channel import NANAO, race
from tests.contract.devices_story import DevicesStory, after, midnight
from tests.contract.fabric_channel import FabricChannel
from tests.contract.relief_story import Story
from tests.contract.scene import ulid
from tests.network.consortium import RunningConsortium, running
from tests.unit.auditor import relief_traffic

GOLDEN = Path(__file__).with_name("golden.xz")


def main() -> None:
    """Writes `golden.xz`."""
    with tempfile.TemporaryDirectory(prefix="moyai-golden-") as folder, running(Path(folder)) as consortium:
        channel = FabricChannel(consortium.state.root).bootstrap()
        try:
            traffic(channel, consortium)
        finally:
            channel.close()
        file = block_folder(consortium, NANAO) / "blockfile_000000"
        GOLDEN.write_bytes(lzma.compress(file.read_bytes(), preset=9 | lzma.PRESET_EXTREME))


def block_folder(consortium: RunningConsortium, code: str) -> Path:
    """Where a municipality's peer keeps its block files."""
    return (consortium.state.home(code).peer / "data" / "ledgersData" / "chains" / "chains"
            / consortium.definition.channel)


def traffic(channel: FabricChannel, consortium: RunningConsortium) -> None:
    """Everything that the golden chain shall hold."""
    story = Story(channel)
    received = receipts(story)
    endings(story)
    relief_traffic.traffic(story)
    _losers(story)
    change_batch_timeout(consortium, "60ms")
    _invalid(story, consortium)
    _meters(DevicesStory(story.scene))
    _mail(story, received, "package_received", story["supporter"].code6, story["supporter"].account)


def receipts(story: Story) -> str:
    """The number of a receipt's transaction."""
    need, box = story.need(90, who="shelter"), story.request(quantity=60)
    story.submit("supporter", IssueLabel(box.package_id))
    story.ship(box)
    outcome = story.receive(box, 50, short=4, damaged=6, label_serial=2)
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, outcome.op))
    story.submit("clerk", ResolveDiscrepancy(box.package_id, outcome.op, "written_off"))
    offer = story.offer(30, aimed_at=need)
    unannounced = story.request(need, offer, 20)
    story.receive(unannounced, 20)
    return outcome.receipt.tx_id


def endings(story: Story) -> None:
    """Requests that are cancelled, declined or answered with less; needs and offers that end."""
    cancelled, declined, less = (story.request(quantity=60) for _ in range(3))
    story.submit("clerk", CancelDispatch(cancelled.need_id, cancelled.dispatch_id, "不要"))
    story.submit("supporter", DeclineDispatch(declined.need_id, declined.dispatch_id, "なし"))
    story.ship(less, 40)
    story.receive(less, 40)
    need = story.read_need(less.need_id)
    story.submit("clerk", ChangeNeed(less.need_id, need["rev"], quantity=80))
    story.submit("clerk", CloseNeed(less.need_id, "enough", story.read_need(less.need_id)["rev"]))
    offer = story.offer(10)
    story.submit("supporter", WithdrawOffer(offer, 1))


def _losers(story: Story) -> None:
    """Two requests for one offer at once: the second is invalid, and then recorded afresh or refused."""
    need, offer = story.need(100), story.offer(60)
    race(story.channel, [story.submission("clerk", RequestDispatch((story.line(need, offer, quantity),)))
                         for quantity in (40, 30)])


def _meters(story: DevicesStory) -> None:
    device, lost = story.device(), story.device()
    story.anchor()
    story.anchor()
    row = SubstitutedRow(device, "import", "20231224T0930", "interpolated", "停電")
    story.by_bridge(RecordSubstitution(ulid(), (row,)))
    december = story.row(device)
    story.by_bridge(story.page(december))
    january = after(december, midnight("2024-02-01"), 700)
    story.by_bridge(story.page(january, month="2024-01", previous_version=1))
    corrected = replace(january, last_raw=january.last_raw + 5, amount=january.amount + 500)
    story.scene.submit(NANAO, "webui", CorrectTotals(story.cohort, "2024-01", 0, 1, (corrected,), "読み直し", 1),
                       actor=story.clerk, keys=(story.clerk_key(),))
    story.submit(RevokeDevice(lost, "紛失"))


def _mail(story: Story, cause: str, kind: str, code6: str, account: str) -> None:
    line = MailLine(mail_id=mail_id(cause, kind, account), n=0, kind=kind, cause_tx=cause, handed_at=story.channel.now,
                    outcome="accepted", message_id_sha256=hashlib.sha256(cause.encode()).hexdigest(), account=account)
    story.scene.submit(code6, "worker", RecordMail((line,)))


def _invalid(story: Story, consortium: RunningConsortium) -> None:
    """One with an endorsement too few."""
    profile = Profile.load(consortium.profile(NANAO, "webui"))
    identity = Identity.load(profile.msp_id, profile.certificate, profile.private_key)
    access = story.channel.access(NANAO, "webui")
    lonely = story.prepare("clerk", RegisterNeed((story.need_line(5, need_id=ulid()),)))
    try:
        access.finish(_with_one_endorsement(lonely, identity), lonely.transaction_id)
    except Invalidated as error:
        assert error.code == "ENDORSEMENT_POLICY_FAILURE", error


def _with_one_endorsement(prepared: Prepared, identity: Identity) -> bytes:
    payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(prepared.envelope).payload)
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload)
    del action.action.endorsements[1:]
    transaction.actions[0].payload = action.SerializeToString()
    payload.data = transaction.SerializeToString()
    data = payload.SerializeToString()
    return common_pb2.Envelope(payload=data, signature=identity.sign(data)).SerializeToString()


def change_batch_timeout(consortium: RunningConsortium, timeout: str) -> None:
    """A change of the channel's configuration, signed by two of three administrators."""
    programs = binaries.obtain()
    first, second = (Administrator(member, consortium.state, programs)
                     for member in consortium.definition.municipalities[:2])
    channel = consortium.definition.channel
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first.peer("channel", "fetch", "config", str(folder / "block"), "--channelID", channel, *first.to_orderer())
        block = _decode(programs, folder / "block", "common.Block")
        config = block["data"]["data"][0]["payload"]["data"]["config"]
        _encode(programs, config, "common.Config", folder / "now")
        config["channel_group"]["groups"]["Orderer"]["values"]["BatchTimeout"]["value"]["timeout"] = timeout
        _encode(programs, config, "common.Config", folder / "then")
        run([programs.program("configtxlator"), "compute_update", "--channel_id", channel, "--original",
             str(folder / "now"), "--updated", str(folder / "then"), "--output", str(folder / "update")], {})
        envelope = {"payload": {"header": {"channel_header": {"channel_id": channel, "type": 2}},
                                "data": {"config_update": _decode(programs, folder / "update", "common.ConfigUpdate")}}}
        _encode(programs, envelope, "common.Envelope", folder / "envelope")
        first.peer("channel", "signconfigtx", "--file", str(folder / "envelope"))
        second.peer("channel", "update", "--file", str(folder / "envelope"), "--channelID", channel,
                    *second.to_orderer())


def _decode(programs: binaries.Binaries, path: Path, kind: str) -> Any:
    return json.loads(run([programs.program("configtxlator"), "proto_decode", "--type", kind, "--input",
                           str(path)], {}))


def _encode(programs: binaries.Binaries, content: Any, kind: str, path: Path) -> None:
    source = path.with_suffix(".json")
    source.write_text(json.dumps(content), "utf-8")
    run([programs.program("configtxlator"), "proto_encode", "--type", kind, "--input", str(source), "--output",
         str(path)], {})


if __name__ == "__main__":
    main()
