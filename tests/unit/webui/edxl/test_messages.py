"""S13: our messages keep to EDXL-RM 1.0, and what does not is told apart by the same schema."""
from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from moyai_webui.edxl.messages import KINDS, Message, Resource, Schedule, to_xml, written
from moyai_webui.edxl.operation import messages
from tests.unit.webui.pages import world

SCHEMA = xmlschema.XMLSchema(Path(__file__).with_name("edxl-rm-msg.xsd"))
AT = datetime(2024, 1, 9, 9, 42, tzinfo=timezone.utc)
MILK = Resource("01JH0000000000000000000001", "000000-0301", "液体ミルク 240ml", "infant_milk", 48, "缶",
                (Schedule("RequestedArrival", AT, "七尾市 山王小学校"),), "アレルギー対応")

texts = st.text(max_size=40)
resources = st.builds(Resource, st.uuids().map(str), texts, texts, st.sampled_from(["food", "other"]),
                      st.integers(0, 10**7), st.sampled_from(["本", "缶"]), instructions=texts,
                      answers=st.just("") | st.uuids().map(str))


def message(kind: str = "RequestResource", *of: Resource) -> bytes:
    return to_xml(Message(kind, "172022-18204", AT, "七尾市 防災対策課", of or (MILK,)))


@pytest.mark.parametrize("kind", KINDS)
def test_s13_each_message_is_of_the_standard(kind: str) -> None:
    SCHEMA.validate(message(kind))


def test_s13_a_message_says_what_where_and_until_when() -> None:
    found = SCHEMA.to_dict(message())
    (information,) = found["rmsg:ResourceInformation"]
    amount = information["rmsg:AssignmentInformation"]["rmsg:Quantity"]["rm:MeasuredQuantity"]["rm:Amount"]
    (schedule,) = information["rmsg:ScheduleInformation"]
    assert (found["rmsg:SentDateTime"], int(amount)) == ("2024-01-09T09:42:00Z", 48)
    assert schedule["rmsg:Location"]["rm:LocationDescription"] == "七尾市 山王小学校"


@settings(max_examples=30)
@given(st.lists(resources, min_size=1, max_size=5, unique_by=lambda resource: resource.record_id))
def test_s13_whatever_people_wrote_stays_a_message(of: list[Resource]) -> None:
    SCHEMA.validate(message("OfferUnsolicitedResource", *of))


@pytest.mark.parametrize("part, instead", [
    (r"<rmsg:MessageID>.*?</rmsg:MessageID>", ""),
    (r"2024-01-09T09:42:00Z</rmsg:SentDateTime>", "1月9日</rmsg:SentDateTime>"),
    (r"<rmsg:ContactInformation>.*?</rmsg:ContactInformation>", ""),
    (r"<rmsg:ResourceInformation>.*</rmsg:ResourceInformation>", ""),
    (r"<rm:Amount>48</rm:Amount>", "<rm:Amount>四十八</rm:Amount>"),
    (r"RequestedArrival", "Soon"),
    (r"(<rmsg:MessageID>.*?</rmsg:MessageID>)\s*(<rmsg:SentDateTime>.*?</rmsg:SentDateTime>)", r"\2\1"),
    (r"rmsg:Name", "rmsg:Title"),
    (r"(<rmsg:ResourceInformation>.*</rmsg:ResourceInformation>)", r"\1\1"),
], ids=["no id", "no time", "no contact", "no resource", "no number", "no schedule type", "other order", "other name",
        "one resource twice"])
def test_s13_what_departs_from_the_standard_is_refused(part: str, instead: str) -> None:
    spoiled, times = re.subn(part, instead, message().decode(), flags=re.DOTALL)
    assert times and not SCHEMA.is_valid(spoiled)


def test_s13_a_message_without_resources_is_none() -> None:
    assert written([Message("CommitResource", "1", AT, "七尾市", ())]) == {}
    with pytest.raises(ValueError, match="0 resources"):
        to_xml(Message("CommitResource", "1", AT, "七尾市", ()))


def test_s13_the_operation_as_messages() -> None:
    read = world.reading()
    files = written(messages("七尾市", AT, "172022-18204", read.all_needs, read.all_offers, read.all_dispatches,
                             read.all_packages))
    assert set(files) == {f"{kind}.xml" for kind in KINDS}
    for document in files.values():
        SCHEMA.validate(document)
    requested = SCHEMA.to_dict(files["RequestResource.xml"])["rmsg:ResourceInformation"]
    assert {one["rmsg:ResourceInfoElementID"] for one in requested} == {need.need_id for need in read.all_needs}
