"""Private data and key-level endorsement, on both ledgers."""
from __future__ import annotations

import hashlib
from typing import Callable

from moyai_shim import endorsement_policy
from tests.contract.shim.channel import PAIR, Channel, submit

Key = Callable[[str], str]
OUTSIDER = 2


def put_private(channel: Channel, name: str, value: bytes = b"secret") -> None:
    """Write a private value as its first member."""
    assert submit(channel, "private_put", PAIR, name, transient={"value": value}).code == "VALID"


def test_private_value_is_members_and_its_hash_everybodys(channel: Channel, key: Key) -> None:
    digest = hashlib.sha256(b"secret").hexdigest()
    assert channel.evaluate("private_get", PAIR, key("a")).result is None
    put_private(channel, key("a"))
    assert channel.evaluate("private_get", PAIR, key("a")).result == "secret"
    for organisation in range(3):
        assert channel.evaluate("private_hash", PAIR, key("a"), organisation=organisation).result == digest
    assert channel.evaluate("get", key("a")).result is None


def test_private_value_is_not_in_the_block(channel: Channel, key: Key) -> None:
    done = submit(channel, "private_put", PAIR, key("a"), transient={"value": b"secret"})
    assert channel.transaction(done.tx_id).writes == {}


def test_outsider_neither_reads_nor_writes(channel: Channel, key: Key) -> None:
    put_private(channel, key("a"))
    read = channel.evaluate("private_get", PAIR, key("a"), organisation=OUTSIDER)
    write = channel.endorse("private_put", PAIR, key("a"), organisation=OUTSIDER, transient={"value": b"x"},
                            endorsers=[0]).outcome
    for refused, access in ((read, "read"), (write, "write")):
        assert (refused.status, refused.code) == (500, "")
        assert refused.message.startswith("LedgerError: ")
        assert f"tx creator does not have {access} access permission" in refused.message
    assert channel.evaluate("private_get", PAIR, key("a")).result == "secret"


def test_peer_of_an_outsider_says_that_it_lacks_the_value(channel: Channel, key: Key) -> None:
    put_private(channel, key("a"))
    refused = channel.endorse("private_get", PAIR, key("a"), endorsers=[OUTSIDER]).outcome
    assert refused.status == 500
    assert "private data matching public hash version is not available" in refused.message


def test_deleted_and_purged_values_and_hashes_are_absent(channel: Channel, key: Key) -> None:
    for function in ("private_delete", "private_purge"):
        put_private(channel, key(function))
        assert submit(channel, function, PAIR, key(function)).code == "VALID"
        assert channel.evaluate("private_get", PAIR, key(function)).result is None
        assert channel.evaluate("private_hash", PAIR, key(function)).result is None


def test_own_private_writes_are_unseen(channel: Channel, key: Key) -> None:
    outcome = submit(channel, "private_put_then_get", PAIR, key("a"), transient={"value": b"new"})
    assert outcome.result is None
    assert channel.evaluate("private_get", PAIR, key("a")).result == "new"


def test_private_reads_conflict_too(channel: Channel, key: Key) -> None:
    put_private(channel, key("a"), b"1")
    first, second = (channel.endorse("private_increment", PAIR, key("a"), endorsers=[0]) for _ in range(2))
    assert [channel.commit(first), channel.commit(second)] == ["VALID", "MVCC_READ_CONFLICT"]
    assert channel.evaluate("private_get", PAIR, key("a")).result == "2"


def test_one_member_may_endorse_its_collection(channel: Channel, key: Key) -> None:
    transient = {"value": b"x"}
    member = channel.endorse("private_put", PAIR, key("a"), transient=transient, endorsers=[0])
    assert channel.commit(member) == "VALID"


def test_key_without_policy_needs_the_majority(channel: Channel, key: Key) -> None:
    assert channel.evaluate("get_policy", key("a")).result is None
    alone = channel.endorse("put", key("a"), "1", endorsers=[0])
    assert channel.commit(alone) == "ENDORSEMENT_POLICY_FAILURE"
    assert channel.evaluate("get", key("a")).result is None
    two = channel.endorse("put", key("a"), "1", endorsers=[0, 2])
    assert channel.commit(two) == "VALID"


def test_policy_of_a_key_replaces_the_majority(channel: Channel, key: Key) -> None:
    first = channel.organisations[0]
    submit(channel, "put", key("a"), "1")
    assert submit(channel, "set_policy", key("a"), first).code == "VALID"
    assert channel.evaluate("get_policy", key("a")).result == endorsement_policy.require_all([first]).hex()
    assert channel.evaluate("get", key("a")).result == "1"
    others = channel.endorse("put", key("a"), "2", organisation=1, endorsers=[1, 2])
    assert channel.commit(others) == "ENDORSEMENT_POLICY_FAILURE"
    alone = channel.endorse("put", key("a"), "3", endorsers=[0])
    assert channel.commit(alone) == "VALID"
    assert channel.evaluate("get", key("a")).result == "3"


def test_policy_outlives_a_write_and_its_change_needs_it(channel: Channel, key: Key) -> None:
    submit(channel, "put", key("a"), "1")
    submit(channel, "set_policy", key("a"), *channel.organisations)
    two = channel.endorse("put", key("a"), "2", endorsers=[0, 1])
    assert channel.commit(two) == "ENDORSEMENT_POLICY_FAILURE"
    loosen = channel.endorse("set_policy", key("a"), channel.organisations[0], endorsers=[0, 1])
    assert channel.commit(loosen) == "ENDORSEMENT_POLICY_FAILURE"
    assert submit(channel, "put", key("a"), "3").code == "VALID", "the gateway finds all three by itself"
    assert channel.evaluate("get_policy", key("a")).result is not None


def test_policy_of_an_absent_key_is_nothing(channel: Channel, key: Key) -> None:
    assert submit(channel, "set_policy", key("a"), channel.organisations[0]).code == "VALID"
    assert channel.evaluate("get_policy", key("a")).result is None


def test_policy_goes_with_its_key(channel: Channel, key: Key) -> None:
    submit(channel, "put", key("a"), "1")
    submit(channel, "set_policy", key("a"), *channel.organisations)
    assert submit(channel, "delete", key("a")).code == "VALID"
    two = channel.endorse("put", key("a"), "2", endorsers=[0, 1])
    assert channel.commit(two) == "VALID"


def test_new_policy_is_a_new_version(channel: Channel, key: Key) -> None:
    submit(channel, "put", key("a"), "1")
    late = channel.endorse("copy", key("a"), key("b"))
    submit(channel, "set_policy", key("a"), *channel.organisations)
    assert channel.commit(late) == "MVCC_READ_CONFLICT"
