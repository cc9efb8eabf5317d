"""A transaction as use cases see it: idempotency, writes, the event."""
from __future__ import annotations

from typing import Any

import pytest

from moyai_contracts.api import Actor, Refusal, canonical
from moyai_contracts.api.command import Envelope
from moyai_contracts.transaction import Documents, Replayed, Transaction, business
from moyai_shim.memory import make_creator

OP, OTHER_OP = "01HKP6T3A00000000000000001", "01HKP6T3A00000000000000002"
CMD, OTHER_CMD = "c" * 32, "d" * 32
NOW = 1704790800
ACTOR = Actor("0" * 26, "A", "172022")


class Reader:
    """A committed state that counts its round trips."""

    def __init__(self, documents: dict[str, dict[str, Any]]) -> None:
        self.values = {key: canonical.encode(document) for key, document in documents.items()}
        self.trips: list[list[str]] = []

    def get_multiple_states(self, keys: list[str]) -> list[bytes | None]:
        self.trips.append(list(keys))
        return [self.values.get(key) for key in keys]


def framed(op: str = OTHER_OP, cmd: str = OTHER_CMD, rev: int = 3, **fields: Any) -> dict[str, Any]:
    """A document as it stands on the ledger."""
    return {"v": 1, "rev": rev, "op": op, "cmd": cmd, "at": 1, "by": "worker", "m": "132012", **fields}


def begin(reader: Reader, *, actor: Actor | None = ACTOR, scope: str | None = None) -> Transaction:
    tx = Transaction(Documents(reader), make_creator("NanaoMSP", "webui"), "f" * 64, NOW,
                     Envelope(OP, actor=actor, scope=scope), CMD)
    tx.code6 = "172022"
    return tx


def raises_refusal(code: str, **params: Any) -> Any:
    """The block is to raise this refusal."""
    return pytest.raises(Refusal, check=lambda refusal: (refusal.code, refusal.params) == (code, params))


def test_a_creation_needs_absent_keys() -> None:
    begin(Reader({})).new(["a", "b"])
    with pytest.raises(Replayed):
        begin(Reader({"a": framed(cmd=CMD), "b": framed(cmd=CMD, op=OP)})).new(["a", "b"])
    for state in ({"a": framed()}, {"a": framed(cmd=CMD)}, {"a": framed(cmd=CMD), "b": framed()}):
        with raises_refusal("id_reused"):
            begin(Reader(state)).new(["a", "b"])
    with raises_refusal("id_reused"):
        begin(Reader({})).new(["a", "a"])


def test_an_edit_needs_the_current_revision() -> None:
    assert begin(Reader({"a": framed(size=1)})).editable("a", 3)["size"] == 1
    with raises_refusal("stale_revision", rev=3):
        begin(Reader({"a": framed()})).editable("a", 2)
    with raises_refusal("stale_revision", rev=3):
        begin(Reader({"a": framed(op=OP)})).editable("a", 2)
    with raises_refusal("not_found"):
        begin(Reader({})).editable("a", 0)
    with pytest.raises(Replayed):
        begin(Reader({"a": framed(op=OP, cmd=CMD)})).editable("a", 2)


def test_a_move_is_known_by_its_operation() -> None:
    assert begin(Reader({"a": framed(cmd=CMD)})).movable("a")["rev"] == 3
    with pytest.raises(Replayed):
        begin(Reader({"a": framed(op=OP)})).movable("a")
    with raises_refusal("label_unknown"):
        begin(Reader({})).movable("a", "label_unknown")


def test_a_replacement_is_known_by_its_operation() -> None:
    assert begin(Reader({})).replaceable("a") is None
    assert begin(Reader({"a": framed(size=1)})).replaceable("a") == framed(size=1)
    with pytest.raises(Replayed):
        begin(Reader({"a": framed(op=OP, cmd=CMD)})).replaceable("a")
    with raises_refusal("id_reused"):
        begin(Reader({"a": framed(op=OP)})).replaceable("a")


def test_writes_carry_their_frame() -> None:
    tx = begin(Reader({"a": framed(size=1, name="x"), "b": framed(size=1), "c": framed(size=1)}))
    own = {"v": 1, "op": OP, "cmd": CMD, "at": NOW, "by": ACTOR.account, "m": "172022"}
    tx.create("new", {"size": 1, "name": None})
    tx.edit("a", tx.need_document("a"), size=2, name=None)
    tx.put("b", {"weight": 1})
    tx.put("fresh", {"weight": 1})
    tx.bookkeep("c", tx.need_document("c"), size=5)
    tx.delete("d")
    assert tx.writes == {
        "new": own | {"rev": 1, "size": 1}, "a": own | {"rev": 4, "ops": [OTHER_OP], "size": 2},
        "b": own | {"rev": 4, "ops": [OTHER_OP], "weight": 1},
        "fresh": own | {"rev": 1, "weight": 1}, "c": framed(size=5), "d": None}
    assert business(tx.need_document("a")) == {"size": 2}


def test_what_the_command_wrote_is_seen_by_its_later_elements() -> None:
    reader = Reader({"a": framed(size=1)})
    tx = begin(reader)
    tx.bookkeep("a", tx.need_document("a"), size=2)
    tx.bookkeep("a", tx.need_document("a"), size=tx.need_document("a")["size"] + 1)
    tx.delete("b")
    assert tx.need_document("a")["size"] == 3
    assert tx.get("b") is None
    assert canonical.decode(reader.values["a"])["size"] == 1


def test_keys_are_read_once_and_together() -> None:
    reader = Reader({"a": framed()})
    tx = begin(reader)
    tx.load(["a", "b", "a"])
    tx.load(["b", "c"])
    assert tx.get("a") and not tx.get("b") and not tx.get("c")
    assert reader.trips == [["a", "b"], ["c"]]


def test_checks_refuse() -> None:
    tx = begin(Reader({}))
    tx.require_own("172022")
    tx.require_cover("CC1")
    tx.require_past(None, NOW, NOW + 900)
    with raises_refusal("foreign_record"):
        tx.require_own("132012")
    with raises_refusal("time_out_of_range"):
        tx.require_past(NOW, NOW + 901)
    with raises_refusal("foreign_record"):
        begin(Reader({}), actor=Actor("0" * 26, "S", "172022/CC2")).require_cover("CC1")
    with raises_refusal("key_required"):
        tx.require_confirmed_keys()
    with raises_refusal("not_found"):
        tx.need_document("a")


def test_a_service_by_itself_has_no_key() -> None:
    alone = begin(Reader({}), actor=None)
    alone.require_confirmed_keys()
    assert (alone.by, alone.attested) == ("webui", "service")


def test_the_event_says_who_did_what() -> None:
    tx = begin(Reader({}), scope="live")
    tx.emit(size=1, name=None)
    assert canonical.decode(tx.event_payload()) == {
        "v": 1, "tx": "f" * 64, "at": NOW, "m": "172022", "service": "webui", "op": OP, "scope": "live",
        "actor": {"account": ACTOR.account, "role": "A", "office": "172022"}, "attested": "service",
        "data": {"size": 1}}
    alone = begin(Reader({}), actor=None)
    assert not {"actor", "scope"} & set(canonical.decode(alone.event_payload()))
    assert alone.by == "webui"
