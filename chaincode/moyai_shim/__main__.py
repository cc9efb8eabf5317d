"""`python -m moyai_shim`: serve a contract to the peer until SIGTERM."""
from __future__ import annotations

import argparse
import importlib
import logging
import signal
import sys
import threading
from pathlib import Path
from typing import Sequence

from moyai_shim.service import ContractServer, ContractService, Limits, mutual_tls
from moyai_shim.stub import Contract

LOG = logging.getLogger("moyai_shim")
_DEFAULTS = Limits()
_LONGEST_REQUEST = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT, then drain. Exit status 2 if the service cannot start."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        stream=sys.stderr, level=options.log_level, format="%(asctime)s %(levelname)s %(message)s"
    )
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        server = _start(options)
    except (OSError, RuntimeError, ValueError, ImportError, AttributeError) as error:
        print(f"The contract service cannot start: {error}", file=sys.stderr)
        return 2
    LOG.info("service=listening port=%d", server.port)
    stopping.wait()
    LOG.info("service=draining")
    server.stop(options.time_limit + _LONGEST_REQUEST)
    LOG.info("service=stopped")
    return 0


def load_contract(name: str) -> Contract:
    """Instance of the class that `module:Class` names; ValueError, ImportError or AttributeError if there is none."""
    module, separator, attribute = name.partition(":")
    if not separator:
        raise ValueError(f"a contract is named module:Class, not {name}")
    return getattr(importlib.import_module(module), attribute)()


def _start(options: argparse.Namespace) -> ContractServer:
    limits = Limits(options.time_limit, options.threads, options.total_query_limit)
    service = ContractService(load_contract(options.contract), options.package_id, limits)
    credentials = mutual_tls(options.tls_certificate, options.tls_key, options.tls_client_ca)
    server = ContractServer(service, options.address, credentials)
    server.start()
    return server


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m moyai_shim", description="Serve a contract to a Fabric peer.")
    parser.add_argument("--contract", required=True, metavar="MODULE:CLASS")
    parser.add_argument("--address", required=True, metavar="HOST:PORT")
    parser.add_argument("--package-id", required=True, metavar="LABEL:HASH")
    parser.add_argument("--tls-certificate", required=True, type=Path, metavar="PEM")
    parser.add_argument("--tls-key", required=True, type=Path, metavar="PEM")
    parser.add_argument("--tls-client-ca", required=True, type=Path, metavar="PEM", help="the only authority trusted")
    parser.add_argument("--time-limit", type=float, default=_DEFAULTS.time_limit, metavar="SECONDS",
                        help="of a transaction; well below the peer's chaincode.executetimeout (default %(default)s)")
    parser.add_argument("--threads", type=int, default=_DEFAULTS.threads, metavar="N",
                        help="transactions at once (default %(default)s)")
    parser.add_argument("--total-query-limit", type=int, default=_DEFAULTS.total_query_limit, metavar="N",
                        help="the peer's ledger.state.totalQueryLimit (default %(default)s)")
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    return parser


if __name__ == "__main__":
    sys.exit(main())
