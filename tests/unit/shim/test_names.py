"""Keys, creators, answers, policies: what needs no ledger."""
from __future__ import annotations

import hashlib
import inspect

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from moyai_shim import Creator, Stub, endorsement_policy, error, success
from moyai_shim.composite_key import create_composite_key, partial_key_range, split_composite_key
from moyai_shim.errors import InvalidKey
from moyai_shim.memory import make_creator
from moyai_shim.response import Response
from moyai_shim.transaction import Transaction

PARTS = st.text(st.characters(exclude_characters="\x00\U0010ffff", exclude_categories=["Cs"]), max_size=8)


def test_transaction_offers_exactly_what_the_stub_promises() -> None:
    promised = {name: member for name, member in vars(Stub).items() if not name.startswith("_")}
    for name, member in promised.items():
        kept = vars(Transaction)[name]
        if isinstance(member, property):
            assert isinstance(kept, property), name
        else:
            assert inspect.signature(kept) == inspect.signature(member), name
    assert {name for name in vars(Transaction) if not name.startswith("_")} - set(promised) == {"event", "flush"}


def test_composite_key_is_fabrics() -> None:
    assert create_composite_key("need", ["live", "01"]) == "\x00need\x00live\x0001\x00"


@given(PARTS.filter(bool), st.lists(PARTS, max_size=4))
def test_composite_key_splits_into_its_parts(object_type: str, attributes: list[str]) -> None:
    assert split_composite_key(create_composite_key(object_type, attributes)) == (object_type, attributes)


@given(st.lists(PARTS, max_size=3), st.lists(PARTS, max_size=3))
def test_partial_range_holds_exactly_the_keys_that_begin_with_its_parts(prefix: list[str], other: list[str]) -> None:
    start, end = partial_key_range("need", prefix)
    key = create_composite_key("need", other)
    assert (start.encode() <= key.encode() < end.encode()) == (other[:len(prefix)] == prefix)


@pytest.mark.parametrize("parts", [("", []), ("a\x00b", []), ("need", ["\U0010ffff"]), ("need", ["\x00"])])
def test_composite_key_refuses_delimiters_and_no_type(parts: tuple[str, list[str]]) -> None:
    with pytest.raises(InvalidKey):
        create_composite_key(*parts)


@pytest.mark.parametrize("key", ["", "simple", "\x00", "\x00need", "need\x00"])
def test_other_keys_are_not_split(key: str) -> None:
    with pytest.raises(InvalidKey):
        split_composite_key(key)


def test_creator_tells_fingerprint_attributes_and_unit() -> None:
    creator = make_creator("NanaoMSP", "console")
    certificate = x509.load_pem_x509_certificate(creator.certificate)
    assert creator.fingerprint == hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    assert creator.attributes["moyai.service"] == "console"
    assert not creator.is_admin
    admin = make_creator("NanaoMSP", None, admin=True)
    assert admin.is_admin and dict(admin.attributes) == {}


def test_test_creators_are_made_once_and_tell_names_apart() -> None:
    assert make_creator("NanaoMSP", "webui") is make_creator("NanaoMSP", "webui")
    assert make_creator("NanaoMSP", "webui").fingerprint != make_creator("NanaoMSP", "webui", name="b").fingerprint


def test_unreadable_certificate_is_an_error() -> None:
    with pytest.raises(ValueError):
        assert Creator("NanaoMSP", b"no certificate").fingerprint


def test_answers_know_whether_they_are_endorsed() -> None:
    assert not success(b"x").is_error
    assert not Response(399).is_error
    assert error("why", 400).is_error
    with pytest.raises(ValueError):
        error("why", 399)
    with pytest.raises(ValueError):
        Response(0)


@pytest.mark.parametrize(("count", "signers", "holds"), [
    (2, {"A", "B"}, True), (2, {"A", "C", "X"}, True), (2, {"A", "X"}, False), (3, {"A", "B"}, False), (1, {"C"}, True),
])
def test_policy_counts_its_own_organisations(count: int, signers: set[str], holds: bool) -> None:
    assert endorsement_policy.is_satisfied(endorsement_policy.require(count, ["A", "B", "C"]), signers) is holds


def test_policy_needs_a_possible_number() -> None:
    for count in (0, 4):
        with pytest.raises(ValueError):
            endorsement_policy.require(count, ["A", "B", "C"])
