"""Blocks from the own peer's Deliver service, from a stored position on and live, across losses of the connection."""
from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

from fabric_protos.common import common_pb2

from moyai_client.blocks import Block, decode_block
from moyai_client.errors import BrokenChain, NotSent
from moyai_client.identity import Identity
from moyai_client.profile import GatewayEndpoint
from moyai_client.proposal import seek_envelope
from moyai_client.retry import RETRIES, pause
from moyai_client.transport import RpcFailure, Transport

log = logging.getLogger(__name__)


class BlockStream:
    """Follows one channel at one peer."""

    def __init__(self, transport: Transport, identity: Identity, endpoint: GatewayEndpoint,
                 channel: str, chaincode: str) -> None:
        self._transport = transport
        self._identity = identity
        self._endpoint = endpoint
        self._channel = channel
        self._chaincode = chaincode

    def follow(self, start: int, stop: threading.Event | None = None, last: int | None = None) -> Iterator[Block]:
        """Blocks from number `start`, for ever or up to `last`, until `stop` is set.

        A lost connection is opened again at the next block. Raises BrokenChain where a block does not follow from the
        one before, NotSent where the peer refuses to deliver.
        """
        if last is not None and last < start:
            return
        following = start
        previous: bytes | None = None
        while not (stop is not None and stop.is_set()):
            try:
                for block in self._once(following, stop, last):
                    if previous is not None and block.previous_hash != previous:
                        raise BrokenChain(f"block {block.number} does not follow from block {block.number - 1}")
                    previous, following = block.header_hash, block.number + 1
                    yield block
                    if block.number == last:
                        return
            except RpcFailure as failure:
                log.warning("blocks from %s: %s; opening again at block %d", self._endpoint.address, failure, following)
            pause(RETRIES[ConnectionError], stop)

    def _once(self, start: int, stop: threading.Event | None, last: int | None) -> Iterator[Block]:
        envelope = seek_envelope(self._identity, self._channel, start, last)
        for answer in self._transport.deliver(self._endpoint, envelope, stop):
            if answer.WhichOneof("Type") == "block":
                yield decode_block(answer.block, self._chaincode)
            elif answer.status not in (common_pb2.SUCCESS, common_pb2.SERVICE_UNAVAILABLE):
                status = common_pb2.Status.Name(answer.status)
                raise NotSent(f"{self._endpoint.address} does not deliver blocks: {status}", temporary=False)
