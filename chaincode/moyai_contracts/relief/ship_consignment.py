"""S3: boxes to one destination leave together."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import ShipConsignment, ShippedPackage
from moyai_contracts.relief.bookkeeping import SHIPPED_LESS, rest
from moyai_contracts.relief.boxes import dispatches_of, place
from moyai_contracts.relief.ownership import require_sender
from moyai_contracts.relief.postings import Postings
from moyai_contracts.relief.states import PACKAGE, require_edge
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case

NOT_SENT = "発送しませんでした"


def _reads(command: ShipConsignment, code6: str, scope: str) -> Iterable[str]:
    yield keys.consignment(scope, command.consignment_id)
    for package in command.packages:
        yield keys.package(scope, package.package_id)


@use_case(ShipConsignment, roles="PAC", reads=_reads)
def ship_consignment(tx: Transaction, command: ShipConsignment) -> None:
    """What is shipped less than asked is given back to the need and withdrawn from the offer. Boxes of the same
    dispatches that are not named may follow in another consignment.

    Refuses: `bad_argument` (a box twice, empty, or with a line it does not have), `id_reused`, `not_found`,
    `foreign_record`, `wrong_site` (boxes to different places), `not_requested`, `wrong_state`,
    `quantity_exceeded` with `quantity`.
    """
    key = keys.consignment(tx.scope, command.consignment_id)
    tx.new([key])
    packages = {shipped.package_id: tx.need_document(keys.package(tx.scope, shipped.package_id))
                for shipped in command.packages}
    if len(packages) < len(command.packages):
        raise Refusal("bad_argument", field="packages")
    dispatches = dispatches_of(tx, packages.values())
    for dispatch in dispatches.values():
        require_sender(tx, dispatch["supporter"], dispatch["home"])
    destination = _destination(packages)
    for package in packages.values():
        _check_states(package, dispatches)
    lines = {shipped.package_id: _shipped_lines(packages[shipped.package_id], shipped)
             for shipped in command.packages}
    leaving = [package_id for package_id in packages if any(line["quantity"] for line in lines[package_id])]
    if not leaving:
        raise Refusal("bad_argument", field="lines")
    postings = _ship_dispatches(tx, packages, lines, dispatches)
    for package_id, package in packages.items():
        changes = {"lines": lines[package_id], "state": "shipped", "consignment_id": command.consignment_id,
                   "shipped_at": tx.at} if package_id in leaving else {"state": "voided", "reason": NOT_SENT}
        tx.edit(keys.package(tx.scope, package_id), package, **changes)
    tx.create(key, {"packages": leaving, "sender": tx.by, "to": destination, "carrier": command.carrier,
                    "shipped_at": tx.at, "expected_on": command.expected_on})
    tx.emit(consignment_id=command.consignment_id, to=destination, carrier=command.carrier,
            expected_on=command.expected_on,
            packages=[{"package_id": package_id, "lines": [_event_line(line) for line in lines[package_id]]}
                      for package_id in leaving],
            deltas=postings.deltas)


def _event_line(line: Document) -> Document:
    return {name: line[name] for name in ("need_id", "dispatch_id", "quantity")}


def _destination(packages: dict[str, Document]) -> Document:
    first, *others = packages.items()
    for package_id, package in others:
        if package["to"] != first[1]["to"]:
            raise Refusal("wrong_site", site=place(package["to"]), package_id=package_id)
    return dict(first[1]["to"])


def _check_states(package: Document, dispatches: dict[str, Document]) -> None:
    if package["state"] not in ("labelled", "voided"):
        require_edge(PACKAGE, package, "shipped")
    for line in package["lines"]:
        # With its first box that leaves, or arrives unannounced, a dispatch counts as shipped.
        if dispatches[line["dispatch_id"]]["state"] not in ("requested", "shipped"):
            raise Refusal("not_requested")
    require_edge(PACKAGE, package, "shipped")


def _shipped_lines(package: Document, shipped: ShippedPackage) -> list[Document]:
    """The box's lines with what really went in."""
    stated = {line.dispatch_id: line.quantity for line in shipped.lines or ()}
    known = {line["dispatch_id"] for line in package["lines"]}
    if not stated.keys() <= known or len(stated) < len(shipped.lines or ()):
        raise Refusal("bad_argument", field="lines")
    lines = [line | {"quantity": stated.get(line["dispatch_id"], line["quantity"])} for line in package["lines"]]
    for asked, line in zip(package["lines"], lines, strict=True):
        if line["quantity"] > asked["quantity"]:
            raise Refusal("quantity_exceeded", quantity=asked["quantity"])
    return lines


def _ship_dispatches(tx: Transaction, packages: dict[str, Document], lines: dict[str, list[Document]],
                     dispatches: dict[str, Document]) -> Postings:
    need_of: dict[str, str] = {}
    less = dict.fromkeys(dispatches, 0)
    for package_id, package in packages.items():
        for asked, line in zip(package["lines"], lines[package_id], strict=True):
            need_of[line["dispatch_id"]] = line["need_id"]
            less[line["dispatch_id"]] += asked["quantity"] - line["quantity"]
    tx.load([key for dispatch_id, quantity in less.items() if quantity
             for key in (keys.need(tx.scope, need_of[dispatch_id]),
                         keys.offer(tx.scope, dispatches[dispatch_id]["offer_id"]))])
    postings = Postings(tx)
    for dispatch_id, dispatch in dispatches.items():
        need_id = need_of[dispatch_id]
        postings.post(SHIPPED_LESS, less[dispatch_id], need_id=need_id, offer_id=dispatch["offer_id"])
        tx.edit(keys.dispatch(tx.scope, need_id, dispatch_id), dispatch, state="shipped",
                shipped=rest(dispatch) - less[dispatch_id], released=dispatch["released"] + less[dispatch_id])
    return postings
