"""Keys, ranges, batches, history: the same answers from the ledger in memory and from real peers."""
from __future__ import annotations

from typing import Callable

import pytest

from tests.contract.shim.channel import Channel, submit

Key = Callable[[str], str]


def test_written_value_is_read_after_its_block(channel: Channel, key: Key) -> None:
    assert channel.evaluate("get", key("a")).result is None
    assert submit(channel, "put", key("a"), "値").code == "VALID"
    assert channel.evaluate("get", key("a")).result == "値"
    for organisation in range(3):
        assert channel.evaluate("get", key("a"), organisation=organisation).result == "値"


def test_deleted_key_is_absent(channel: Channel, key: Key) -> None:
    submit(channel, "put", key("a"), "1")
    assert submit(channel, "delete", key("a")).code == "VALID"
    assert channel.evaluate("get", key("a")).result is None
    assert submit(channel, "delete", key("never")).code == "VALID"


def test_own_writes_are_unseen(channel: Channel, key: Key) -> None:
    assert submit(channel, "put_then_read", key("a"), "new").result == [None, None]
    assert submit(channel, "put_then_read", key("a"), "newer").result == ["new", "new"]
    assert channel.evaluate("get", key("a")).result == "newer"


def test_last_write_wins(channel: Channel, key: Key) -> None:
    done = submit(channel, "put_delete_put", key("a"), "last")
    assert channel.evaluate("get", key("a")).result == "last"
    assert channel.transaction(done.tx_id).writes == {key("a"): b"last"}


@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 3000])
def test_batches_of_any_size(channel: Channel, key: Key, count: int) -> None:
    done = submit(channel, "put_many", key(""), str(count))
    assert done.code == "VALID"
    assert len(channel.transaction(done.tx_id).writes) == count
    assert channel.evaluate("get_many", key(""), str(count)).result == [count, count * (count - 1) // 2]


def test_absent_key_in_a_batch_read(channel: Channel, key: Key) -> None:
    assert channel.evaluate("get_many", key(""), "0").result == [0, 0]
    submit(channel, "put_many", key(""), "2")
    assert channel.evaluate("get_many", key(""), "5").result == [2, 1]


def test_range_follows_the_bytes_of_the_keys(channel: Channel, key: Key) -> None:
    names = ["Z", "a", "é", "七", "尾", "\ufffd", "\U0001f4e6"]
    for name in reversed(names):
        submit(channel, "put", key(name), "x")
    found = channel.evaluate("page", key(""), key("\U0010fffe"), "500", "").result
    assert [name for name, _ in found["items"]] == [key(name) for name in names]
    assert found["bookmark"] == ""


def test_range_is_paged_by_bookmarks(channel: Channel, key: Key) -> None:
    submit(channel, "put_many", key("n"), "7")
    pages, bookmark = [], ""
    while True:
        found = channel.evaluate("page", key("n"), key("o"), "3", bookmark).result
        pages.append([name for name, _ in found["items"]])
        bookmark = found["bookmark"]
        if not bookmark:
            break
        assert bookmark == key(f"n{3 * len(pages):05}")
    assert pages == [[key(f"n{number:05}") for number in group] for group in ((0, 1, 2), (3, 4, 5), (6,))]


def test_range_excludes_its_end_and_an_exact_page_has_no_bookmark(channel: Channel, key: Key) -> None:
    submit(channel, "put_many", key("n"), "3")
    found = channel.evaluate("page", key("n00000"), key("n00002"), "2", "").result
    assert found == {"items": [[key("n00000"), "0"], [key("n00001"), "1"]], "bookmark": ""}
    assert channel.evaluate("page", key("x"), key("y"), "2", "").result == {"items": [], "bookmark": ""}


def test_composite_keys_stay_out_of_an_open_range(channel: Channel, key: Key) -> None:
    submit(channel, "put_composite", key("need"), "live", "1")
    submit(channel, "put", key("simple"), "x")
    found = channel.evaluate("page", "", key("simpler"), "500", "").result
    assert not [name for name, _ in found["items"] if name.startswith("\x00")]


def test_composite_keys_are_found_by_their_first_parts(channel: Channel, key: Key) -> None:
    for parts in (["live", "1"], ["live", "2"], ["lively", "3"], ["live"]):
        submit(channel, "put_composite", key("need"), *parts)
    submit(channel, "put_composite", key("needle"), "live", "4")
    first = channel.evaluate("page_composite", "2", "", key("need"), "live").result
    assert first["keys"] == [[key("need"), ["live"]], [key("need"), ["live", "1"]]]
    rest = channel.evaluate("page_composite", "2", first["bookmark"], key("need"), "live").result
    assert rest == {"keys": [[key("need"), ["live", "2"]]], "bookmark": ""}


def test_write_after_a_page_is_refused(channel: Channel, key: Key) -> None:
    refused = submit(channel, "page_then_put", key(""), key("a"))
    assert refused.status == 500
    assert refused.message.startswith("LedgerError: ")
    assert "Transaction has already performed a paginated query. Writes are not allowed" in refused.message
    assert channel.evaluate("get", key("a")).result is None


def test_history_is_newest_first_with_deletions(channel: Channel, key: Key) -> None:
    done = [submit(channel, "put", key("a"), "1"), submit(channel, "put", key("a"), "2"),
            submit(channel, "delete", key("a")), submit(channel, "put", key("a"), "3")]
    found = channel.evaluate("history", key("a")).result
    assert [change["value"] for change in found] == ["3", None, "2", "1"]
    assert [change["tx_id"] for change in found] == [outcome.tx_id for outcome in reversed(done)]
    assert all(abs(change["at"] - channel.now()) < 120 for change in found)
    assert channel.evaluate("history", key("never")).result == []


def test_history_longer_than_a_step_of_the_peer(channel: Channel, key: Key) -> None:
    for number in range(105):
        submit(channel, "put", key("a"), str(number))
    found = channel.evaluate("history", key("a")).result
    assert [int(change["value"]) for change in found] == list(reversed(range(105)))


@pytest.mark.parametrize(("what", "error"), [
    ("empty key", "InvalidKey"), ("empty value", "ValueError"), ("large page", "InvalidKey"),
    ("no page", "InvalidKey"), ("foreign bookmark", "InvalidKey"), ("composite bound", "InvalidKey"),
    ("nameless event", "ValueError"), ("nameless collection", "InvalidKey"),
])
def test_misuse_is_refused_by_the_runtime(channel: Channel, what: str, error: str) -> None:
    refused = channel.evaluate("misuse", what)
    assert (refused.status, refused.message.partition(":")[0]) == (500, error)
