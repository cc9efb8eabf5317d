"""A year's key from console to console: opened by whom it was made for alone, and only as its maker signed it."""
from __future__ import annotations

import json
from typing import Any

import pytest
from moyai_bridge.epoch_exchange import Address, ExchangeFailed, seal, unseal
from moyai_client.actor_key import ActorKey
from moyai_contracts.api import canonical

EPOCH, KEY = "2027", b"k" * 32


class Ledger:
    """Accounts and keys as the ledger has them."""

    def __init__(self, *keys: ActorKey) -> None:
        self.accounts = {key.account: {"roles": ["A"], "status": "active"} for key in keys}
        self.keys = {(key.account, key.key_id): {"public": key.public, "status": "active", "grade": "confirmed"}
                     for key in keys}

    def document(self, kind: str, /, **key: Any) -> dict[str, Any] | None:
        if kind == "account":
            return self.accounts.get(key["account_id"])
        return self.keys.get((key["account_id"], key["key_id"]))


@pytest.fixture
def maker() -> ActorKey:
    return ActorKey.generate("M" * 26)


@pytest.fixture
def receiver() -> ActorKey:
    return ActorKey.generate("R" * 26)


@pytest.fixture
def ledger(maker: ActorKey, receiver: ActorKey) -> Ledger:
    return Ledger(maker, receiver)


@pytest.fixture
def file(maker: ActorKey, receiver: ActorKey, ledger: Ledger) -> bytes:
    return seal(EPOCH, KEY, maker, [address(receiver)], ledger)


def address(key: ActorKey) -> Address:
    return Address.read(f"{key.account}/{key.key_id}")


def changed(file: bytes, **values: Any) -> bytes:
    return canonical.encode(json.loads(file) | values)


def test_e01_the_receiver_gets_the_key_and_the_file_does_not_show_it(file: bytes, receiver: ActorKey,
                                                                     ledger: Ledger) -> None:
    assert unseal(file, receiver, ledger) == (EPOCH, KEY)
    assert KEY not in file and KEY.hex().encode() not in file and b"a2tr" not in file  # base64 of kkk


def test_e01_nobody_else_opens_it(file: bytes, maker: ActorKey, receiver: ActorKey, ledger: Ledger) -> None:
    with pytest.raises(ExchangeFailed, match="holds nothing for"):
        unseal(file, maker, ledger)
    stranger = ActorKey(ActorKey.generate(receiver.account).key, receiver.account)
    with pytest.raises(ExchangeFailed, match="holds nothing for"):
        unseal(file, stranger, ledger)


def test_e01_what_was_changed_or_is_another_s_word_is_refused(file: bytes, receiver: ActorKey,
                                                              ledger: Ledger) -> None:
    other = ActorKey.generate("T" * 26)
    with pytest.raises(ExchangeFailed, match="was changed"):
        unseal(changed(file, epoch="2028"), receiver, ledger)
    with pytest.raises(ExchangeFailed, match="was changed"):
        unseal(changed(file, signature=other.sign(b"anything")), receiver, ledger)
    with pytest.raises(ExchangeFailed, match="was changed"):
        unseal(changed(file, signature=""), receiver, ledger)
    with pytest.raises(ExchangeFailed, match="has no key"):
        unseal(changed(file, account=other.account, key=other.key_id), receiver, ledger)
    with pytest.raises(ExchangeFailed, match="is no epoch key"):
        unseal(b"[]", receiver, ledger)


def test_e01_a_sealed_key_serves_its_year_and_receiver_alone(maker: ActorKey, receiver: ActorKey,
                                                             ledger: Ledger) -> None:
    """Even the maker's signature under a file put together from parts of another opens nothing."""
    file = json.loads(seal(EPOCH, KEY, maker, [address(receiver)], ledger)) | {"epoch": "2028", "signature": ""}
    forged = file | {"signature": maker.sign(canonical.encode(file))}
    with pytest.raises(ExchangeFailed, match="cannot be opened"):
        unseal(canonical.encode(forged), receiver, ledger)


@pytest.mark.parametrize(("kind", "change", "words"), [
    ("account", {"roles": ["C"]}, "no administrator"), ("account", {"status": "suspended"}, "no administrator"),
    ("key", {"status": "revoked"}, "revoked"), ("key", {"grade": "self"}, "not confirmed")])
@pytest.mark.parametrize("whose", ["maker", "receiver"])
def test_e01_only_administrators_keys_that_count_are_used(
        kind: str, change: dict[str, Any], words: str, whose: str, file: bytes, maker: ActorKey, receiver: ActorKey,
        ledger: Ledger) -> None:
    key = {"maker": maker, "receiver": receiver}[whose]
    found = ledger.accounts[key.account] if kind == "account" else ledger.keys[key.account, key.key_id]
    found.update(change)
    with pytest.raises(ExchangeFailed, match=words):
        seal(EPOCH, KEY, maker, [address(receiver)], ledger)
    if whose == "maker":
        with pytest.raises(ExchangeFailed, match=words):
            unseal(file, receiver, ledger)


@pytest.mark.parametrize("text", ["", "short/0123456789abcdef", f"{'R' * 26}", f"{'R' * 26}/0123"])
def test_e01_what_is_no_address_is_said_so(text: str) -> None:
    with pytest.raises(ExchangeFailed, match="is no address"):
        Address.read(text)
