"""Random histories of relief, each command foretold by the model: most could go, many are late, wrong or foreign."""
from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moyai_client.errors import Refused
from moyai_client.ledger import Prepared
from moyai_contracts.api import Command
from moyai_contracts.api.schema import to_json
from moyai_shim.composite_key import split_composite_key

from tests.contract.channel import NANAO, OSHIMA
from tests.contract.relief_acts import Acts
from tests.contract.relief_audit import Audit
from tests.contract.relief_model import Model
from tests.contract.relief_model_step import Record, Verdict, Who
from tests.contract.relief_story import MemoryStory, Story
from tests.contract.scene import ulid

OFFICIALS_WHO_OFFER = ("sender", "colleague")
KEYED = ("deputy", "admin")
LAST_WORD_HOLDS = ("relief.set_site_status", "relief.confirm_needs", "relief.set_intake")


@dataclass(frozen=True)
class Act:
    """One command of a person in a scope, and what the model says of it."""

    scope: str | None
    who: str
    command: Command
    op: str
    verdict: Verdict


class History:
    """A story that goes on by chance, in the real scope and in drills. `names` of commands may stand many times."""

    def __init__(self, story: Story, scopes: Sequence[str | None], seed: int) -> None:
        self.story = story
        self.random = random.Random(seed)
        sites = {(NANAO, site) for site in (story.cast.shelter, story.cast.school, story.cast.closed, story.cast.hub)}
        sites.add((OSHIMA, story.cast.foreign_site))
        taking = sites - {(NANAO, story.cast.closed)}
        self.models = {scope: Model(set(sites), set(taking)) for scope in scopes}
        self.people = {name: _who(story, name) for name in story.cast.people if story[name].actor is not None}
        self.tally: Counter[str] = Counter()
        self._sent: list[Act] = []

    def act(self, name: str) -> Act:
        """The next command of a kind, or one that was sent before."""
        scope = self.random.choice(list(self.models))
        self.story.scope = scope
        if self._sent and self.random.random() < 0.04:
            # A document remembers eight operations, and one where the last word holds is written often.
            earlier = self.random.choice(self._sent[-6:] if self.random.random() < 0.5 else [
                sent for sent in self._sent if sent.command.transaction not in LAST_WORD_HOLDS] or self._sent[-6:])
            return self._foretold(earlier.scope, earlier.who, earlier.command, earlier.op, {})
        who, command, hints = getattr(Acts(self.story, self.models[scope], self.random), name)()
        return self._foretold(scope, who, command, ulid(), hints)

    def _foretold(self, scope: str | None, who: str, command: Command, op: str, hints: Record) -> Act:
        model = self.models[scope]
        if op in model.done:
            return Act(scope, who, command, op, Verdict(replay=True))
        fields = to_json(command) | hints | {"signed_by": [self.people[keyed].account for keyed in KEYED]}
        verdict = model.decide(command.transaction, self.people[who], fields, op, self.story.channel.now)
        return Act(scope, who, command, op, verdict)

    def judge(self, act: Act, answer: Refused | bool) -> None:
        """Compares the answer (a refusal, or whether it was done before) with the model's."""
        told = answer.code if isinstance(answer, Refused) else "replayed" if answer else "done"
        self.tally[act.command.transaction, told] += 1  # type: ignore[index]
        if act.op in self.models[act.scope].done:
            assert told != "done", f"twice: {act}"
        elif isinstance(answer, Refused):
            assert answer.code in act.verdict.codes, (answer, act)
        else:
            assert not act.verdict.codes and answer is act.verdict.replay, (answer, act)

    def play(self, names: Sequence[str]) -> None:
        """One command of each kind, in order, each in a block of its own."""
        for name in names:
            act = self.act(name)
            try:
                outcome = self.story.submit(act.who, act.command, op=act.op, scope=act.scope or "live")
            except Refused as refusal:
                self.judge(act, refusal)
                continue
            self.judge(act, outcome.replayed)
            if not outcome.replayed:
                self.take(act)

    def compare(self) -> None:
        """The records of each scope, as a peer tells them, are those of its model; a peer's own sums agree."""
        for scope, model in self.models.items():
            self.story.scope = scope
            for (kind, record_id), record in model.records.items():
                if kind in ASKED:
                    names = ASKED[kind](record_id, record)
                    seen = VIEWS[kind](list(names.values()), self.story.query(f"relief.get_{kind}", **names))
                    assert seen == {name: record[name] for name in seen}, (kind, record_id)
            assert all(self.story.check_need(need_id)["agrees"] for need_id in model.of("need"))

    def take(self, act: Act) -> None:
        """It was committed."""
        self.models[act.scope].take(act.verdict, act.op)
        self._sent = [*self._sent[-30:], act]


class MemoryHistory(History):
    """On the ledger in memory: several commands a block, and the invariants after each."""

    story: MemoryStory

    def __init__(self, story: MemoryStory, scopes: Sequence[str | None], seed: int) -> None:
        super().__init__(story, scopes, seed)
        self.audits = {scope: Audit(scope or "live") for scope in scopes}
        self._read = 0
        self._audit()

    def play(self, names: Sequence[str]) -> None:
        """One command of each kind, in order, up to four in a block."""
        waiting = list(names)
        while waiting:
            count = self.random.randint(1, 4)
            acts = [self.act(name) for name in waiting[:count]]
            del waiting[:count]
            ready = [(prepared, act) for act in acts if (prepared := self._prepare(act)) is not None]
            codes = self.story.commit(*(prepared for prepared, _ in ready))
            for code, (_, act) in zip(codes, ready, strict=True):
                self.tally[code] += 1  # type: ignore[index]
                if code == "VALID":
                    self.take(act)
            self._audit()
            self.compare()
            self.story.channel.advance(self.random.choice((0, 5, 600, 40 * 3600)))

    def _prepare(self, act: Act) -> Prepared | None:
        try:
            prepared = self.story.prepare(act.who, act.command, op=act.op, scope=act.scope or "live")
        except Refused as refusal:
            self.judge(act, refusal)
            return None
        self.judge(act, prepared.replayed)
        return None if prepared.replayed else prepared

    def _audit(self) -> None:
        for block in self.story.channel.ledger.blocks[self._read:]:
            for audit in self.audits.values():
                audit.read(block)
        self._read = len(self.story.channel.ledger.blocks)
        for audit in self.audits.values():
            audit.check()

    def compare(self) -> None:
        """The records of each scope are those of its model."""
        found: dict[str, dict[tuple[str, str], Record]] = {scope or "live": {} for scope in self.models}
        for key, value in self.story.state.items():
            object_type, parts = split_composite_key(key)
            context, kind = object_type.split(".")
            if context == "relief" and kind in VIEWS and parts[0] in found:
                found[parts[0]][kind, parts[-1]] = VIEWS[kind](parts, json.loads(value))
        for scope, model in self.models.items():
            records = {key: record for key, record in model.records.items() if key[0] in VIEWS}
            assert found[scope or "live"].keys() == records.keys()
            for key, seen in found[scope or "live"].items():
                assert seen == {name: records[key][name] for name in seen}, (key, self._sent[-4:])


def _who(story: Story, name: str) -> Who:
    person = story[name]
    actor = person.actor
    assert actor is not None
    part = actor.office.partition("/")[2]
    colleagues = [story[each].account for each in OFFICIALS_WHO_OFFER] if name in OFFICIALS_WHO_OFFER else []
    return Who(actor.account, person.code6, actor.role, "" if part.startswith("D-") else part, frozenset(colleagues))


def _package(parts: list[str], document: Record) -> Record:
    receipt = document.get("receipt", {})
    return {"state": document["state"], "leg": document["leg"], "serial": document["label_serial"],
            "lines": [(line["dispatch_id"], line["quantity"]) for line in document["lines"]],
            "to": (document["to"]["code6"], document["to"]["site"]),
            "counts": [[line[name] for name in ("good", "short", "damaged", "refused")] for line in receipt["lines"]]
            if receipt else None,
            "surplus": sum(line["quantity"] for line in receipt.get("surplus", ()))}


ASKED: dict[str, Any] = {
    "need": lambda record_id, record: {"need_id": record_id},
    "offer": lambda record_id, record: {"offer_id": record_id},
    "dispatch": lambda record_id, record: {"need_id": record["need"], "dispatch_id": record_id},
    "package": lambda record_id, record: {"package_id": record_id},
    "discrepancy": lambda record_id, record: {"package_id": record["package"], "discrepancy_id": record_id},
    "consignment": lambda record_id, record: {"consignment_id": record_id},
}
"""Kind → what a peer is asked for a record with."""
VIEWS: dict[str, Any] = {
    "need": lambda parts, document: {"code6": document["code6"], "site": document["site_id"]} | {
        name: document[name] for name in ("item", "quantity", "committed", "state")},
    "offer": lambda parts, document: {
        name: document[name] for name in ("supporter", "quantity", "withdrawn", "requested", "state")},
    "dispatch": lambda parts, document: {"need": parts[-2], "offer": document["offer_id"]} | {
        name: document[name] for name in ("quantity", "released", "shipped", "state", "packages")},
    "package": _package,
    "discrepancy": lambda parts, document: {"package": parts[-2], "kind": document["kind"], "state": document["state"]},
    "arrival": lambda parts, document: {"reason": document["reason"]},
    "consignment": lambda parts, document: {"packages": document["packages"]},
    "intake": lambda parts, document: {"stopped": document["stopped"]},
}
