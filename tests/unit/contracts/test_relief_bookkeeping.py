"""What is taken and given back: pure figures."""
from __future__ import annotations

import pytest
from moyai_contracts.relief.bookkeeping import (
    CANCELLED, DECLINED, FOUND, NOT_RECEIVED, REQUESTED, SHIPPED_LESS, BrokenInvariant, Posting, committed_by, deltas,
    free,
    lost, missing, post_need, post_offer, rest)

NEED = {"quantity": 100, "committed": 60}
OFFER = {"quantity": 80, "withdrawn": 10, "requested": 50}


@pytest.mark.parametrize(("posting", "committed", "requested", "withdrawn"), [
    (REQUESTED, 65, 55, 10),
    (CANCELLED, 55, 45, 10),
    (DECLINED, 55, 45, 15),
    (SHIPPED_LESS, 55, 45, 15),
    (NOT_RECEIVED, 55, 50, 10),
    (FOUND, 65, 50, 10),
])
def test_s06_each_event_moves_need_and_offer_as_the_table_of_giving_back_says(
        posting: Posting, committed: int, requested: int, withdrawn: int) -> None:
    assert post_need(NEED, posting, 5) == {"committed": committed}
    assert post_offer(OFFER, posting, 5) == {"requested": requested, "withdrawn": withdrawn}


def test_what_is_left() -> None:
    assert (missing(NEED), free(OFFER)) == (40, 20)
    assert rest({"quantity": 60, "released": 10}) == 50
    assert lost({"good": 1, "short": 2, "damaged": 4, "refused": 8}) == 14


@pytest.mark.parametrize(("posting", "quantity"), [(REQUESTED, 41), (CANCELLED, 61), (NOT_RECEIVED, 61)])
def test_a_need_never_leaves_its_bounds(posting: Posting, quantity: int) -> None:
    with pytest.raises(BrokenInvariant):
        post_need(NEED, posting, quantity)


@pytest.mark.parametrize(("posting", "quantity"), [(REQUESTED, 21), (CANCELLED, 51), (DECLINED, 51)])
def test_an_offer_never_leaves_its_bounds(posting: Posting, quantity: int) -> None:
    with pytest.raises(BrokenInvariant):
        post_offer(OFFER, posting, quantity)


def test_the_bounds_themselves_are_allowed() -> None:
    assert post_need(NEED, REQUESTED, 40) == {"committed": 100}
    assert post_need(NEED, NOT_RECEIVED, 60) == {"committed": 0}
    assert post_offer(OFFER, REQUESTED, 20) == {"requested": 70, "withdrawn": 10}
    assert post_offer(OFFER, DECLINED, 50) == {"requested": 0, "withdrawn": 60}


def test_committed_is_added_up_from_dispatches_and_receipts() -> None:
    dispatches = [{"quantity": 60, "released": 10}, {"quantity": 30, "released": 30}, {"quantity": 5, "released": 0}]
    receipts = [{"good": 45, "short": 3, "damaged": 1, "refused": 1}]
    assert committed_by(dispatches, receipts, []) == 50
    assert committed_by(dispatches, receipts, [{"quantity": 7}, {"quantity": 2}]) == 41
    assert committed_by([], [], []) == 0


def test_deltas_name_only_what_moved() -> None:
    after = OFFER | {"requested": 45, "withdrawn": 15}
    assert deltas("offer_id", "X", OFFER, after) == [{"offer_id": "X", "requested": -5, "withdrawn": 5}]
    assert deltas("offer_id", "X", OFFER, OFFER) == []
    assert deltas("need_id", "N", NEED, NEED | {"quantity": 90}) == [{"need_id": "N", "quantity": -10}]
