"""Every municipality's peer, read through hfc (fabric-sdk-py): heights, raw blocks, documents."""
from __future__ import annotations

import asyncio
import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Iterator

from hfc.fabric import Client
from hfc.protos.peer import proposal_response_pb2

from moyai_auditor.examination.blocks import Block, Unreachable, Unreadable
from moyai_auditor.examination.newer_messages import newer

ANSWER_SECONDS = 30
CATCH_UP_SECONDS = 60
LOOK_AGAIN_SECONDS = 0.2
AT_ONCE = 16
"""Blocks that are asked from a peer together."""
OK = 200


@dataclass(frozen=True)
class ChainInfo:
    """What a peer says of its chain: number behind its last block, that block's hash, and the first block it has."""

    height: int
    current_hash: bytes
    first: int


class Peer:
    """One peer as a copy of the chain."""

    def __init__(self, network: Network, name: str) -> None:
        self.label = name
        self.first = self.height = 0
        self.current_hash = b""
        self.is_lost = False
        self._network = network
        self._ahead: dict[int, bytes | None] = {}

    def look(self) -> None:
        """Asks for the height. Raises Unreachable."""
        info = self._network.info(self.label)
        self.first, self.height, self.current_hash = info.first, info.height, info.current_hash

    def block(self, number: int) -> Block | None:
        """One block; further ones are fetched along with it. Raises Unreadable, once, when the peer is lost."""
        if number not in self._ahead:
            wanted = range(number, min(number + AT_ONCE, self.height))
            try:
                self._ahead = dict(zip(wanted, self._network.blocks(self.label, wanted)))
            except Unreachable as error:
                self.height, self.is_lost = number, True
                raise Unreadable(str(error)) from error
        data = self._ahead.pop(number)
        return None if data is None else Block.parse(data)


class Network:
    """The channel's peers by name, asked with one client certificate."""

    def __init__(self, profile: Path, channel: str, chaincode: str) -> None:
        for name in ("hfc", "hfc.fabric.client", "aiogrpc"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._client = Client(net_profile=str(profile))
        self._client.new_channel(channel)
        self._channel, self._chaincode = channel, chaincode
        organisation = self._client.network_info["client"]["organization"]
        self._user = self._client.get_user(organisation, "auditor")
        self.peers = [Peer(self, name) for name in self._client.network_info["peers"]]

    def look(self) -> list[tuple[str, str]]:
        """Waits until every peer has the blocks that the furthest one has now; the peers that have not, each with a
        sentence. One that does not answer is read no further. Raises Unreachable when none does."""
        complaints = list(self._leave_out_the_silent())
        deadline = time.monotonic() + CATCH_UP_SECONDS
        target = max(peer.height for peer in self.peers)
        while any(peer.height < target for peer in self.peers) and time.monotonic() < deadline:
            threading.Event().wait(LOOK_AGAIN_SECONDS)
            for peer in self.peers:
                if peer.height < target:
                    peer.look()
        behind = [(peer.label, f"the peer has {peer.height} blocks, others {target}")
                  for peer in self.peers if peer.height < target]
        return complaints + behind

    def _leave_out_the_silent(self) -> Iterator[tuple[str, str]]:
        for peer in [*self.peers]:
            try:
                peer.look()
            except Unreachable as error:
                self.peers.remove(peer)
                if not self.peers:
                    raise
                yield peer.label, str(error)

    def info(self, name: str) -> ChainInfo:
        """What a peer says of its chain. Raises Unreachable."""
        answer = self._run([self._query_info(name)], name)[0]
        if answer is None:
            raise Unreachable(f"{name} says nothing of its chain")
        chain = newer("ChainInfo", answer)
        first = newer("SnapshotInfo", chain.snapshot).last_block + 1 if chain.snapshot else 0
        return ChainInfo(chain.height, chain.current_hash, first)

    def blocks(self, name: str, numbers: Iterable[int]) -> list[bytes | None]:
        """Raw blocks, None where the peer has none. Raises Unreachable."""
        return self._run([self._query_block(name, number) for number in numbers], name)

    def documents(self, name: str, queries: Iterable[tuple[str, str]]) -> list[bytes | None]:
        """Answers of the peer's own contract to queries (function, arguments), None where it refuses."""
        return self._run([self._query_document(name, *query) for query in queries], name)

    def _run(self, questions: list[Any], name: str) -> list[bytes | None]:
        together = asyncio.wait_for(_gather(questions), ANSWER_SECONDS)
        try:
            return self._loop.run_until_complete(together)
        except asyncio.TimeoutError as error:
            raise Unreachable(f"{name} does not answer within {ANSWER_SECONDS} seconds") from error
        except Unreadable:
            raise
        except Exception as error:
            raise Unreachable(f"{name} does not answer: {_reason(error)}") from error

    async def _query_info(self, name: str) -> bytes | None:
        return await _raw(self._client.query_info(self._user, self._channel, [name], decode=False))

    async def _query_block(self, name: str, number: int) -> bytes | None:
        return await _raw(self._client.query_block(self._user, self._channel, [name], str(number), decode=False))

    async def _query_document(self, name: str, function: str, arguments: str) -> bytes | None:
        question = self._client.chaincode_query(
            requestor=self._user, channel_name=self._channel, peers=[name], cc_name=self._chaincode, fcn=function,
            args=[arguments])
        try:
            return str(await question).encode()
        except Exception as error:
            if _answers(error):
                return None
            raise


async def _gather(questions: list[Any]) -> list[bytes | None]:
    return list(await asyncio.gather(*questions))


async def _raw(question: Any) -> bytes | None:
    """The payload of an answer: hfc gives undecoded answers in an exception."""
    try:
        await question
    except Exception as error:
        answers = _answers(error)
        if not answers:
            raise
        return bytes(answers[0].response.payload) if answers[0].response.status == OK else None
    raise Unreadable("hfc gave no undecoded answer")


def _reason(error: Exception) -> str:
    """One line of an error of gRPC or hfc."""
    details = getattr(error, "details", None)
    lines = str(details() if callable(details) else error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _answers(error: Exception) -> list[Any]:
    answers = error.args[0] if error.args and isinstance(error.args[0], (list, tuple)) else []
    return [answer for answer in answers if isinstance(answer, proposal_response_pb2.ProposalResponse)]
