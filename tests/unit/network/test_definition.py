"""network.yaml: read whole, or refused with one sentence that says what is wrong."""
from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Callable

import pytest
import yaml
from moyai_network import definition
from moyai_network.errors import DefinitionError

from tests.unit.network.rendered import SAMPLE

DOCUMENT: dict[str, Any] = yaml.safe_load(SAMPLE.read_text("utf-8"))


def test_the_sample_is_three_partners_with_the_founder_first() -> None:
    consortium = definition.load(SAMPLE)
    assert [(member.code, member.name, member.msp_id) for member in consortium.municipalities] == [
        ("132012", "八王子市", "HachiojiMSP"), ("133612", "大島町", "OshimaMSP"), ("172022", "七尾市", "NanaoMSP")]
    assert (consortium.channel, consortium.chaincode, consortium.batch_timeout) == ("moyai", "moyai", "50ms")
    assert consortium.anchor_seconds == 60


def test_bridges_anchor_every_half_hour_where_nothing_else_is_said() -> None:
    assert definition.parse({**DOCUMENT, "batch_timeout": "2s"}).anchor_seconds == 60
    without = {name: value for name, value in DOCUMENT.items() if name != "anchor_seconds"}
    assert definition.parse(without).anchor_seconds == 1800


def test_a_month_waits_three_days_and_one_bridge_is_enough_where_nothing_else_is_said() -> None:
    without = {name: value for name, value in DOCUMENT.items() if name != "totals_grace_hours"}
    assert definition.parse(without).totals_grace_hours == 72
    assert definition.parse({**DOCUMENT, "totals_grace_hours": 5}).totals_grace_hours == 5
    assert [member.bridge_names for member in definition.parse(DOCUMENT).municipalities] == [("1",)] * 3


def test_no_two_programs_of_the_sample_share_a_port() -> None:
    ports = [port for _, port, _ in definition.listening(definition.load(SAMPLE))]
    assert len(ports) == len(set(ports)) == 38


def member(number: int, **fields: Any) -> Callable[[dict], None]:
    return lambda document: document["municipalities"][number].update(fields)


def port(number: int, **fields: Any) -> Callable[[dict], None]:
    return lambda document: document["municipalities"][number]["ports"].update(fields)


@pytest.mark.parametrize(("change", "sentence"), [
    (port(1, orderer=7151), "Port 7151 on 127.0.0.1 is given twice: peer of 八王子市 and orderer of 大島町."),
    (lambda document: document["mailbox"].update(smtp=7380), "Port 7380 on 127.0.0.1 is given twice: webui of 七尾市"),
    (lambda document: document.update(consensus="raft"), "The definition has an unknown field 'consensus'."),
    (member(0, mayor="?"), "Municipality 1 has an unknown field 'mayor'."),
    (port(2, docker=2375), "Municipality 172022: ports has an unknown field 'docker'."),
    (lambda document: document.pop("mailbox"), "The definition lacks the field 'mailbox'."),
    (lambda document: document["municipalities"][1].pop("kana"), "Municipality 2 lacks the field 'kana'."),
    (lambda document: document["municipalities"][2]["ports"].pop("ca"), "Municipality 172022: ports lacks the field"),
    (member(2, database="sqlite:///x"), "Municipality 172022: database cannot be 'sqlite:///x'."),
    (member(0, code=132012), "Municipality 1: the code must be six digits in quotes, not 132012."),
    (member(0, code="13201"), "Municipality 1: the code must be six digits in quotes, not '13201'."),
    (member(0, code="132011"), "Municipality 1: the code 132011 has a wrong check digit."),
    (member(1, code="132012"), "Two municipalities have the code 132012."),
    (member(1, msp_id="NanaoMSP"), "Two municipalities have the msp_id NanaoMSP."),
    (member(1, msp_id="大島"), "Municipality 133612: msp_id cannot be '大島'."),
    (member(1, name=" "), "Municipality 133612: name must be a text of 1 to 40 characters."),
    (member(1, host="not a host"), "Municipality 133612: host cannot be 'not a host'."),
    (member(1, mail={"from": "x", "office": "a@b"}), "Municipality 133612: mail.from cannot be 'x'."),
    (port(0, peer="7151"), "Municipality 132012: port peer must be a number from 1024 to 65535, not '7151'."),
    (port(0, peer=80), "Municipality 132012: port peer must be a number from 1024 to 65535, not 80."),
    (port(0, peer=True), "Municipality 132012: port peer must be a number from 1024 to 65535, not True."),
    (lambda document: document["municipalities"].pop(), "municipalities must list at least 3 members."),
    (lambda document: document.update(municipalities="all"), "municipalities must list at least 3 members."),
    (lambda document: document.update(batch_timeout="soon"), "batch_timeout cannot be 'soon'."),
    (lambda document: document.update(anchor_seconds=0), "anchor_seconds must be a number from 1 to 86400, not 0."),
    (lambda document: document.update(anchor_seconds="60"), "anchor_seconds must be a number from 1 to 86400, not '6"),
    (lambda document: document.update(totals_grace_hours=673), "totals_grace_hours must be a number from 1 to 672"),
    (member(1, bridges=0), "Municipality 133612: bridges must be a number from 1 to 9, not 0."),
    (lambda document: document.update(channel="Moyai Channel"), "channel cannot be 'Moyai Channel'."),
])
def test_a_mistake_is_told_in_one_sentence(change: Callable[[dict], None], sentence: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    with pytest.raises(DefinitionError) as told:
        definition.parse(document)
    assert str(told.value).startswith(sentence)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("text", "sentence"), [
    ("channel: [", "is not YAML at line 1."),
    ("- a\n- b\n", "The definition must be a mapping."),
    ("", "The definition must be a mapping."),
])
def test_a_file_that_is_no_definition_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(text)
    with pytest.raises(DefinitionError) as told:
        definition.load(path)
    assert str(path) in str(told.value) and sentence in str(told.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="There is no definition"):
        definition.load(tmp_path / "network.yaml")


def test_the_batch_timeout_may_be_left_out() -> None:
    document = {name: value for name, value in DOCUMENT.items() if name != "batch_timeout"}
    assert definition.parse(document).batch_timeout == "50ms"


@pytest.mark.parametrize("code", ["132012", "133612", "172022", "011002", "473821"])
def test_check_digits_of_real_codes(code: str) -> None:
    assert definition.check_digit(code[:5]) == code[5]


def test_a_code_nobody_has_is_refused() -> None:
    with pytest.raises(DefinitionError, match="999999"):
        definition.load(SAMPLE).municipality("999999")
