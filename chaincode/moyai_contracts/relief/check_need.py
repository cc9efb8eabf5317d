"""A need's axes and bookkeeping, added up from the state by the peer that is asked."""
from __future__ import annotations

from typing import Any, Iterator

from moyai_contracts import keys
from moyai_contracts.api import canonical
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.relief.bookkeeping import committed_by, missing
from moyai_contracts.relief.states import GIVEN_BACK, ON_THE_WAY
from moyai_contracts.transaction import Document, Documents
from moyai_shim import Stub

_PAGE_SIZE = 100


def check_need(stub: Stub, scope: str, need_id: str) -> Document:
    """`quantity`, `committed`, `computed` (committed added up anew), `agrees`, `missing`, `in_transit`, `received`
    and the `axes` committed, in_transit, received as none, part or all. Refuses: `not_found`."""
    documents = Documents(stub)
    need = documents.get(keys.need(scope, need_id))
    if need is None:
        raise Refusal("not_found")
    dispatches = list(_dispatches(stub, scope, need_id))
    packages = _packages(documents, scope, dispatches)
    receipts = [line for package in packages if package["state"] == "received"
                for line in _lines_of(package["receipt"], package, need_id)]
    figures = {"committed": need["committed"], "received": sum(line["good"] for line in receipts),
               "in_transit": sum(line["quantity"] for line in _lines_in(packages, ON_THE_WAY, need_id))}
    computed = committed_by(dispatches, receipts, _lines_in(packages, GIVEN_BACK, need_id))
    axes = {name: _axis(figure, need["quantity"]) for name, figure in figures.items()}
    return figures | {"need_id": need_id, "quantity": need["quantity"], "missing": missing(need),
                      "computed": computed, "agrees": computed == need["committed"], "axes": axes}


def _dispatches(stub: Stub, scope: str, need_id: str) -> Iterator[Document]:
    object_type, parts = keys.dispatches_of(scope, need_id)
    bookmark = ""
    while True:
        page = stub.get_state_by_partial_composite_key_with_pagination(object_type, parts, _PAGE_SIZE, bookmark)
        for _, value in page.items:
            yield canonical.decode(value)
        bookmark = page.bookmark
        if not bookmark:
            return


def _packages(documents: Documents, scope: str, dispatches: list[Document]) -> list[Document]:
    wanted = list(dict.fromkeys(keys.package(scope, package_id)
                                for dispatch in dispatches for package_id in dispatch["packages"]))
    documents.load(wanted)
    return [package for key in wanted if (package := documents.get(key)) is not None]


def _lines_of(holder: Document, package: Document, need_id: str) -> list[dict[str, Any]]:
    """Lines of a box, or of its receipt, that belong to the need."""
    own = {line["dispatch_id"] for line in package["lines"] if line["need_id"] == need_id}
    return [line for line in holder["lines"] if line["dispatch_id"] in own]


def _lines_in(packages: list[Document], states: tuple[str, ...], need_id: str) -> list[dict[str, Any]]:
    return [line for package in packages if package["state"] in states
            for line in _lines_of(package, package, need_id)]


def _axis(figure: int, quantity: int) -> str:
    if figure >= quantity:
        return "all"
    return "part" if figure else "none"
