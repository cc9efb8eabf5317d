"""A need's axes from state, also where one box holds lines of several needs."""
from __future__ import annotations

from typing import Any, Sequence

import pytest
from moyai_contracts import keys
from moyai_contracts.api import canonical
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.relief.check_need import check_need
from moyai_shim.memory import MemoryLedger, make_creator
from moyai_shim.response import Response, success


class Seeded:
    """Stores documents as they are given, and asks them."""

    def __init__(self, documents: dict[str, Any]) -> None:
        self._documents = documents

    def invoke(self, stub: Any) -> Response:
        function, arguments = stub.get_function_and_parameters()
        if function == "seed":
            for key, document in self._documents.items():
                stub.put_state(key, canonical.encode(document))
            return success()
        try:
            return success(canonical.encode(check_need(stub, "live", arguments[0])))
        except Refusal as refusal:
            return Response(refusal.status, refusal.code)


def ask(documents: dict[str, Any], need_id: str = "N") -> Any:
    ledger = MemoryLedger(Seeded(documents))  # type: ignore[arg-type]
    creator = make_creator("Org1MSP", "webui")
    ledger.submit(creator, ["seed"])
    response = ledger.evaluate(creator, ["check", need_id])
    return response.message or canonical.decode(response.payload)


def dispatch(quantity: int, released: int, packages: Sequence[str]) -> dict[str, Any]:
    return {"quantity": quantity, "released": released, "packages": list(packages)}


def line(need_id: str, dispatch_id: str, quantity: int) -> dict[str, Any]:
    return {"need_id": need_id, "dispatch_id": dispatch_id, "quantity": quantity}


def counted(dispatch_id: str, good: int, short: int) -> dict[str, Any]:
    return {"dispatch_id": dispatch_id, "good": good, "short": short, "damaged": 0, "refused": 0}


STATE = {
    keys.need("live", "N"): {"quantity": 50, "committed": 35},
    keys.dispatch("live", "N", "D1"): dispatch(30, 10, ["P1"]),
    keys.dispatch("live", "N", "D2"): dispatch(18, 0, ["P2"]),
    keys.dispatch("live", "M", "D3"): dispatch(9, 0, ["P1"]),
    keys.package("live", "P1"): {"state": "received", "lines": [line("N", "D1", 20), line("M", "D3", 9)],
                                 "receipt": {"lines": [counted("D1", 17, 3), counted("D3", 0, 9)]}},
    keys.package("live", "P2"): {"state": "shipped", "lines": [line("N", "D2", 18), line("M", "D4", 7)]},
}


def test_s07_sums_are_those_of_the_need_alone() -> None:
    assert ask(STATE) == {
        "need_id": "N", "quantity": 50, "committed": 35, "computed": 35, "agrees": True, "missing": 15,
        "in_transit": 18, "received": 17, "axes": {"committed": "part", "in_transit": "part", "received": "part"}}


@pytest.mark.parametrize(("quantity", "axis"), [(17, "all"), (18, "part")])
def test_s07_an_axis_is_all_from_the_quantity_on(quantity: int, axis: str) -> None:
    state = STATE | {keys.need("live", "N"): {"quantity": quantity, "committed": 0}}
    answer = ask(state)
    assert answer["axes"] == {"committed": "none", "in_transit": "all", "received": axis}
    assert (answer["computed"], answer["agrees"]) == (35, False)


def test_s07_an_unknown_need() -> None:
    assert ask(STATE, "X") == "not_found"
