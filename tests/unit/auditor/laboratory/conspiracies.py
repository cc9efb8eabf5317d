"""What members with all keys could write together; no signature tells of it, only LEDGER.md's rules."""
from __future__ import annotations

import json
from typing import Any, Callable

from moyai_auditor.examination.blocks import Block

from copies import creator_of, first
from forge import Draft, Forge, canonical

HOURS = 3600


def conspire(blocks: list[Block], name: str) -> tuple[list[Block], tuple[int, int] | None]:
    """The chain with a lie of this name, and where the lie stands."""
    function, alter = CONSPIRACIES[name]
    place = first(blocks, function) if function else None

    def at_the_place(draft: Draft) -> None:
        if (draft.block, draft.place) == place:
            alter(draft, blocks)
    return Forge(blocks, at_the_place).reissue(), place


def _documents(draft: Draft, kind: str) -> list[tuple[str, Any]]:
    return [(key, document) for key, document in draft.documents.items() if key.startswith(f"\0{kind}\0")]


def _set(kind: str, change: Callable[[Any], Any]) -> Callable[[Draft, list[Block]], None]:
    def alter(draft: Draft, blocks: list[Block]) -> None:
        (_, document), *_ = _documents(draft, kind)
        change(document)
    return alter


def _message(draft: Draft, change: Callable[[Any], Any]) -> None:
    message = json.loads(draft.arguments[1])
    change(message)
    draft.arguments[1] = canonical(message)


def _later(hours: int) -> Callable[[Draft, list[Block]], None]:
    def alter(draft: Draft, blocks: list[Block]) -> None:
        draft.at += hours * HOURS
        assert draft.event is not None
        draft.event["at"] = draft.at
        for document in filter(None, draft.documents.values()):
            document["at"] = draft.at
    return alter


def _signed_by(msp_id: str, code6: str) -> Callable[[Draft, list[Block]], None]:
    """Another municipality's web UI records it, and all that names the municipality says so."""
    def alter(draft: Draft, blocks: list[Block]) -> None:
        draft.creator = creator_of(blocks, msp_id, "webui")
        assert draft.event is not None
        draft.event["m"] = code6
        for document in filter(None, draft.documents.values()):
            document["m"] = code6
    return alter


def _more_in_a_new_box(draft: Draft, blocks: list[Block]) -> None:
    """One more than was in the box that they replace."""
    boxes = [document for _, document in _documents(draft, "relief.package") if document["state"] != "voided"]
    boxes[0]["lines"][0]["quantity"] += 1


def _another_s_key(draft: Draft, blocks: list[Block]) -> None:
    """Somebody's key is written under another account."""
    (key, document), *_ = _documents(draft, "directory.key")
    kind, _, key_id = key[1:-1].split("\0")
    del draft.documents[key]
    draft.documents["\0".join(("", kind, "0" * 26, key_id, ""))] = document


def _another_way(draft: Draft, blocks: list[Block]) -> None:
    """A new box has passed the hub already."""
    boxes = [document for _, document in _documents(draft, "relief.package") if document["state"] != "voided"]
    boxes[0]["leg"] = 1


def _proposed_takes(draft: Draft, blocks: list[Block]) -> None:
    """A proposal that takes what only a request may take."""
    for _, dispatch in _documents(draft, "relief.dispatch"):
        dispatch.update(state="requested", released=0)


def _without(kind: str) -> Callable[[Draft, list[Block]], None]:
    def alter(draft: Draft, blocks: list[Block]) -> None:
        for key, _ in _documents(draft, kind):
            del draft.documents[key]
    return alter


def _elsewhere(draft: Draft, blocks: list[Block]) -> None:
    """A box goes to a shelter of another municipality."""
    for _, box in _documents(draft, "relief.package"):
        box["to"] = {"code6": "133612", "site": box["to"]["site"]}


def _without_proof(draft: Draft, blocks: list[Block]) -> None:
    _message(draft, lambda message: message.pop("proof"))


def _as_another_role(draft: Draft, blocks: list[Block]) -> None:
    _message(draft, lambda message: message["actor"].update(role="X"))
    assert draft.event is not None
    draft.event["actor"]["role"] = "X"


def _without_tag(draft: Draft, blocks: list[Block]) -> None:
    (key, _), *_ = _documents(draft, "devices.tag")
    del draft.documents[key]


def _of_a_drill(draft: Draft, blocks: list[Block]) -> None:
    _message(draft, lambda message: message.update(scope="01J0000000000000000000DR11"))


def _one_endorser(draft: Draft, blocks: list[Block]) -> None:
    del draft.endorsers[1:]


def _stale(draft: Draft, blocks: list[Block]) -> None:
    key = next(key for key, version in draft.reads.items() if version is not None)
    draft.reads[key] = (1, 0)


CONSPIRACIES: dict[str, tuple[str, Callable[[Draft, list[Block]], None]]] = {
    "nothing": ("", lambda draft, blocks: None),
    "forged timestamp": ("relief.register_need", _later(3)),
    "wrong receiver": ("relief.receive_package", _signed_by("OshimaMSP", "133612")),
    "a proposal that takes": ("relief.propose_dispatch", _proposed_takes),
    "an approval of more": ("relief.approve_dispatch", _set(
        "relief.need", lambda need: need.update(committed=need["committed"] + 1))),
    "an approval by another": ("relief.approve_dispatch", _signed_by("OshimaMSP", "133612")),
    "a rejection by another": ("relief.reject_dispatch", _signed_by("OshimaMSP", "133612")),
    "other contents": ("relief.repack_dispatch", _more_in_a_new_box),
    "repacked by another": ("relief.repack_dispatch", _signed_by("OshimaMSP", "133612")),
    "another way": ("relief.repack_dispatch", _another_way),
    "a leg that is not": ("relief.hand_over_package", _set("relief.package", lambda box: box.update(leg=2))),
    "handed over by another": ("relief.hand_over_package", _signed_by("OshimaMSP", "133612")),
    "a recall by another": ("relief.recall_dispatch", _signed_by("OshimaMSP", "133612")),
    "a recall that gives nothing back": ("relief.recall_dispatch", _set(
        "relief.need", lambda need: need.update(committed=60))),
    "a correction without a key": ("relief.correct_receipt", _without_proof),
    "a correction that nobody notes": ("relief.correct_receipt", _without("relief.discrepancy")),
    "a correction of the sum": ("relief.correct_receipt", _set(
        "relief.package", lambda box: box["receipt"]["lines"][0].update(good=1))),
    "a receipt written anew": ("relief.redirect_package", _set(
        "relief.package", lambda box: box.update(state="received", receipt={"lines": [], "surplus": []}))),
    "redirected elsewhere": ("relief.redirect_package", _elsewhere),
    "lost at once": ("relief.redirect_package", _set("relief.package", lambda box: box.update(state="lost"))),
    "an arrival of another's": ("relief.record_arrival", _signed_by("OshimaMSP", "133612")),
    "an intake of another's": ("relief.set_intake", _signed_by("OshimaMSP", "133612")),
    "an attestation of another's": ("directory.attest_account", _signed_by("OshimaMSP", "133612")),
    "a drill that is not open": ("directory.open_drill", _set(
        "directory.drill", lambda drill: drill.update(status="closed"))),
    "a drill of another's": ("directory.close_drill", _signed_by("OshimaMSP", "133612")),
    "a need of another site": ("relief.register_need", _set("relief.need", lambda need: need.update(site_id="X-1"))),
    "another's offer": ("relief.register_offer", _set("relief.offer", lambda offer: offer.update(supporter="0" * 26))),
    "another's key": ("directory.register_key", _another_s_key),
    "a head that lies": ("devices.anchor_batch", _set("devices.batch_head", lambda head: head.update(root="0" * 64))),
    "more than was said": ("relief.register_need", _set("relief.need", lambda need: need.update(quantity=9999))),
    "another role than was said": ("directory.open_account", _set(
        "directory.account", lambda account: account.update(roles=["X"]))),
    "forgotten operations": ("relief.reject_dispatch", _set(
        "relief.dispatch", lambda dispatch: dispatch.update(ops=[]))),
    "one endorser": ("relief.register_offer", _one_endorser),
    "stale read": ("relief.register_offer", _stale),
    "INV-1": ("relief.request_dispatch", _set("relief.need", lambda need: need.update(committed=1))),
    "INV-2": ("relief.request_dispatch", _set("relief.offer", lambda offer: offer.update(requested=1))),
    "INV-3": ("relief.request_dispatch", _set("relief.package", lambda box: box["lines"][0].update(quantity=1))),
    "INV-4": ("relief.receive_package", _set(
        "relief.package", lambda box: box["receipt"]["lines"][0].update(good=999))),
    "INV-5": ("relief.register_need", _set("relief.need", lambda need: need.update(state="closed"))),
    "INV-6": ("relief.register_need", _of_a_drill),
    "INV-18": ("devices.register_device", _without_tag),
    "INV-19": ("devices.anchor_batch", _set("devices.batch", lambda batch: batch.update(previous="0" * 64))),
    "INV-20": ("devices.record_totals", _set("devices.totals", lambda page: page["rows"][0].update(amount=1))),
    "INV-24": ("relief.register_need", _as_another_role),
    "INV-25": ("directory.cast_vote", _without_proof),
    "INV-26": ("devices.revoke_device", _later(49)),
    "INV-29": ("relief.register_need", _set("relief.need", lambda need: need.update(cmd="0" * 32))),
    "votes": ("directory.cast_vote", _set("directory.vote", lambda vote: vote.update(choice="no"))),
}
"""Name → the function whose first transaction lies, and how."""
