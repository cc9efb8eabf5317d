"""Read a transaction out of the message in which the peer sends it."""
from __future__ import annotations

from fabric_protos.common.common_pb2 import ChannelHeader, Header, SignatureHeader
from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.peer.chaincode_pb2 import ChaincodeInput
from fabric_protos.peer.chaincode_shim_pb2 import ChaincodeMessage
from fabric_protos.peer.proposal_pb2 import ChaincodeProposalPayload, Proposal

from moyai_shim.creator import Creator
from moyai_shim.transaction import Invocation


def read_invocation(message: ChaincodeMessage) -> Invocation:
    """Arguments and signed proposal of a TRANSACTION; the peer has verified signer, time and transaction id."""
    proposal = Proposal.FromString(message.proposal.proposal_bytes)
    header = Header.FromString(proposal.header)
    channel_header = ChannelHeader.FromString(header.channel_header)
    identity = SerializedIdentity.FromString(SignatureHeader.FromString(header.signature_header).creator)
    return Invocation(
        tx_id=message.txid,
        channel_id=message.channel_id,
        args=tuple(ChaincodeInput.FromString(message.payload).args),
        at=channel_header.timestamp.seconds,
        creator=Creator(identity.mspid, identity.id_bytes),
        transient=dict(ChaincodeProposalPayload.FromString(proposal.payload).TransientMap),
    )
