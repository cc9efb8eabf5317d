"""S6: many offers asked for at once, from a list of pairs of offer and need with a quantity each."""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import abort, request
from wtforms import BooleanField

from moyai_contracts.api.relief import DispatchLine, ProposeDispatch, ProposedLine, RequestDispatch
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Number
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.ownership import is_receiver
from moyai_webui.pages.serving import found, reading, settings, typed_before
from moyai_webui.rows import Need, Offer

MOST = 50
"""In one command."""
_KEY = re.compile(r"quantity-([0-9A-Z]{26})-([0-9A-Z]{26})")


@dataclass(frozen=True)
class Pair:
    """An offer that may go to a need, and why."""

    offer: Offer
    need: Need
    quantity: int
    reasons: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.offer.offer_id}-{self.need.need_id}"

    @property
    def most(self) -> int:
        return min(self.offer.free, self.need.missing)


class AskingForm(PageForm):
    """For each pair a mark `take-…` and a quantity `quantity-…`; the button `only` takes one pair alone."""


def asks_office() -> bool:
    """Whether this person's requests go to the office first."""
    own = found(reading().municipality(settings().municipality))
    return own.dispatch_approval == "office" and "S" in person().roles


def sent_pairs() -> tuple[Pair, ...]:
    """The pairs of the form that was sent, or of the one that is opened again after a refusal, as they now stand."""
    named = (match for name in (request.form or typed_before()) if (match := _KEY.fullmatch(name)))
    pairs = [(reading().offer(match[1]), reading().need(match[2])) for match, _ in zip(named, range(MOST))]
    return tuple(Pair(offer, need, min(offer.free, need.missing)) for offer, need in pairs if offer and need)


def form_of(pairs: Iterable[Pair]) -> type[AskingForm]:
    """A form class with the fields of these pairs."""
    fields = {}
    for pair in pairs:
        fields[f"take-{pair.key}"] = BooleanField(default=True)
        fields[f"quantity-{pair.key}"] = Number("数量", required=False, default=pair.quantity)
    return type("PairsForm", (AskingForm,), fields)


def command_of(form: AskingForm, pairs: Sequence[Pair]) -> RequestDispatch | ProposeDispatch | None:
    """What the marked pairs ask for, or None with the reasons beside the fields."""
    only = request.form.get("only", "")
    taken = [pair for pair in pairs if (pair.key == only if only else form[f"take-{pair.key}"].data)]
    if not taken:
        form.complain("op", "依頼する物に印をつけてください")
        return None
    if not all(is_receiver(person(), pair.need.place) for pair in taken):
        abort(403)
    _check(form, taken)
    if form.problems:
        return None
    quantities = [(pair, form[f"quantity-{pair.key}"].data) for pair in taken]
    if asks_office():
        command: RequestDispatch | ProposeDispatch = ProposeDispatch(dispatches=tuple(ProposedLine(
            dispatch_id=form.new_id(f"dispatch {pair.key}"), offer_id=pair.offer.offer_id, need_id=pair.need.need_id,
            quantity=quantity) for pair, quantity in quantities))
    else:
        command = RequestDispatch(dispatches=tuple(DispatchLine(
            dispatch_id=form.new_id(f"dispatch {pair.key}"), package_id=form.new_package_id(pair.key),
            offer_id=pair.offer.offer_id, need_id=pair.need.need_id, quantity=quantity)
            for pair, quantity in quantities))
    return command if form.fits(command) else None


def _check(form: AskingForm, taken: Sequence[Pair]) -> None:
    """Nobody is asked for more than is free, nothing for more than is missing; together, too."""
    by_offer: Counter[str] = Counter()
    by_need: Counter[str] = Counter()
    for pair in taken:
        name = f"quantity-{pair.key}"
        quantity = form[name].data
        if quantity is None:
            form.complain(name, "数量を1以上の数字で入れてください")
            continue
        by_offer[pair.offer.offer_id] += quantity
        by_need[pair.need.need_id] += quantity
        unit = pair.need.item.unit
        if by_offer[pair.offer.offer_id] > pair.offer.free:
            form.complain(name, f"提供できる残りは{pair.offer.free:,}{unit}です")
        elif by_need[pair.need.need_id] > pair.need.missing:
            form.complain(name, f"{pair.need.place.name}で足りないのは{pair.need.missing:,}{unit}です")
