"""What orderers leave behind a block: their signature and the number of the last configuration block."""
from __future__ import annotations

from typing import Iterator

from hfc.protos.common import common_pb2

from moyai_auditor.examination.blocks import LAST_CONFIG, ORDERER, SIGNATURES, Block, Unreadable
from moyai_auditor.examination.channel_configuration import Configuration
from moyai_auditor.examination.membership import BadSignature, Identity, NotAMember
from moyai_auditor.examination.newer_messages import decode_strictly, newer_strictly

BLOCK_VALIDATION = "/Channel/Orderer/BlockValidation"
NOTES = 5

Complaint = "tuple[str, str]"
"""A check and a sentence."""


def complaints(block: Block, configuration: Configuration, last_config: int) -> Iterator[tuple[str, str]]:
    """What is wrong with a block's signature and notes (check, sentence).

    `configuration` is the one the block was made under, `last_config` the number of the last block with a
    configuration, this one included. Every byte of these notes is either signed or fixed by what is checked here.
    """
    if len(block.metadata) > NOTES or block.note(ORDERER):
        yield "metadata", "it has notes that mean nothing"
    try:
        metadata = decode_strictly(common_pb2.Metadata, block.note(SIGNATURES))
        value = newer_strictly("OrdererBlockMetadata", metadata.value)
        index = value.last_config.index
    except Unreadable as error:
        yield "orderer_signature", f"its signatures cannot be read: {error}"
        return
    if index != last_config:
        yield "last_config", f"it names block {index} as the last configuration, which is block {last_config}"
    if block.note(LAST_CONFIG) != _last_config(last_config):
        yield "metadata", "its unsigned note of the last configuration is not what the signed one says"
    if block.number == 0:
        if metadata.signatures or value.consenter_metadata:
            yield "metadata", "the first block has notes that it cannot have"
        return
    yield from _signatures(block, metadata, configuration)


def _last_config(index: int) -> bytes:
    note = common_pb2.Metadata(value=common_pb2.LastConfig(index=index).SerializeToString())
    return bytes(note.SerializeToString())


def _signatures(block: Block, metadata: common_pb2.Metadata, configuration: Configuration) -> Iterator[tuple[str, str]]:
    signers: list[Identity] = []
    for entry in metadata.signatures:
        try:
            header = decode_strictly(common_pb2.SignatureHeader, entry.signature_header)
            signer = configuration.members.identity(header.creator)
            signer.verify(entry.signature, metadata.value + entry.signature_header + block.header)
        except (Unreadable, NotAMember, BadSignature) as error:
            yield "orderer_signature", f"it is signed by nobody of the channel: {error}"
            continue
        if signer.role != "orderer":
            yield "orderer_signature", f"it is signed by a {signer.role or 'certificate'} of {signer.msp_id}"
        signers.append(signer)
    if not metadata.signatures:
        yield "orderer_signature", "no orderer signed it"
    elif signers and not configuration.policies.satisfied(BLOCK_VALIDATION, signers):
        yield "orderer_signature", "those who signed it do not satisfy the channel's policy for blocks"
