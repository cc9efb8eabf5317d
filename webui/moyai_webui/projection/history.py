"""Lines of histories: what a valid transaction did to which record, and whom it concerns."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from moyai_webui.projection.changes import BlockChanges
from moyai_webui.projection.documents import Written, utc

UNTOLD = frozenset({"evidence.mail_recorded", "directory.vote_cast", "devices.tag_renewed", "devices.batch_anchored",
                    "devices.totals_recorded"})
"""Events that are no line of any record's history."""

_LISTS = ("dispatches", "packages", "needs", "accounts")
_SUBJECTS = ("package_id", "dispatch_id", "need_id", "offer_id", "account_id", "item_code", "device_id",
             "substitution_id", "arrival_id", "drill_id")


def tell(changes: BlockChanges, place: tuple[int, int], function: str, event: str, payload: Mapping[str, Any],
         documents: Sequence[Written]) -> None:
    """Adds an entry for each subject of an event at `place` (block, number), linked to all that it concerns."""
    if event in UNTOLD:
        return
    actor = payload.get("actor", {})
    context = {"scope": payload.get("scope", ""), "tx_id": payload["tx"], "event": event, "transaction": function,
               "at": utc(payload["at"]),
               "m": payload["m"], "service": payload["service"], "account": actor.get("account", ""),
               "role": actor.get("role", ""), "office": actor.get("office", ""),
               "site": _site_of(actor.get("office", "")), "attested": payload.get("attested", "")}
    subjects = _subjects(payload["data"])
    ranked = sorted((written for written in documents if written.type in _REFERENCES), key=_rank)
    for part, data in enumerate(subjects):
        related = ranked if len(subjects) == 1 else _related(data, ranked)
        links = _links(data, related, (payload["m"], context["account"], context["office"]))
        changes.save("entry", block=place[0], number=place[1], part=part, record_id=_record_id(data, links),
                     item=data.get("item") or _item(related), data=data, **context)
        for ref, own in links.items():
            changes.save("entry_link", ref=ref, block=place[0], number=place[1], part=part, own=own)


def _site_of(office: str) -> str:
    part = office.partition("/")[2]
    return "" if part.startswith("D-") else part


def _subjects(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The data of each subject: one for an event about one record, one for each element of its list else."""
    for name in _LISTS:
        elements = data.get(name)
        if elements and all(isinstance(element, dict) for element in elements):
            shared = {key: value for key, value in data.items() if key not in ("deltas", *_LISTS)}
            return [shared | element for element in elements]
    return [dict(data)]


def _related(data: Mapping[str, Any], ranked: Sequence[Written]) -> list[Written]:
    """The documents of one subject among several: those it names, and those that these lead to."""
    wanted = {value for value in data.values() if isinstance(value, str)}
    related = []
    for written in ranked:
        if _record(written) in wanted:
            related.append(written)
            wanted.update(_REFERENCES[written.type](written))
    return related


def _links(data: Mapping[str, Any], related: Sequence[Written], actors: Iterable[str]) -> dict[str, bool]:
    """Reference → whether the record itself was created, edited or moved."""
    links: dict[str, bool] = {}
    for written in related:
        record = _record(written)
        links[record] = links.get(record, False) or written.is_own
        for ref in _REFERENCES[written.type](written):
            links.setdefault(ref, False)
    to = data.get("to")
    destination = (to["code6"], f"{to['code6']}/{to['site']}") if to else ()
    here = (f"{data['code6']}/{data['site']}",) if "code6" in data and "site" in data else ()
    named = [data[name] for name in (*_SUBJECTS, "account") if name in data]
    for ref in (*named, *data.get("device_ids", ()), *destination, *here, *actors):
        if ref:
            links.setdefault(ref, False)
    return links


def _rank(written: Written) -> int:
    """Boxes come first, since they lead to dispatches, and these to needs and offers."""
    return list(_REFERENCES).index(written.type)


def _record(written: Written) -> str:
    """What /records/<id> calls the document; a difference belongs to its box."""
    if written.type in ("directory.site", "relief.site_status", "relief.intake"):
        return "-".join(written.attributes[-2:])
    if written.type == "relief.discrepancy":
        return written.attributes[1]
    return written.attributes[-1]


def _package(written: Written) -> Iterable[str]:
    to = written.document["to"]
    yield from (to["code6"], f"{to['code6']}/{to['site']}")
    for line in written.document["lines"]:
        yield from (line["dispatch_id"], line["need_id"])


def _dispatch(written: Written) -> Iterable[str]:
    document = written.document
    return written.attributes[1], document["offer_id"], document["supporter"], document["home"]


def _need(written: Written) -> Iterable[str]:
    return written.document["code6"], f"{written.document['code6']}/{written.document['site_id']}"


def _offer(written: Written) -> Iterable[str]:
    document = written.document
    aimed = (document["aimed_at"],) if "aimed_at" in document else ()
    return document["supporter"], document["home"], *aimed


def _site(written: Written) -> Iterable[str]:
    code6, site_id = written.attributes[-2:]
    return code6, f"{code6}/{site_id}"


def _arrival(written: Written) -> Iterable[str]:
    _, code6, site_id, _ = written.attributes
    return code6, f"{code6}/{site_id}"


def _intake(written: Written) -> Iterable[str]:
    _, code6, item = written.attributes
    return code6, item


def _nothing(written: Written) -> Iterable[str]:
    return ()


_REFERENCES: Mapping[str, Callable[[Written], Iterable[str]]] = {
    "relief.package": _package, "relief.discrepancy": _nothing, "relief.dispatch": _dispatch, "relief.need": _need,
    "relief.offer": _offer, "relief.arrival": _arrival, "relief.intake": _intake, "directory.drill": _nothing,
    "relief.site_status": _site, "directory.site": _site, "directory.item": _nothing,
    "directory.account": _nothing, "directory.municipality": _nothing}


def _record_id(data: Mapping[str, Any], links: Mapping[str, bool]) -> str:
    for name in _SUBJECTS:
        if name in data:
            return str(data[name])
    return next((ref for ref, own in links.items() if own), next(iter(links), ""))


def _item(related: Sequence[Written]) -> str:
    """The item of the need, offer or box that the subject speaks of, where it is one."""
    items: set[str] = set()
    for written in related:
        if written.type == "relief.package":
            items.update(line["item"] for line in written.document["lines"])
        elif written.type in ("relief.need", "relief.offer"):
            items.add(written.document.get("item", ""))
    items.discard("")
    return items.pop() if len(items) == 1 else ""
