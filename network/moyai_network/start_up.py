"""`up`: from whatever state an earlier run left to a network in which every municipality endorses."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Callable, Iterable, Sequence

from moyai_network import channel, contracts, lifecycle, preparation
from moyai_network.binaries import Binaries
from moyai_network.certificate_validity import demand_valid
from moyai_network.crash_watch import CrashWatch
from moyai_network.definition import Consortium, Municipality
from moyai_network.enrolment import CA_NAMES, authority, certified, enrol
from moyai_network.enrolment import renew as renew_certificates
from moyai_network.fabric_command import Administrator
from moyai_network.layout import State
from moyai_network.operations import Operations
from moyai_network.orphans import end_orphans
from moyai_network.ports import demand_free
from moyai_network.progress import Progress
from moyai_network.readiness import wait_until_endorsed
from moyai_network.rendering.chaincode import Chaincode
from moyai_network.rendering.processes import APART, Program
from moyai_network.storage import write
from moyai_network.supervisor import Supervisor
from moyai_network.waiting import wait_for

_HEALTH_SECONDS, _ENDORSEMENT_SECONDS = 60.0, 90.0
_PORTS = {"ca": ("ca", "ca_operations"), "orderer": ("orderer", "orderer_admin", "orderer_operations"),
          "peer": ("peer", "peer_chaincode", "peer_operations")}


def up(consortium: Consortium, state: State, binaries: Binaries, progress: Progress) -> None:
    """Brings the network up and returns once a real endorsement of all municipalities was seen.

    Harmless when it is up already, and after an earlier attempt that stopped half-way; NetworkError otherwise says
    in one sentence what is in the way.
    """
    with preparation.exclusive(state):
        preparation.demand_space(state)
        preparation.demand_same_channel(consortium, state)
        demand_valid(consortium, state)
        StartUp(consortium, state, binaries, progress).run()


def renew(consortium: Consortium, state: State, binaries: Binaries, progress: Progress, municipality: Municipality,
          days: int) -> int:
    """Renews a municipality's certificates that end within so many days, or have ended; how many.

    Its programs are started again with them, and the network is up afterwards. NetworkError says what is in the way.
    """
    with preparation.exclusive(state):
        preparation.demand_same_channel(consortium, state)
        return StartUp(consortium, state, binaries, progress).renew(
            municipality, datetime.now(timezone.utc) + timedelta(days=days))


class StartUp:
    """One run of `up`; the caller holds the state folder."""

    def __init__(self, consortium: Consortium, state: State, binaries: Binaries, progress: Progress) -> None:
        self._consortium, self._state, self._progress = consortium, state, progress
        self._binaries = binaries
        self._members = consortium.municipalities
        self._supervisor = Supervisor(state)
        self._administrators = [Administrator(municipality, state, binaries) for municipality in self._members]
        self._chaincodes = contracts.known(consortium, state)
        self._programs: tuple[Program, ...] = ()
        self._watch = CrashWatch(self._supervisor, state, unwatched=APART)

    def run(self) -> None:
        """All steps; each finds out by itself what is left to do."""
        self._take_over()
        if not all(certified(municipality, self._state) for municipality in self._members):
            with self._progress.step("Certificates from the municipalities' CAs"):
                self._certify()
        if not self._state.genesis_block.exists():
            with self._progress.step("First block of the channel"):
                preparation.record_channel(self._consortium, self._state)
                channel.make_genesis_block(self._consortium, self._state, self._binaries)
        with self._progress.step("Orderers, peers and contract services"):
            self._start_nodes()
            joined = self._join()
        for chaincode in self._chaincodes:
            self._deploy(chaincode, again=joined)
        with self._progress.step("Endorsement by all municipalities"):
            wait_until_endorsed(self._consortium, self._state, seconds=_ENDORSEMENT_SECONDS, watch=self._watch.look)

    def add(self, chaincode: Chaincode, collections: Path | None) -> None:
        """Starts the services of one more chaincode on a running network and deploys it."""
        self._chaincodes = [other for other in self._chaincodes if other.name != chaincode.name] + [chaincode]
        self._take_over()
        self._start_nodes()
        with self._progress.step(f"Chaincode {chaincode.name}"):
            lifecycle.deploy(self._consortium, chaincode, self._administrators, self._state, collections)
            wait_until_endorsed(self._consortium, self._state, seconds=_ENDORSEMENT_SECONDS, watch=self._watch.look,
                                chaincode=chaincode.name)
        self._mark_deployed(chaincode)

    def renew(self, municipality: Municipality, ends_before: datetime) -> int:
        """Certifies again what ends before this moment, and lets the municipality's programs read it."""
        self._take_over()
        self._supervisor.start([f"ca-{municipality.code}"])
        self._wait_for_authorities(municipality)
        with self._progress.step(f"Certificates of {municipality.name}"):
            renewed = renew_certificates(municipality, self._state, ends_before)
        if renewed:
            mine = {program.name for program in self._programs
                    if program.code == municipality.code and program.role != "ca"} & self._running()
            self._supervisor.stop(mine)
            self.run()
            self._supervisor.start(mine)
        return len(renewed)

    def _take_over(self) -> None:
        """A running supervisord with today's settings; nothing of a dead one is left."""
        self._programs, changed = preparation.render(self._consortium, self._chaincodes, self._state, self._binaries)
        if self._supervisor.pid() is None:
            ended = end_orphans(self._state)
            if ended:
                self._progress.say(f"Ended {len(ended)} programs whose supervisor was gone: {', '.join(sorted(ended))}")
        running = self._running()
        demand_free(self._listening(program for program in self._fabric() if program.name not in running))
        self._supervisor.ensure()
        if stale := changed & running:
            self._supervisor.stop(stale)
        # A program whose settings changed was stopped for that; nobody but whoever had started it may leave it down.
        self._supervisor.start(program.name for program in self._programs
                               if program.group in APART and program.name in running)

    def _certify(self) -> None:
        self._supervisor.start(program.name for program in self._programs if program.role == "ca")
        with ThreadPoolExecutor(len(self._members)) as pool:
            list(pool.map(self._certify_one, self._members))

    def _certify_one(self, municipality: Municipality) -> None:
        self._wait_for_authorities(municipality)
        enrol(municipality, self._state)

    def _wait_for_authorities(self, municipality: Municipality) -> None:
        for name in CA_NAMES:
            self._wait(authority(municipality, self._state, name).answers, f"CA of {municipality.name}")

    def _start_nodes(self) -> None:
        for municipality in self._members:
            moved = [contracts.connect(municipality, chaincode, self._state) for chaincode in self._chaincodes]
            if any(moved):
                self._supervisor.stop([f"peer-{municipality.code}"])
        self._supervisor.start(program.name for program in self._fabric())

    def _join(self) -> bool:
        """Every orderer and peer has the channel; True where a peer had to be given it."""
        with ThreadPoolExecutor(2 * len(self._members)) as pool:
            orderers = [pool.submit(self._join_orderer, one) for one in self._administrators]
            peers = [pool.submit(self._join_peer, one) for one in self._administrators]
            for orderer in orderers:
                orderer.result()
            joined = [peer.result() for peer in peers]
        if any(joined):
            self._wait(lambda: channel.leader(self._consortium, self._state), "A leader of the orderers")
        return any(joined)

    def _join_orderer(self, administrator: Administrator) -> None:
        municipality = administrator.municipality
        self._wait(Operations.of(municipality, "orderer", self._state).ready, f"Orderer of {municipality.name}")
        if not channel.orderer_joined(self._consortium, municipality, self._state):
            channel.join_orderer(self._consortium, administrator, self._state)

    def _join_peer(self, administrator: Administrator) -> bool:
        municipality = administrator.municipality
        self._wait(Operations.of(municipality, "peer", self._state).ready, f"Peer of {municipality.name}")
        if channel.peer_joined(self._consortium, municipality, self._state):
            return False
        channel.join_peer(administrator, self._state)
        return True

    def _deploy(self, chaincode: Chaincode, *, again: bool) -> None:
        if again or not self._deployed(chaincode).exists():
            with self._progress.step(f"Chaincode {chaincode.name}"):
                lifecycle.deploy(self._consortium, chaincode, self._administrators, self._state,
                                 contracts.collections(chaincode, self._state))
            self._mark_deployed(chaincode)

    def _deployed(self, chaincode: Chaincode) -> Path:
        return self._state.chaincodes / f"{chaincode.label}.deployed"

    def _mark_deployed(self, chaincode: Chaincode) -> None:
        write(self._deployed(chaincode), f"{chaincode.package_id}\n")

    def _fabric(self) -> list[Program]:
        return [program for program in self._programs if program.group not in APART]

    def _running(self) -> set[str]:
        return {name for name, process in self._supervisor.processes().items() if process.running}

    def _listening(self, programs: Iterable[Program]) -> list[tuple[str, int, str]]:
        ports = {chaincode.name: chaincode for chaincode in self._chaincodes}
        found: list[tuple[str, int, str]] = []
        for program in programs:
            municipality = self._consortium.municipality(program.code)
            purpose = f"{program.role} of {municipality.name}"
            numbers: Sequence[int] = [getattr(municipality.ports, name) for name in _PORTS.get(program.role, ())]
            if program.chaincode:
                numbers = [ports[program.chaincode].port(program.code)]
            found += [(municipality.host, number, purpose) for number in numbers]
        return found

    def _wait(self, condition: Callable[[], object], who: str) -> None:
        def watched() -> object:
            self._watch.look()
            return condition()
        wait_for(watched, seconds=_HEALTH_SECONDS, failure=lambda: (
            f"{who} is not ready after {_HEALTH_SECONDS:.0f} s; look at `moyai network logs`."))
