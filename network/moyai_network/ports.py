"""Whether the ports a program needs are free, and who has them when not."""
from __future__ import annotations

import errno
import random
import socket
from typing import Iterable

import psutil

from moyai_network.errors import NetworkError


_UNASSIGNED = range(20000, 32000)
"""Below the range from which the kernel gives source ports to outgoing connections."""


def demand_free(listening: Iterable[tuple[str, int, str]]) -> None:
    """NetworkError names the first of these (host, port, what is to listen there) that somebody else has."""
    for host, port, purpose in listening:
        if reason := _refusal(host, port):
            raise NetworkError(f"Port {port} for {purpose} {reason}: end that program, or change network.yaml.")


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Ports nobody listens on at this moment, and that outgoing connections do not get meanwhile."""
    free: list[int] = []
    for port in random.sample(_UNASSIGNED, len(_UNASSIGNED)):
        if len(free) == count:
            return free
        if not _refusal(host, port):
            free.append(port)
    raise NetworkError(f"{host} has no {count} free ports from {_UNASSIGNED.start} to {_UNASSIGNED.stop - 1}.")


def _refusal(host: str, port: int) -> str:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return f"cannot be had on {host} ({error.strerror})"
            return f"is taken{_holder(port)}"
    return ""


def _holder(port: int) -> str:
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    return " by another program"
