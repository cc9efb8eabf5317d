"""What is published: transactions, events, queries, refusals. It may grow; what stands there stays."""
from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

import moyai_contracts
from moyai_contracts import queries as answers
from moyai_contracts.api import QUERIES, REFUSALS, TRANSACTIONS, Refusal, describe, evidence
from moyai_contracts.api import queries
from moyai_contracts.api.directory import vote_hash
from moyai_contracts.api.refusals import sentence
from moyai_contracts.contract import USE_CASES

GOLDEN = Path(moyai_contracts.__file__).with_name("api.json")


def test_the_vocabulary_is_the_published_one() -> None:
    """After an addition: python -m moyai_contracts.api > chaincode/moyai_contracts/api.json"""
    assert json.loads(GOLDEN.read_text("utf-8")) == describe()


def test_every_published_transaction_is_carried_out() -> None:
    assert set(USE_CASES) == set(TRANSACTIONS)
    assert all(case.command is TRANSACTIONS[name] for name, case in USE_CASES.items())


def test_every_published_query_is_answered() -> None:
    assert set(QUERIES) == set(answers.NAMES)
    assert not set(QUERIES) & set(TRANSACTIONS)


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_refusal_has_a_sentence_and_a_status(code: str) -> None:
    status, template = REFUSALS[code]
    assert status in (400, 403, 404, 409)
    names = re.findall(r"{(\w+)}", template)
    params = {name: f"<{name}>" for name in names}
    told = sentence(code, params)
    assert told.endswith("。") and all(value in told for value in params.values())
    assert str(Refusal(code, **params)) == told


def test_a_missing_parameter_shows_as_a_dash() -> None:
    assert sentence("offer_short", {}) == "提供できる残りは―です。"
    assert sentence("from_a_later_version", {"n": 1}) == "記録できませんでした（from_a_later_version）。"


def test_a_vote_names_the_bytes_on_the_ledger() -> None:
    assert vote_hash({"rev": 1, "a": "水"}) == hashlib.sha256('{"a":"水","rev":1}'.encode()).hexdigest()
    assert vote_hash({"a": "水", "rev": 1}) == vote_hash({"rev": 1, "a": "水"}) != vote_hash({"rev": 2, "a": "水"})


def test_s08_a_mail_has_one_id_a_cause_kind_and_recipient() -> None:
    first = evidence.mail_id("a" * 64, "package_received", "0" * 26)
    assert first == "5750SBMY642J5YC8R1JW8JCW1A"
    others = {evidence.mail_id("b" * 64, "package_received", "0" * 26),
              evidence.mail_id("a" * 64, "dispatch_requested", "0" * 26),
              evidence.mail_id("a" * 64, "package_received", "1" * 26)}
    assert len(others - {first}) == 3


def test_the_arguments_of_a_query_are_checked() -> None:
    assert queries.parse("directory.get_site", '{"code6":"172022","site_id":"CC1"}') == {
        "code6": "172022", "site_id": "CC1"}
    need_id = "01HKP6T3A00000000000000001"
    assert queries.parse("relief.get_need", json.dumps({"need_id": need_id})) == {"need_id": need_id, "scope": "live"}
    assert queries.parse("directory.get_roster", "{}") == {}


@pytest.mark.parametrize(("text", "field"), [
    ("[]", ""), ("{}", "code6"), ('{"code6":172022,"site_id":"CC1"}', "code6"),
    ('{"code6":"172022","site_id":"\\u0000"}', "site_id"), ('{"code6":"172022","site_id":"CC1","x":1}', "x"),
    ('{"code6":"172022","site_id":null}', None), ("", None)])
def test_a_wrong_argument_of_a_query_is_named(text: str, field: str | None) -> None:
    with pytest.raises(Refusal) as caught:
        queries.parse("directory.get_site", text)
    assert caught.value.code == "bad_argument"
    if field is not None:
        assert caught.value.params == {"field": field}
