"""A channel for tests: real contracts on the ledger in memory, behind the services of a fake peer, in real blocks."""
from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from typing import Any

from cryptography import x509
from fabric_protos.common import common_pb2, ledger_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.peer import chaincode_event_pb2, events_pb2, proposal_pb2, transaction_pb2
from moyai_contracts.contract import MoyaiContract
from moyai_shim.creator import Creator
from moyai_shim.memory import Endorsed, MemoryLedger

from moyai_client.blocks import header_hash
from tests.unit.client.fake_peer import Failure, FakePeer, arguments_of, endorse_payload, evaluated


class MemoryChannel:
    """One ledger that any number of fake peers serve."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger(MoyaiContract(), now=int(time.time()))
        self.blocks = [_block(0, b"", [_config_envelope()], ["VALID"])]
        self._endorsed: dict[str, Endorsed] = {}
        self._codes: dict[str, tuple[str, int]] = {}
        self._grown = threading.Condition()

    def serve(self, peer: FakePeer) -> None:
        """Lets a peer answer for this channel."""
        peer.scripts |= {
            "Evaluate": lambda request: self._evaluate(request, peer), "Submit": self._submit,
            "Endorse": lambda request: self._endorse(request, peer), "CommitStatus": self._commit_status,
            "Deliver": self._deliver}

    def append(self, envelopes: list[bytes], codes: list[str]) -> None:
        """Adds a block as it is."""
        with self._grown:
            self.blocks.append(_block(len(self.blocks), header_hash(self.blocks[-1].header), envelopes, codes))
            self._grown.notify_all()

    def _evaluate(self, request: Any, peer: FakePeer) -> Any:
        arguments = arguments_of(request)
        if arguments[0] == b"GetChainInfo":
            info = ledger_pb2.BlockchainInfo(height=len(self.blocks))
            return evaluated(info.SerializeToString())(request)
        response = self.ledger.evaluate(_creator(request), arguments)
        if response.is_error:
            raise _refusal("UNKNOWN", peer, response)
        return evaluated(response.payload)(request)

    def _endorse(self, request: Any, peer: FakePeer) -> Any:
        arguments = arguments_of(request)
        endorsed = self.ledger.endorse(_creator(request), arguments, tx_id=request.transaction_id)
        if endorsed.response.is_error:
            raise _refusal("ABORTED", peer, endorsed.response)
        self._endorsed[request.transaction_id] = endorsed
        payload = endorse_payload(request, endorsed.response.payload, results=_results(endorsed),
                                  events=_events(endorsed))
        return gateway_pb2.EndorseResponse(prepared_transaction=common_pb2.Envelope(payload=payload))

    def _submit(self, request: Any) -> Any:
        code = self.ledger.commit([self._endorsed[request.transaction_id]])[0]
        self._codes.setdefault(request.transaction_id, (code, len(self.blocks)))
        self.append([request.prepared_transaction.SerializeToString()], [code])
        return gateway_pb2.SubmitResponse()

    def _commit_status(self, request: Any) -> Any:
        asked = gateway_pb2.CommitStatusRequest.FromString(request.request)
        code, number = self._codes[asked.transaction_id]
        return gateway_pb2.CommitStatusResponse(result=transaction_pb2.TxValidationCode.Value(code),
                                                block_number=number)

    def _deliver(self, envelope: Any) -> Iterator[Any]:
        seek = ab_pb2.SeekInfo.FromString(common_pb2.Payload.FromString(envelope.payload).data)
        number, last = seek.start.specified.number, seek.stop.specified.number
        while number <= last:
            with self._grown:
                if not self._grown.wait_for(lambda: number < len(self.blocks), 10.0):
                    return
                block = self.blocks[number]
            yield events_pb2.DeliverResponse(block=block)
            number += 1
        yield events_pb2.DeliverResponse(status=common_pb2.SUCCESS)


def _creator(request: Any) -> Creator:
    proposal = proposal_pb2.Proposal.FromString(request.proposed_transaction.proposal_bytes)
    header = common_pb2.Header.FromString(proposal.header)
    serialized = common_pb2.SignatureHeader.FromString(header.signature_header).creator
    identity = identities_pb2.SerializedIdentity.FromString(serialized)
    x509.load_pem_x509_certificate(identity.id_bytes)
    return Creator(identity.mspid, identity.id_bytes)


def _refusal(status: str, peer: FakePeer, response: Any) -> Failure:
    message = f"chaincode response {response.status}, {response.message}"
    return Failure(status, "see attached details", ((peer.msp_id, message),))


def _results(endorsed: Endorsed) -> bytes:
    writes = [kv_rwset_pb2.KVWrite(key=key, is_delete=value is None, value=value or b"")
              for key, value in endorsed.writes.items()]
    own = rwset_pb2.NsReadWriteSet(
        namespace="moyai", rwset=kv_rwset_pb2.KVRWSet(writes=writes).SerializeToString(),
        collection_hashed_rwset=[rwset_pb2.CollectionHashedReadWriteSet(collection_name="secret")])
    lifecycle = kv_rwset_pb2.KVRWSet(writes=[kv_rwset_pb2.KVWrite(key="other", value=b"namespace")])
    foreign = rwset_pb2.NsReadWriteSet(namespace="_lifecycle", rwset=lifecycle.SerializeToString())
    return rwset_pb2.TxReadWriteSet(ns_rwset=[foreign, own]).SerializeToString()


def _events(endorsed: Endorsed) -> bytes:
    if endorsed.event is None:
        return b""
    event = chaincode_event_pb2.ChaincodeEvent(
        chaincode_id="moyai", tx_id=endorsed.tx_id, event_name=endorsed.event.name, payload=endorsed.event.payload)
    return event.SerializeToString()


def _config_envelope() -> bytes:
    header = common_pb2.ChannelHeader(type=common_pb2.CONFIG, channel_id="moyai").SerializeToString()
    payload = common_pb2.Payload(header=common_pb2.Header(channel_header=header))
    return common_pb2.Envelope(payload=payload.SerializeToString()).SerializeToString()


def _block(number: int, previous_hash: bytes, envelopes: list[bytes], codes: list[str]) -> common_pb2.Block:
    header = common_pb2.BlockHeader(number=number, previous_hash=previous_hash,
                                    data_hash=hashlib.sha256(b"".join(envelopes)).digest())
    flags = bytes(transaction_pb2.TxValidationCode.Value(code) for code in codes)
    return common_pb2.Block(header=header, data=common_pb2.BlockData(data=envelopes),
                            metadata=common_pb2.BlockMetadata(metadata=[b"", b"", flags]))
