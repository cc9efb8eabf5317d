"""Plays the demonstration on the ledger: what stands there already is left as it is, so that a second run changes
nothing, whatever people did in between."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from moyai_client.directory.bootstrap import level
from moyai_client.directory.console import Console
from moyai_client.directory.votes import vote
from moyai_client.errors import Refused
from moyai_client.ledger import Ledger
from moyai_contracts.api import Actor
from moyai_contracts.api.directory import ActivateItem, ProposeItem

from moyai_webui.demonstration import catalogue, shelters, steps
from moyai_webui.demonstration.identifiers import ulid
from moyai_webui.demonstration.steps import Step


@dataclass(frozen=True)
class Town:
    """One municipality as the demonstration acts for it: the web UI's ledger, its console, an actor for each role."""

    ledger: Ledger
    console: Console
    actors: Mapping[str, Actor]


@dataclass(frozen=True)
class Outcome:
    """What a chapter came to, in records: made now, and found standing."""

    title: str
    recorded: int
    standing: int


class Listener(Protocol):
    """Hears how far the demonstration has come."""

    def begin(self, title: str, total: int) -> None:
        """A chapter of so many steps begins."""

    def advance(self) -> None:
        """One step is done."""

    def end(self, outcome: Outcome) -> None:
        """The chapter is over."""


class Demonstration:
    """The whole story; `towns` by code, the founder first."""

    def __init__(self, towns: Mapping[str, Town], listener: Listener) -> None:
        self._towns = towns
        self._listener = listener
        self._height = 0

    def play(self) -> None:
        """From empty shelters to received boxes. Raises Refused or another MoyaiError where a step cannot be done."""
        sites = shelters.published_sites()
        counts = shelters.head_counts()
        opened, _ = shelters.matched(counts, sites)
        self._chapter("七尾市 registers its shelters", self._missing_sites(sites), standing=len(sites))
        self._chapter("七尾市 opens shelters with their head-counts",
                      list(steps.open_sites(opened, int(counts.counted_at.timestamp()))))
        self._common_items()
        self._chapter("七尾市 registers what its shelters need", list(steps.register_needs(opened)))
        self._chapter("八王子市 and 大島町 offer", list(steps.register_offers()))
        self._chapter("七尾市 asks for dispatch, boxes get their labels", list(steps.request_dispatches()))
        self._chapter("八王子市 and 大島町 ship", list(steps.ship_consignments()))
        self._chapter("七尾市 receives, one box is short", list(steps.receive_packages()))

    def _missing_sites(self, sites: Sequence[Any]) -> list[Step]:
        missing = [site for site in sites if not self._found(
            shelters.MUNICIPALITY, "directory.get_site", {"code6": shelters.MUNICIPALITY, "site_id": site.site_id})]
        return list(steps.save_sites(missing))

    def _chapter(self, title: str, story: Sequence[Step], standing: int | None = None) -> None:
        """Carries out steps; `standing` is the number of records that there would be if none were missing."""
        self._listener.begin(title, len(story))
        recorded = 0
        for step in story:
            found = self._found(step.municipality, step.query, step.arguments)
            if found is None or not step.done(found):
                recorded += 0 if self._submit(step) else step.records
            self._listener.advance()
        total = sum(step.records for step in story) if standing is None else standing
        self._listener.end(Outcome(title, recorded, total - recorded))

    def _submit(self, step: Step) -> bool:
        """Records a step; true where it had been recorded before."""
        town = self._towns[step.municipality]
        receipt = town.ledger.submit(step.command, town.actors[step.role], op=step.op, at_height=self._height)
        if receipt.block_number is not None:
            self._height = max(self._height, receipt.block_number + 1)
        return receipt.replayed

    def _found(self, municipality: str, query: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        try:
            document: dict[str, Any] = self._towns[municipality].ledger.evaluate(query, arguments)
        except Refused as refusal:
            if refusal.code == "not_found":
                return None
            raise
        return document

    def _common_items(self) -> None:
        """The founder proposes what is not in the common catalogue, every console's administrator votes, all enter."""
        items = catalogue.common_items()
        consoles = [town.console for town in self._towns.values()]
        self._listener.begin("all propose and vote common items", len(items))
        level(consoles)
        states = {item.item_code: (consoles[0].document("item", item_code=item.item_code) or {}).get("state")
                  for item in items}
        new = tuple(item for item in items if states[item.item_code] is None)
        waiting = tuple(item.item_code for item in items if states[item.item_code] != "active")
        if new:
            consoles[0].act(ProposeItem(new), op=_item_op("propose", [item.item_code for item in new]))
            level(consoles)
        for code in waiting:
            for console in consoles:
                vote(console, "item", code)
            self._listener.advance()
        if waiting:
            level(consoles)
            consoles[0].act(ActivateItem(waiting), op=_item_op("activate", waiting))
            level(consoles)
        self._listener.end(Outcome("all propose and vote common items", len(waiting), len(items) - len(waiting)))


def _item_op(verb: str, codes: Iterable[str]) -> str:
    return ulid(f"{verb} {' '.join(codes)}")
