"""Opens a ledger, uses it, forks like a preloading web server, and uses it in every child. Exit code 0 if all work."""
from __future__ import annotations

import os
import sys
import threading

from moyai_client.ledger import Ledger
from moyai_client.profile import Profile

CHILDREN = 3


def child(ledger: Ledger) -> int:
    """A worker: a lane that the parent's thread holds is free here, and calls are answered."""
    with ledger.lane("offer"):
        answers = [ledger.evaluate("q", {}) for _ in range(5)]
    return 0 if answers == ["own"] * 5 else 1


def main(path: str, used_before: bool) -> int:
    """Forks while a thread holds a lane."""
    ledger = Ledger.open(Profile.load(path))
    if used_before:
        assert ledger.evaluate("q", {}) == "own"
    release = threading.Event()
    held = threading.Event()

    def hold() -> None:
        with ledger.lane("offer"):
            held.set()
            release.wait(30)

    threading.Thread(target=hold, daemon=True).start()
    held.wait(5)
    pids = []
    for _ in range(CHILDREN):
        pid = os.fork()
        if pid == 0:
            os._exit(child(ledger))
        pids.append(pid)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    release.set()
    assert ledger.evaluate("q", {}) == "own"
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] == "used"))
