"""`up` in every state an earlier run may have left behind: nothing is lost, nothing is half-made."""
from __future__ import annotations

import os
import shutil
import signal

from moyai_client.ledger import Ledger
from moyai_client.profile import Profile
from moyai_network.orphans import marked
from moyai_network.supervisor import Supervisor

from tests.network.consortium import RunningConsortium


def height(consortium: RunningConsortium) -> int:
    """Blocks the founder's peer has."""
    ledger = Ledger.open(Profile.load(consortium.profile(consortium.codes[0], "auditor")))
    try:
        return ledger.height()
    finally:
        ledger.close()


def test_up_twice_is_harmless(consortium: RunningConsortium) -> None:
    before = {name: process.pid for name, process in Supervisor(consortium.state).processes().items()}
    again = consortium.moyai("network", "up")
    assert again.returncode == 0, again.stderr
    assert {name: process.pid for name, process in Supervisor(consortium.state).processes().items()} == before


def test_up_after_a_power_cut_resumes_with_all_data(consortium: RunningConsortium) -> None:
    before = height(consortium)
    consortium.kill_everything()
    assert not list(marked(consortium.state))
    again = consortium.moyai("network", "up")
    assert again.returncode == 0, again.stderr
    assert height(consortium) >= before > 1


def test_up_ends_the_orphans_of_a_killed_supervisor(consortium: RunningConsortium) -> None:
    pid = Supervisor(consortium.state).pid()
    contract = consortium.pids("contract-172022")[0]
    os.kill(pid, signal.SIGKILL)
    again = consortium.moyai("network", "up")
    assert again.returncode == 0, again.stderr
    assert "supervisor was gone" in again.stdout
    programs = Supervisor(consortium.state).processes()
    assert contract != programs["contract-172022"].pid
    running = {process.pid for process in marked(consortium.state)}
    supervised = {process.pid for process in programs.values() if process.pid}
    assert supervised <= running
    assert running == supervised | {Supervisor(consortium.state).pid()}


def test_up_issues_a_lost_certificate_again(consortium: RunningConsortium) -> None:
    """Its identity is registered already, as after an `up` that ended between registration and enrolment."""
    profile = Profile.load(consortium.profile("172022", "bridge"))
    before = profile.certificate.read_bytes()
    shutil.rmtree(profile.certificate.parent)
    again = consortium.moyai("network", "up")
    assert again.returncode == 0, again.stderr
    assert profile.certificate.read_bytes() != before
    ledger = Ledger.open(Profile.load(consortium.profile("172022", "bridge")))
    try:
        assert ledger.height() > 1
    finally:
        ledger.close()
