"""supervisord of one state folder: started, asked and ended over its Unix socket."""
from __future__ import annotations

import http.client
import os
import subprocess
import sys
import xmlrpc.client
from dataclasses import dataclass
from typing import Any, Iterable

import psutil
from supervisor.states import RUNNING_STATES
from supervisor.xmlrpc import SupervisorTransport

from moyai_network.errors import ProgramFailed
from moyai_network.layout import State
from moyai_network.rendering.processes import STATE_MARK
from moyai_network.storage import private_folder
from moyai_network.waiting import wait_for

_START_SECONDS, _STOP_SECONDS = 15.0, 60.0
_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
"""What programs inherit. Nothing else: Fabric takes any CORE_ or ORDERER_ variable for a setting."""


class _Silent(ProgramFailed):
    """Nobody to talk to at the socket, or somebody who only waits for the end."""


@dataclass(frozen=True, slots=True)
class ProcessState:
    """What supervisord knows of one program; `seconds` since it was started, `pid` 0 when it is not running."""

    name: str
    group: str
    state: str
    running: bool
    pid: int
    seconds: int


class Supervisor:
    """Control of the supervisord of a state folder; may or may not be running."""

    def __init__(self, state: State) -> None:
        self._state = state

    def pid(self) -> int | None:
        """supervisord's process id, None where none answers at the socket."""
        try:
            return self._call("getPID")
        except _Silent:
            return None

    def ensure(self) -> bool:
        """Starts supervisord unless it runs, else lets it read its settings again; True where it was started.

        A group whose settings changed is stopped and taken in anew.
        """
        if self.pid() is not None:
            self._reload()
            return False
        socket = self._state.supervisor_socket
        private_folder(socket.parent)
        socket.unlink(missing_ok=True)
        self._state.logs.mkdir(parents=True, exist_ok=True)
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | {
            "LANG": "C.UTF-8", STATE_MARK: str(self._state.root)}
        done = subprocess.run([sys.executable, "-m", "supervisor.supervisord", "-c",
                               self._state.supervisor_configuration], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, cwd=self._state.network)
        if done.returncode:
            reason = ((done.stderr or done.stdout).strip().splitlines() or ["no reason given"])[-1]
            raise ProgramFailed(f"supervisord does not start: {reason}")
        wait_for(self.pid, seconds=_START_SECONDS,
                 failure=lambda: f"supervisord does not answer; see {self._state.logs / 'supervisord.log'}.")
        return True

    def processes(self) -> dict[str, ProcessState]:
        """Every program by name; empty where supervisord does not run."""
        if self.pid() is None:
            return {}
        return {entry["name"]: ProcessState(
            entry["name"], entry["group"], entry["statename"].lower(), entry["state"] in RUNNING_STATES,
            entry["pid"], max(0, entry["now"] - entry["start"]) if entry["pid"] else 0,
        ) for entry in self._call("getAllProcessInfo")}

    def start(self, names: Iterable[str]) -> None:
        """Tells supervisord to start these programs; those that run already go on. Does not wait for them."""
        known = self.processes()
        for name in names:
            if not known[name].running:
                self._tolerating(("ALREADY_STARTED",), "startProcess", f"{known[name].group}:{name}", False)

    def stop(self, names: Iterable[str]) -> None:
        """Ends these programs and waits until they are gone; SIGKILL follows after their time to drain."""
        known = self.processes()
        wanted = [name for name in names if name in known and known[name].state != "stopped"]
        for name in wanted:
            self._tolerating(("NOT_RUNNING",), "stopProcess", f"{known[name].group}:{name}", False)
        wait_for(lambda: not any(entry.pid for name, entry in self.processes().items() if name in wanted),
                 seconds=_STOP_SECONDS, failure=lambda: f"{', '.join(wanted)} did not end.")

    def shutdown(self) -> bool:
        """Ends every program, the last group first, then supervisord itself; False where none was running."""
        pid = self.pid()
        if pid is None:
            return False
        process = psutil.Process(pid)
        self._call("shutdown")
        try:
            process.wait(timeout=_STOP_SECONDS)
        except psutil.TimeoutExpired as late:
            raise ProgramFailed(f"supervisord (process {pid}) did not end within {_STOP_SECONDS:.0f} s.") from late
        socket = self._state.supervisor_socket
        socket.unlink(missing_ok=True)
        if not socket.is_relative_to(self._state.root):
            socket.parent.rmdir()
        return True

    def _reload(self) -> None:
        (added, changed, removed), = self._call("reloadConfig")
        for group in (*changed, *removed):
            self._call("stopProcessGroup", group)
            self._call("removeProcessGroup", group)
        for group in (*changed, *added):
            self._tolerating(("ALREADY_ADDED",), "addProcessGroup", group)

    def _tolerating(self, faults: tuple[str, ...], method: str, *arguments: Any) -> None:
        try:
            self._call(method, *arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultString.split(":")[0] not in faults:
                raise ProgramFailed(f"supervisord: {fault.faultString}") from fault

    def _call(self, method: str, *arguments: Any) -> Any:
        url = f"unix://{self._state.supervisor_socket}"
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=SupervisorTransport(None, None, url))
        try:
            with proxy:
                return getattr(proxy.supervisor, method)(*arguments)
        except (OSError, http.client.HTTPException) as error:
            raise _Silent(f"supervisord does not answer: {error}") from error
        except xmlrpc.client.Fault as fault:
            if fault.faultString.startswith("SHUTDOWN_STATE"):
                raise _Silent("supervisord is about to end.") from fault
            raise
