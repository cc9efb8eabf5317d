"""S8: sendings on the ledger, recorded by the municipality that holds the address."""
from __future__ import annotations

import hashlib
from typing import Any

import pytest

from moyai_contracts.api.evidence import MailLine, RecordMail, mail_id
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.memory_channel import MemoryChannel
from tests.contract.scene import Scene, random_id, ulid

MESSAGE_ID = "c" * 64


def mail(scene: Scene, *, account: str | None = None, site: str | None = None, n: int = 0, cause: str | None = None,
         **changes: Any) -> MailLine:
    """A mail to somebody, caused by a transaction of its own unless said otherwise."""
    cause = cause or hashlib.sha256(random_id().encode()).hexdigest()
    values: dict[str, Any] = {
        "mail_id": mail_id(cause, "package_received", account or site or ""), "n": n, "kind": "package_received",
        "cause_tx": cause, "handed_at": scene.channel.now, "outcome": "accepted" if n == 0 else "bounced",
        "message_id_sha256": MESSAGE_ID, "account": account, "site": site}
    return MailLine(**values | changes)


def test_s08_record_mail_is_the_workers_act(scene: Scene) -> None:
    supporter, site = scene.supporter(NANAO), scene.site(NANAO, is_open=False)
    lines = (mail(scene, account=supporter.account), mail(scene, site=site))
    command, op = RecordMail(lines), ulid()
    receipt = scene.submit(NANAO, "worker", command, op=op)
    assert scene.event(receipt) == {"mails": [
        {"mail_id": line.mail_id, "n": 0, "kind": "package_received", "cause_tx": line.cause_tx,
         "outcome": "accepted"} for line in lines]}
    assert scene.submit(NANAO, "worker", command, op=op).replayed
    document = scene.evaluate(NANAO, "evidence.get_mail", code6=NANAO, mail_id=lines[0].mail_id, n=0)
    assert (document["account"], document["outcome"], document["by"], document["message_id_sha256"]) == (
        supporter.account, "accepted", "worker", MESSAGE_ID)
    assert "site" not in document
    for service in ("webui", "console"):
        assert scene.refusal(NANAO, service, RecordMail((mail(scene, site=site),))).code == "not_permitted"


def test_s08_a_bounce_follows_its_sending(scene: Scene) -> None:
    site = scene.site(NANAO, is_open=False)
    first = mail(scene, site=site)
    bounce, second = (mail(scene, site=site, n=n, cause=first.cause_tx) for n in (1, 2))
    assert scene.refusal(NANAO, "worker", RecordMail((bounce,))).code == "not_found"
    scene.submit(NANAO, "worker", RecordMail((first,)))
    assert scene.refusal(NANAO, "worker", RecordMail((second,))).code == "not_found"
    scene.submit(NANAO, "worker", RecordMail((second, bounce)))
    document = scene.evaluate(NANAO, "evidence.get_mail", code6=NANAO, mail_id=first.mail_id, n=2)
    assert document["outcome"] == "bounced"


def test_s08_a_mail_is_recorded_once(scene: Scene) -> None:
    site = scene.site(NANAO, is_open=False)
    line = mail(scene, site=site)
    scene.submit(NANAO, "worker", RecordMail((line,)))
    other = mail(scene, site=site, cause=line.cause_tx, outcome="deferred")
    for lines in ((other,), (line, mail(scene, site=site)), (line, line)):
        assert scene.refusal(NANAO, "worker", RecordMail(lines)).code == "id_reused"


@pytest.mark.parametrize(("changes", "field"), [
    ({"account": None}, "account, site"), ({"site": "CC1"}, "account, site"), ({"mail_id": "0" * 26}, "mail_id"),
    ({"kind": "offer_registered"}, "mail_id"), ({"cause_tx": "d" * 64}, "mail_id")])
def test_a_mail_is_known_by_cause_kind_and_recipient(memory: MemoryChannel, changes: dict[str, Any],
                                                     field: str) -> None:
    scene = Scene(memory)
    line = mail(scene, account=scene.supporter(NANAO).account)
    values = {name: getattr(line, name) for name in line.__dataclass_fields__}
    refusal = scene.refusal(NANAO, "worker", RecordMail((MailLine(**values | changes),)))
    assert (refusal.code, refusal.params) == ("bad_argument", {"field": field})


def test_only_who_holds_the_address_records(scene: Scene) -> None:
    supporter, site = scene.supporter(NANAO), scene.site(NANAO, is_open=False)
    refusal = scene.refusal(HACHIOJI, "worker", RecordMail((mail(scene, account=supporter.account),)))
    assert refusal.code == "foreign_record"
    assert scene.refusal(HACHIOJI, "worker", RecordMail((mail(scene, site=site),))).code == "not_found"
    assert scene.refusal(NANAO, "worker", RecordMail((mail(scene, account=random_id()),))).code == "not_found"


def test_a_mail_is_not_handed_over_tomorrow(memory: MemoryChannel) -> None:
    scene = Scene(memory)
    site = scene.site(NANAO, is_open=False)
    late = mail(scene, site=site, handed_at=memory.now + 901)
    assert scene.refusal(NANAO, "worker", RecordMail((late,))).code == "time_out_of_range"
    scene.submit(NANAO, "worker", RecordMail((mail(scene, site=site, handed_at=memory.now + 900),)))
