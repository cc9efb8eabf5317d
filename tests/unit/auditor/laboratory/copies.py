"""What somebody without any key can write into a copy of a peer's block file."""
from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Iterator

from cryptography import x509
from hfc.protos.common import common_pb2
from hfc.protos.msp import identities_pb2
from hfc.protos.peer import transaction_pb2
from moyai_auditor.examination.blocks import TRANSACTIONS_FILTER, Block
from moyai_auditor.examination.envelope import ENDORSER_TRANSACTION, open_endorsed, open_envelope

from chain_file import rehashed

Copy = Callable[[Any], Any]


def transactions(blocks: list[Block]) -> Iterator[tuple[int, int, str]]:
    """Block, place and function of every endorsed transaction."""
    for block in blocks:
        for place, data in enumerate(block.data):
            envelope = open_envelope(data)
            if envelope.kind == ENDORSER_TRANSACTION:
                yield block.number, place, open_endorsed(envelope).result.arguments[0].decode()


def first(blocks: list[Block], function: str) -> tuple[int, int]:
    """Block and place of the first transaction of a function."""
    return next((number, place) for number, place, name in transactions(blocks) if name == function)


def creator_of(blocks: list[Block], msp_id: str, service: str) -> bytes:
    """A creator that some transaction of a municipality's service has."""
    for block in blocks:
        for data in block.data:
            creator = open_envelope(data).creator
            if msp_id.encode() in creator[:40] and _has_service(creator, service):
                return creator
    raise AssertionError(f"{msp_id} has no {service} on the chain")


def _has_service(creator: bytes, service: str) -> bool:
    pem = identities_pb2.SerializedIdentity.FromString(creator).id_bytes
    return f"CN={service}-" in x509.load_pem_x509_certificate(pem).subject.rfc4514_string()


def with_envelope(blocks: list[Block], number: int, place: int, change: Callable[[Any, Any], None]) -> list[Block]:
    """The blocks with one envelope changed: `change` gets its payload and its envelope."""
    block = blocks[number]
    envelope = common_pb2.Envelope.FromString(block.data[place])
    payload = common_pb2.Payload.FromString(envelope.payload)
    change(payload, envelope)
    envelope.payload = payload.SerializeToString()
    data = [*block.data]
    data[place] = envelope.SerializeToString()
    return [*blocks[:number], replace(block, data=tuple(data)), *blocks[number + 1:]]


def forged_timestamp(blocks: list[Block]) -> list[Block]:
    """A need claims to be registered an hour later than it was."""
    def change(payload: Any, envelope: Any) -> None:
        header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
        header.timestamp.seconds += 3600
        payload.header.channel_header = header.SerializeToString()
    return with_envelope(blocks, *first(blocks, "relief.register_need"), change)


def wrong_receiver(blocks: list[Block]) -> list[Block]:
    """A box for 七尾市 is received by 大島町."""
    def change(payload: Any, envelope: Any) -> None:
        header = common_pb2.SignatureHeader.FromString(payload.header.signature_header)
        header.creator = creator_of(blocks, "OshimaMSP", "webui")
        payload.header.signature_header = header.SerializeToString()
    return with_envelope(blocks, *first(blocks, "relief.receive_package"), change)


def foreign_endorsement(blocks: list[Block], *, with_result: bool = False) -> list[Block]:
    """A request bears the endorsements of an offer, on demand with the result that they endorse."""
    number, place = first(blocks, "relief.register_offer")
    other = _action(common_pb2.Payload.FromString(common_pb2.Envelope.FromString(blocks[number].data[place]).payload))

    def change(payload: Any, envelope: Any) -> None:
        transaction = transaction_pb2.Transaction.FromString(payload.data)
        action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload)
        del action.action.endorsements[:]
        action.action.endorsements.extend(other.action.endorsements)
        if with_result:
            action.action.proposal_response_payload = other.action.proposal_response_payload
        transaction.actions[0].payload = action.SerializeToString()
        payload.data = transaction.SerializeToString()
    return with_envelope(blocks, *first(blocks, "relief.request_dispatch"), change)


def _action(payload: Any) -> Any:
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    return transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload)


def with_flag(blocks: list[Block], former: int, flag: int) -> list[Block]:
    """The first transaction with one verdict, behind the beginning, gets another."""
    number, place = next((block.number, place) for block in blocks[30:] for place, code in enumerate(block.flags)
                         if code == former)
    notes = list(blocks[number].metadata)
    flags = bytearray(notes[TRANSACTIONS_FILTER])
    flags[place] = flag
    notes[TRANSACTIONS_FILTER] = bytes(flags)
    return [*blocks[:number], replace(blocks[number], metadata=tuple(notes)), *blocks[number + 1:]]


MISSING = 50
COPIES: dict[str, Copy] = {
    "untouched": lambda blocks: blocks,
    "rehashed and untouched": rehashed,
    "missing block": lambda blocks: [block for block in blocks if block.number != MISSING],
    "forged timestamp": forged_timestamp,
    "forged timestamp, rehashed": lambda blocks: rehashed(forged_timestamp(blocks)),
    "wrong receiver": wrong_receiver,
    "wrong receiver, rehashed": lambda blocks: rehashed(wrong_receiver(blocks)),
    "foreign endorsement": foreign_endorsement,
    "foreign endorsement, rehashed": lambda blocks: rehashed(foreign_endorsement(blocks)),
    "foreign result, rehashed": lambda blocks: rehashed(foreign_endorsement(blocks, with_result=True)),
    "loser made valid": lambda blocks: with_flag(blocks, 11, 0),
    "lonely made valid": lambda blocks: with_flag(blocks, 10, 0),
    "valid made a loser": lambda blocks: with_flag(blocks, 0, 11),
}
