"""Transactions that meet, on both ledgers."""
from __future__ import annotations

from typing import Callable

from tests.contract.shim.channel import Channel, submit

Key = Callable[[str], str]


def test_of_two_that_read_and_write_one_key_the_second_is_invalid(channel: Channel, key: Key) -> None:
    first = channel.endorse("emit_and_increment", key("a"))
    second = channel.endorse("emit_and_increment", key("a"), organisation=1)
    assert first.outcome.result == second.outcome.result == 1
    assert [channel.commit(first), channel.commit(second)] == ["VALID", "MVCC_READ_CONFLICT"]
    assert channel.evaluate("get", key("a")).result == "1"


def test_invalid_transaction_stands_in_its_block_with_event_and_writes(channel: Channel, key: Key) -> None:
    first, second = (channel.endorse("emit_and_increment", key("a")) for _ in range(2))
    channel.commit(first)
    channel.commit(second)
    record = channel.transaction(second.outcome.tx_id)
    assert record.code == "MVCC_READ_CONFLICT"
    assert record.event == ("incremented", {})
    assert record.writes == {key("a"): b"1"}
    assert [change["tx_id"] for change in channel.evaluate("history", key("a")).result] == [first.outcome.tx_id]


def test_absent_key_that_was_read_is_a_version_too(channel: Channel, key: Key) -> None:
    first, second = (channel.endorse("create", key("a")) for _ in range(2))
    assert [channel.commit(first), channel.commit(second)] == ["VALID", "MVCC_READ_CONFLICT"]
    assert submit(channel, "create", key("a")).status == 409


def test_deleted_and_created_again_is_another_version(channel: Channel, key: Key) -> None:
    submit(channel, "put", key("a"), "1")
    late = channel.endorse("copy", key("a"), key("b"))
    submit(channel, "delete", key("a"))
    submit(channel, "put", key("a"), "1")
    assert channel.commit(late) == "MVCC_READ_CONFLICT"
    assert channel.evaluate("get", key("b")).result is None


def test_blind_writes_do_not_conflict(channel: Channel, key: Key) -> None:
    first = channel.endorse("put", key("a"), "1")
    second = channel.endorse("put", key("a"), "2")
    assert [channel.commit(first), channel.commit(second)] == ["VALID", "VALID"]
    assert channel.evaluate("get", key("a")).result == "2"


def test_reading_another_key_does_not_conflict(channel: Channel, key: Key) -> None:
    first = channel.endorse("copy", key("a"), key("b"))
    second = channel.endorse("put", key("b"), "x")
    third = channel.endorse("copy", key("b"), key("c"))
    assert [channel.commit(pending) for pending in (first, second, third)] == ["VALID", "VALID", "MVCC_READ_CONFLICT"]


def test_new_key_in_a_read_range_is_a_phantom(channel: Channel, key: Key) -> None:
    submit(channel, "put_many", key("n"), "3")
    late = channel.endorse("page", key("n"), key("o"), "500", "")
    submit(channel, "put", key("n99"), "x")
    assert channel.commit(late) == "PHANTOM_READ_CONFLICT"


def test_changed_or_deleted_key_in_a_read_range_is_a_phantom(channel: Channel, key: Key) -> None:
    submit(channel, "put_many", key("n"), "3")
    changed = channel.endorse("page", key("n"), key("o"), "500", "")
    submit(channel, "put", key("n00001"), "other")
    assert channel.commit(changed) == "PHANTOM_READ_CONFLICT"
    deleted = channel.endorse("page", key("n"), key("o"), "500", "")
    submit(channel, "delete", key("n00001"))
    assert channel.commit(deleted) == "PHANTOM_READ_CONFLICT"


def test_page_depends_on_nothing_behind_its_last_key(channel: Channel, key: Key) -> None:
    submit(channel, "put_many", key("n"), "5")
    page = channel.endorse("page", key("n"), key("o"), "2", "")
    submit(channel, "put", key("n00001a"), "behind the page")
    assert channel.commit(page) == "VALID"
    page = channel.endorse("page", key("n"), key("o"), "2", "")
    submit(channel, "put", key("n00000a"), "within the page")
    assert channel.commit(page) == "PHANTOM_READ_CONFLICT"
