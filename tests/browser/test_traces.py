"""What people wrote into the web UIs in this session leaves no trace on the ledger and in the logs (INV-28).

It runs behind the stories of the other files; the persons that every web UI begins with are there in any case.
"""
from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.browser.conftest import TownHalls

SHORTEST = 6
QUESTIONS = ("SELECT mail FROM user_account", "SELECT login FROM user_account WHERE login LIKE '%@%'",
             "SELECT mail FROM site_contact", "SELECT phone FROM site_contact")


def personal_data(home: Path) -> set[str]:
    """Addresses and telephone numbers that a municipality's home database holds."""
    connection = sqlite3.connect(f"file:{home}?mode=ro", uri=True)
    try:
        return {str(row[0]).strip() for question in QUESTIONS for row in connection.execute(question)}
    finally:
        connection.close()


def test_inv28_personal_data_stay_in_the_home_databases(town_halls: TownHalls, tmp_path: Path) -> None:
    state = town_halls.consortium.state
    found = {text for home in sorted(state.root.glob("webui/*/moyai.sqlite")) for text in personal_data(home)}
    wanted = sorted(text for text in found if len(text.encode()) >= SHORTEST)
    assert len(wanted) > 5, "there is nobody to be found"
    (tmp_path / "canaries").write_text("\n".join(wanted), "utf-8")
    done = town_halls.consortium.moyai("audit", "--json", "--as", "172022", "--canaries", str(tmp_path / "canaries"),
                                       "--logs", str(state.logs))
    told = json.loads(done.stdout)
    assert told["canaries"]["lines"] == len(wanted) and told["canaries"]["log_bytes"] > 0
    leaked = [finding["sentence"] for finding in told["findings"] if finding["check"] == "INV-28"]
    assert not leaked, (leaked, wanted)
    assert told["agrees"], told["first_difference"]
