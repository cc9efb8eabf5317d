"""INV-24, INV-25, INV-29: who wrote, under which key, once; over random histories and over every real one."""
from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moyai_contracts.api import TRANSACTIONS
from moyai_contracts.contract import USE_CASES
from tests.contract.authority_audit import Audit
from tests.contract.authority_table import ALL
from tests.contract.channel import NANAO, Channel
from tests.contract.memory_channel import MemoryChannel
from tests.contract.random_walk import Walk
from tests.contract.scene import Scene

SEEDS, BLOCKS = 4, 400


def test_p06_every_write_of_random_histories_was_made_with_authority(tmp_path: Path) -> None:
    valid: Counter[str] = Counter()
    tally: Counter[tuple[str, str]] = Counter()
    for seed in range(SEEDS):
        channel = MemoryChannel(tmp_path / str(seed)).bootstrap()
        audit, walk = Audit(), Walk(channel, seed)
        audit.read(channel.transactions())
        for _ in range(BLOCKS):
            audit.read(walk.block())
            channel.advance(7)
        valid += audit.valid
        tally += walk.tally
    codes = Counter(transaction.code for transaction in channel.transactions())
    assert codes["MVCC_READ_CONFLICT"] > 0, "nothing met in a block: the walk proves little"
    missing = {name for name in TRANSACTIONS if name.startswith(("directory.", "evidence."))} - set(valid)
    assert not missing, "never carried out"
    met = {code for _, code in tally}
    assert met >= {"replayed", "not_permitted", "account_inactive", "key_required", "key_revoked", "self_confirmation",
                   "foreign_record", "stale_revision", "wrong_state", "id_reused", "not_found", "votes_missing",
                   "municipality_inactive"}


@pytest.mark.parametrize(("function", "weaker"), [
    ("directory.save_site", {"roles": lambda command: ALL}),
    ("directory.cast_vote", {"grade": lambda command: "s"}),
    ("directory.block_certificate", {"services": frozenset({"console", "webui"}),
                                     "unaccounted": lambda command: ("console", "webui")}),
    ("directory.set_policy", {"admitted": frozenset({"active", "left"})})])
def test_the_audit_sees_a_weaker_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str,
                                      weaker: dict[str, Any]) -> None:
    monkeypatch.setitem(USE_CASES, function, replace(USE_CASES[function], **weaker))
    with pytest.raises(AssertionError):
        for seed in range(SEEDS):
            channel = MemoryChannel(tmp_path / str(seed)).bootstrap()
            audit, walk = Audit(), Walk(channel, seed)
            audit.read(channel.transactions())
            for _ in range(3 * BLOCKS):
                audit.read(walk.block())


def test_p06_every_write_of_this_chain_was_made_with_authority(channel: Channel) -> None:
    """On the real network: the whole chain, with all that other tests left there."""
    scene = Scene(channel)
    scene.key(scene.official(NANAO, "S", f"{NANAO}/{scene.site(NANAO)}"), confirmed=True)
    audit = Audit()
    audit.read(channel.transactions())
    assert audit.valid["directory.confirm_key"] >= 4 and audit.valid["relief.set_site_status"] >= 1
