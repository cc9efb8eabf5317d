"""A contract that does everything a contract can do, for tests alone. Results are JSON."""
from __future__ import annotations

import json
import time
from typing import Any, Callable

from moyai_shim import Page, Response, Stub, endorsement_policy, error, success
from moyai_shim.errors import LedgerError

Handler = Callable[..., Any]


class ShimContract:
    """Serves the functions below by their names; what one returns is the payload, as JSON."""

    def invoke(self, stub: Stub) -> Response:
        """Call the named function with the other arguments."""
        function, parameters = stub.get_function_and_parameters()
        handler = FUNCTIONS.get(function)
        if handler is None:
            return error(f"no function {function}", 404)
        result = handler(stub, *parameters)
        return result if isinstance(result, Response) else success(json.dumps(result, sort_keys=True).encode())


def put(stub: Stub, key: str, value: str) -> None:
    """Write one key."""
    stub.put_state(key, value.encode())


def get(stub: Stub, key: str) -> str | None:
    """Read one key."""
    return text(stub.get_state(key))


def delete(stub: Stub, key: str) -> None:
    """Delete one key without reading it."""
    stub.del_state(key)


def put_then_read(stub: Stub, key: str, value: str) -> list[str | None]:
    """Write, then read in every way there is."""
    stub.put_state(key, value.encode())
    return [text(stub.get_state(key)), text(stub.get_multiple_states([key])[0])]


def put_delete_put(stub: Stub, key: str, value: str) -> None:
    """Only the last write counts."""
    stub.put_state(key, b"first")
    stub.del_state(key)
    stub.put_state(key, value.encode())


def increment(stub: Stub, key: str) -> int:
    """Read, add one, write."""
    count = int(stub.get_state(key) or b"0") + 1
    stub.put_state(key, str(count).encode())
    return count


def create(stub: Stub, key: str) -> Response | None:
    """Write a key that must not exist."""
    if stub.get_state(key) is not None:
        return error("exists", 409)
    stub.put_state(key, b"created")
    return None


def copy(stub: Stub, source: str, target: str) -> None:
    """Depend on one key, write another."""
    stub.put_state(target, stub.get_state(source) or b"absent")


def put_many(stub: Stub, prefix: str, count: str) -> None:
    """Write `count` keys in one transaction."""
    for number in range(int(count)):
        stub.put_state(numbered(prefix, number), str(number).encode())


def get_many(stub: Stub, prefix: str, count: str) -> list[int]:
    """Read `count` keys and one that is absent: how many were found, and the sum of their values."""
    keys = [numbered(prefix, number) for number in range(int(count))]
    values = stub.get_multiple_states([*keys, f"{prefix}absent"])
    found = [int(value) for value in values if value is not None]
    return [len(found), sum(found)]


def put_composite(stub: Stub, object_type: str, *attributes: str) -> None:
    """Write one composite key."""
    stub.put_state(stub.create_composite_key(object_type, attributes), b"x")


def page(stub: Stub, start: str, end: str, size: str, bookmark: str) -> dict[str, Any]:
    """A page of simple keys."""
    return shown(stub.get_state_by_range_with_pagination(start, end, int(size), bookmark))


def page_composite(stub: Stub, size: str, bookmark: str, object_type: str, *attributes: str) -> dict[str, Any]:
    """A page of composite keys, as their parts."""
    found = stub.get_state_by_partial_composite_key_with_pagination(object_type, attributes, int(size), bookmark)
    return {"keys": [list(stub.split_composite_key(key)) for key, _ in found.items], "bookmark": found.bookmark}


def page_then_put(stub: Stub, start: str, key: str) -> None:
    """What a peer refuses."""
    stub.get_state_by_range_with_pagination(start, "", 1, "")
    stub.put_state(key, b"x")


def all_pages(stub: Stub, start: str, end: str, size: str, pause: str) -> int:
    """Count a range page by page, resting `pause` seconds after each."""
    count, bookmark = 0, ""
    while True:
        found = stub.get_state_by_range_with_pagination(start, end, int(size), bookmark)
        count, bookmark = count + len(found.items), found.bookmark
        if not bookmark:
            return count
        time.sleep(float(pause))


def history(stub: Stub, key: str) -> list[dict[str, Any]]:
    """Changes of a key, newest first."""
    return [
        {"tx_id": change.tx_id, "at": change.at, "value": text(change.value)}
        for change in stub.get_history_for_key(key)
    ]


def emit(stub: Stub, key: str, *names: str) -> None:
    """Write a key and set several events."""
    stub.put_state(key, b"x")
    for name in names:
        stub.set_event(name, json.dumps({"name": name}, separators=(",", ":")).encode())


def emit_and_increment(stub: Stub, key: str) -> int:
    """An event beside a contended write."""
    stub.set_event("incremented", b"{}")
    return increment(stub, key)


def fail(stub: Stub, kind: str) -> Any:
    """Raise on purpose, a write and an event at hand."""
    stub.put_state("never", b"x")
    stub.set_event("never", b"{}")
    raise {"value": ValueError, "exit": SystemExit, "key": KeyError}[kind]("secret text")


def refuse(stub: Stub, status: str, message: str) -> Response:
    """Refuse with a message, a write at hand."""
    stub.put_state("never", b"x")
    return error(message, int(status))


def sleep(stub: Stub, seconds: str) -> None:
    """Rest without asking the peer."""
    time.sleep(float(seconds))


def dawdle(stub: Stub, key: str, seconds: str) -> str | None:
    """Read, rest, read again."""
    stub.get_state(key)
    time.sleep(float(seconds))
    return text(stub.get_state(key))


def misuse(stub: Stub, what: str) -> Any:
    """What the runtime itself refuses."""
    acts: dict[str, Callable[[], Any]] = {
        "empty key": lambda: stub.put_state("", b"x"),
        "empty value": lambda: stub.put_state("k", b""),
        "large page": lambda: stub.get_state_by_range_with_pagination("", "", 501, ""),
        "no page": lambda: stub.get_state_by_range_with_pagination("", "", 0, ""),
        "foreign bookmark": lambda: stub.get_state_by_range_with_pagination("m", "n", 10, "a"),
        "composite bound": lambda: stub.get_state_by_range_with_pagination("\x00a", "", 10, ""),
        "nameless event": lambda: stub.set_event("", b""),
        "nameless collection": lambda: stub.get_private_data("", "k"),
    }
    return acts[what]()


def transient(stub: Stub, name: str) -> str | None:
    """A value of the transient map."""
    return text(stub.get_transient().get(name))


def identity(stub: Stub) -> dict[str, Any]:
    """What the proposal says about its signer and itself."""
    return {
        "msp_id": stub.creator.msp_id, "service": stub.creator.attributes.get("moyai.service"),
        "is_admin": stub.creator.is_admin, "fingerprint": stub.creator.fingerprint,
        "tx_id": stub.tx_id, "channel": stub.channel_id, "at": stub.get_tx_timestamp(),
    }


def arguments(stub: Stub, *_: str) -> list[str]:
    """Raw arguments in hex."""
    return [argument.hex() for argument in stub.get_args()]


def private_put(stub: Stub, collection: str, key: str) -> None:
    """Write the transient value `value`."""
    stub.put_private_data(collection, key, stub.get_transient()["value"])


def private_get(stub: Stub, collection: str, key: str) -> str | None:
    """Read a private value."""
    return text(stub.get_private_data(collection, key))


def private_hash(stub: Stub, collection: str, key: str) -> str | None:
    """Hash of a private value, hex."""
    digest = stub.get_private_data_hash(collection, key)
    return digest.hex() if digest else None


def private_delete(stub: Stub, collection: str, key: str) -> None:
    """Delete a private value."""
    stub.del_private_data(collection, key)


def private_purge(stub: Stub, collection: str, key: str) -> None:
    """Purge a private value."""
    stub.purge_private_data(collection, key)


def private_put_then_get(stub: Stub, collection: str, key: str) -> str | None:
    """Own private writes are unseen too."""
    stub.put_private_data(collection, key, stub.get_transient()["value"])
    return text(stub.get_private_data(collection, key))


def private_increment(stub: Stub, collection: str, key: str) -> int:
    """Read, add one, write, in private."""
    count = int(stub.get_private_data(collection, key) or b"0") + 1
    stub.put_private_data(collection, key, str(count).encode())
    return count


def set_policy(stub: Stub, key: str, *msp_ids: str) -> None:
    """Let all of these organisations endorse changes of a key."""
    stub.set_state_validation_parameter(key, endorsement_policy.require_all(msp_ids))


def get_policy(stub: Stub, key: str) -> str | None:
    """Policy of a key, hex."""
    policy = stub.get_state_validation_parameter(key)
    return policy.hex() if policy else None


def catch(stub: Stub, collection: str, key: str) -> str:
    """Go on after the peer refused a read."""
    try:
        stub.get_private_data(collection, key)
    except LedgerError:
        return text(stub.get_state(key)) or "caught"
    return "nothing to catch"


def numbered(prefix: str, number: int) -> str:
    """Key number `number`."""
    return f"{prefix}{number:05}"


def text(value: bytes | None) -> str | None:
    """Text of a value."""
    return None if value is None else value.decode()


def shown(found: Page) -> dict[str, Any]:
    """Page as JSON."""
    return {"items": [[key, value.decode()] for key, value in found.items], "bookmark": found.bookmark}


FUNCTIONS: dict[str, Handler] = {
    handler.__name__: handler
    for handler in (
        put, get, delete, put_then_read, put_delete_put, increment, create, copy, put_many, get_many, put_composite,
        page, page_composite, page_then_put, all_pages, history, emit, emit_and_increment, fail, refuse, sleep, dawdle,
        misuse, transient, identity, arguments, private_put, private_get, private_hash, private_delete, private_purge,
        private_put_then_get, private_increment, set_policy, get_policy, catch,
    )
}
