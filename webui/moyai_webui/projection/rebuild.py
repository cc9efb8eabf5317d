"""Rebuilding the projection from block 0 while the live one goes on."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from moyai_webui.projection.block import changes_of
from moyai_webui.projection.projector import Chain, Store

SMALL_GAP = 20
"""So many blocks are applied while the live projection stands still."""

Progress = Callable[[int, int], None]


class Swap(Protocol):
    """Both projections at one moment, see `moyai_webui.store.rebuild`."""

    def live_cursor(self) -> int: ...

    def differences(self) -> list[str]: ...

    def put_in_place(self) -> None: ...


class Fresh(Protocol):
    """The projection that is made anew."""

    @property
    def store(self) -> Store: ...

    def live_cursor(self) -> int: ...

    def live_stands_still(self) -> AbstractContextManager[Swap]: ...


def rebuild(chain: Chain, fresh: Fresh, municipality: str, *, replace: bool = True,
            progress: Progress = lambda block, last: None) -> list[str]:
    """Fills the fresh projection up to where the live one stands; tells what differed and, unless `replace` is
    false, puts it in place. `progress` hears each block and the last one wanted. Raises BrokenHandler."""
    while (last := fresh.live_cursor()) - fresh.store.cursor() > SMALL_GAP:
        _catch_up(chain, fresh.store, municipality, last, progress)
    with fresh.live_stands_still() as swap:
        _catch_up(chain, fresh.store, municipality, swap.live_cursor(), progress)
        differences = swap.differences()
        if replace:
            swap.put_in_place()
    return differences


def _catch_up(chain: Chain, store: Store, municipality: str, last: int, progress: Progress) -> None:
    start = store.cursor() + 1
    if start > last:
        return
    for block in chain.blocks(start, last=last):
        store.apply(changes_of(block, municipality))
        progress(block.number, last)
