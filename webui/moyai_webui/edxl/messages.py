"""Messages of EDXL-RM 1.0: which of ours is which of theirs stands in LEDGER.md 3.2.

A message holds any number of resources; each of these names the record that it is, so that a later message about the
same record can be told to be one. Times are UTC, quantities in the item's base unit.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from xml.etree import ElementTree

MESSAGES = "urn:oasis:names:tc:emergency:EDXL:RM:1.0:msg"
TYPES = "urn:oasis:names:tc:emergency:EDXL:RM:1.0"
UNITS = "urn:moyai:units"
CATEGORIES = "urn:moyai:categories"
KINDS = ("RequestResource", "OfferUnsolicitedResource", "RequisitionResource", "CommitResource")
"""Needs, free offers, requests for dispatch, boxes on their way."""

for _prefix, _namespace in (("rmsg", MESSAGES), ("rm", TYPES)):
    ElementTree.register_namespace(_prefix, _namespace)


@dataclass(frozen=True)
class Schedule:
    """When, and where in words. `kind` is a ScheduleType of the standard, such as RequestedArrival."""

    kind: str
    at: datetime | None = None
    place: str = ""


@dataclass(frozen=True)
class Resource:
    """A quantity of one item. `record_id` is the need, offer, dispatch or box; `answers`: the record it says yes to."""

    record_id: str
    item_code: str
    name: str
    category: str
    quantity: int
    unit: str
    schedules: tuple[Schedule, ...] = ()
    instructions: str = ""
    answers: str = ""


@dataclass(frozen=True)
class Message:
    """One message of a municipality. `message_id` is the sender's, unique for its content."""

    kind: str
    message_id: str
    sent_at: datetime
    sender: str
    resources: Sequence[Resource]
    description: str = ""
    preceding_id: str = field(default="")


def to_xml(message: Message) -> bytes:
    """The message as a UTF-8 document. The standard asks for at least one resource."""
    if message.kind not in KINDS or not message.resources:
        raise ValueError(f"no message of kind {message.kind} with {len(message.resources)} resources")
    root = ElementTree.Element(f"{{{MESSAGES}}}{message.kind}")
    _put(root, MESSAGES, "MessageID", message.message_id)
    _put(root, MESSAGES, "SentDateTime", _time(message.sent_at))
    _put(root, MESSAGES, "MessageContentType", message.kind)
    _put(root, MESSAGES, "MessageDescription", message.description)
    _put(root, MESSAGES, "OriginatingMessageID", message.message_id)
    _put(root, MESSAGES, "PrecedingMessageID", message.preceding_id)
    contact = _put(root, MESSAGES, "ContactInformation")
    _put(contact, TYPES, "ContactDescription", message.sender)
    _put(contact, TYPES, "ContactRole", "Sender")
    for resource in message.resources:
        _resource(root, resource)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _resource(root: ElementTree.Element, resource: Resource) -> None:
    information = _put(root, MESSAGES, "ResourceInformation")
    _put(information, MESSAGES, "ResourceInfoElementID", resource.record_id)
    if resource.answers:
        response = _put(information, MESSAGES, "ResponseInformation")
        _put(response, TYPES, "PrecedingResourceInfoElementID", resource.answers)
        _put(response, TYPES, "ResponseType", "Accept")
    described = _put(information, MESSAGES, "Resource")
    _put(described, MESSAGES, "ResourceID", resource.item_code)
    _put(described, MESSAGES, "Name", resource.name)
    _listed(described, MESSAGES, "TypeStructure", CATEGORIES, resource.category)
    assignment = _put(information, MESSAGES, "AssignmentInformation")
    quantity = _put(_put(assignment, MESSAGES, "Quantity"), TYPES, "MeasuredQuantity")
    _put(quantity, TYPES, "Amount", str(resource.quantity))
    _listed(quantity, TYPES, "UnitOfMeasure", UNITS, resource.unit)
    _put(assignment, MESSAGES, "Restrictions", resource.instructions)
    for schedule in resource.schedules:
        _schedule(information, schedule)


def _schedule(information: ElementTree.Element, schedule: Schedule) -> None:
    found = _put(information, MESSAGES, "ScheduleInformation")
    _put(found, MESSAGES, "ScheduleType", schedule.kind)
    if schedule.at is not None:
        _put(found, MESSAGES, "DateTime", _time(schedule.at))
    if schedule.place:
        _put(_put(found, MESSAGES, "Location"), TYPES, "LocationDescription", schedule.place)


def _listed(parent: ElementTree.Element, namespace: str, name: str, urn: str, value: str) -> None:
    """A value of a list that everybody may look up."""
    listed = _put(parent, namespace, name)
    _put(listed, TYPES, "ValueListURN", urn)
    _put(listed, TYPES, "Value", value)


def _put(parent: ElementTree.Element, namespace: str, name: str, text: str | None = None) -> ElementTree.Element:
    """A child with a text, or one that others go into; an empty text is left out."""
    element = ElementTree.Element(f"{{{namespace}}}{name}")
    element.text = None if text is None else _writable(text)
    if element.text != "":
        parent.append(element)
    return element


def _writable(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(letter for letter in text if letter in "\t\n\r" or " " <= letter <= "\ud7ff"
                   or "\ue000" <= letter <= "\ufffd" or letter >= "\U00010000")


def _time(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def written(messages: Iterable[Message]) -> dict[str, bytes]:
    """File name → document, of the messages that have something to say."""
    return {f"{message.kind}.xml": to_xml(message) for message in messages if message.resources}
