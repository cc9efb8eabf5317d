"""What a proposal brings in and what an answer takes out, on both ledgers."""
from __future__ import annotations

from typing import Callable

import pytest

from tests.contract.shim.channel import CHANNEL, Channel, submit

Key = Callable[[str], str]


def test_contract_sees_signer_time_and_id(channel: Channel) -> None:
    for organisation in range(3):
        outcome = channel.evaluate("identity", organisation=organisation)
        found = outcome.result
        creator = channel.creator(organisation)
        assert abs(found.pop("at") - channel.now()) < 120
        assert found == {
            "msp_id": channel.organisations[organisation], "service": creator.attributes["moyai.service"],
            "is_admin": False, "fingerprint": creator.fingerprint, "tx_id": outcome.tx_id, "channel": CHANNEL,
        }


def test_arguments_arrive_as_they_were(channel: Channel) -> None:
    assert channel.evaluate("arguments", "", "七尾", " x").result == [
        "arguments".encode().hex(), "", "七尾".encode().hex(), " x".encode().hex(),
    ]


def test_argument_that_is_no_text_is_an_error(channel: Channel) -> None:
    refused = channel.evaluate("arguments", b"\xff")
    assert (refused.status, refused.message) == (500, "UnicodeDecodeError")


def test_transient_data_reaches_the_contract_and_not_the_transaction(channel: Channel, key: Key) -> None:
    assert channel.evaluate("transient", "salt", transient={"salt": b"secret"}).result == "secret"
    assert channel.evaluate("transient", "salt").result is None


@pytest.mark.parametrize(("kind", "name"), [("value", "ValueError"), ("exit", "SystemExit"), ("key", "KeyError")])
def test_exception_is_an_answer_without_its_text(channel: Channel, kind: str, name: str) -> None:
    refused = submit(channel, "fail", kind)
    assert (refused.status, refused.message, refused.payload, refused.code) == (500, name, b"", "")
    assert channel.evaluate("get", "never").result is None


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500])
def test_refusal_keeps_status_and_message_and_is_never_committed(channel: Channel, status: int) -> None:
    message = '{"code":"offer_short","params":{"available":3}}'
    for refused in (submit(channel, "refuse", str(status), message), channel.evaluate("refuse", str(status), message)):
        assert (refused.status, refused.message, refused.payload, refused.code) == (status, message, b"", "")
    assert channel.evaluate("get", "never").result is None


def test_unknown_function_is_the_contracts_refusal(channel: Channel) -> None:
    refused = channel.evaluate("nothing")
    assert (refused.status, refused.message) == (404, "no function nothing")


def test_one_event_a_transaction_the_last_one(channel: Channel, key: Key) -> None:
    done = submit(channel, "emit", key("a"), "first", "second")
    assert channel.transaction(done.tx_id).event == ("second", {"name": "second"})
    silent = submit(channel, "emit", key("b"))
    assert channel.transaction(silent.tx_id).event is None


def test_contract_may_go_on_after_the_peer_refused(channel: Channel, key: Key) -> None:
    submit(channel, "put", key("a"), "went on")
    assert channel.evaluate("catch", "no-such-collection", key("a")).result == "went on"
