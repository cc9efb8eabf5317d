"""Three municipalities with authorities of their own, and proofs that their peers would sign, true or forged."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from fabric_protos.common import common_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from moyai_client.blocks import header_hash_input
from moyai_client.identity import Identity
from moyai_client.proof.certificates import to_authority
from moyai_client.proof.files import TRANSACTION, VERSION, Answer, BlockHeader, TransactionProof, to_base64

MSP_IDS = ("HachiojiMSP", "NanaoMSP", "OshimaMSP")
CHANNEL, CHAINCODE = "moyai", "moyai"
NOW = 1_704_790_800
BEGINS, ENDS = datetime(2023, 1, 1, tzinfo=timezone.utc), datetime(2033, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Municipality:
    """An authority and the certificates it gives."""

    msp_id: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def identity(self, unit: str, *, ends: datetime = ENDS) -> Identity:
        """Somebody in a role."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(f"{unit} of {self.msp_id}", unit, key, self.certificate.subject, self.key, ends)
        return Identity(self.msp_id, certificate.public_bytes(Encoding.PEM), key)

    @property
    def pem(self) -> bytes:
        """The authority's own certificate."""
        return self.certificate.public_bytes(Encoding.PEM)


@cache
def municipality(msp_id: str, number: int = 0) -> Municipality:
    """The municipality; another `number` is somebody who only calls himself so."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"ca of {msp_id}")])
    return Municipality(msp_id, _certificate(f"ca of {msp_id}", "", key, name, key, ENDS), key)


@cache
def somebody(msp_id: str, unit: str) -> Identity:
    """A peer, orderer or client of a municipality, always the same."""
    return municipality(msp_id).identity(unit)


def _certificate(common_name: str, unit: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Name,
                 issuer_key: ec.EllipticCurvePrivateKey, ends: datetime) -> x509.Certificate:
    names = [x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)]
    if unit:
        names.insert(0, x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    builder = (x509.CertificateBuilder().subject_name(x509.Name(names)).issuer_name(issuer)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(BEGINS).not_valid_after(ends)
               .add_extension(x509.BasicConstraints(ca=not unit, path_length=None), critical=True))
    return builder.sign(issuer_key, hashes.SHA256())


@dataclass
class Forge:
    """Makes a proof; a test spoils one of its parts before everything that follows is signed as usual."""

    arguments: list[bytes] = field(default_factory=lambda: [b"devices.anchor_batch", b"{}"])
    sender: Identity = field(default_factory=lambda: somebody("NanaoMSP", "client"))
    endorsers: list[Identity] = field(default_factory=lambda: [somebody(msp_id, "peer") for msp_id in MSP_IDS[:2]])
    witnesses: list[Identity] = field(default_factory=lambda: [somebody(msp_id, "peer") for msp_id in MSP_IDS])
    orderer: Identity = field(default_factory=lambda: somebody("OshimaMSP", "orderer"))
    at: int = NOW
    asked_at: int = NOW + 60
    channel: str = CHANNEL
    header_type: int = common_pb2.ENDORSER_TRANSACTION
    chaincode: str = CHAINCODE
    ran: str = CHAINCODE
    transaction_id: str = ""
    actions: int = 1
    action_header: bytes | None = None
    endorsed_hash: bytes | None = None
    question_channel: str = CHANNEL
    question_chaincode: str = "qscc"
    question_arguments: list[bytes] | None = None
    question_extension: bytes = b""
    transient: dict[str, bytes] = field(default_factory=dict)
    answering_chaincode: str = "qscc"
    answer_hash: bytes | None = None
    status: int = 200
    code: int = transaction_pb2.VALID
    told_envelope: bytes | None = None
    number: int = 7
    others_in_block: list[bytes] = field(default_factory=list)
    authorities: list[Municipality] = field(default_factory=lambda: [municipality(msp_id) for msp_id in MSP_IDS])

    def proof(self) -> TransactionProof:
        """The proof file's content."""
        envelope, transaction_id = self._envelope()
        question, question_hash = self._question(transaction_id)
        return TransactionProof(
            format=TRANSACTION, version=VERSION, channel=CHANNEL, transaction_id=transaction_id,
            envelope=to_base64(envelope), block=self._block(envelope), question=to_base64(question),
            answers=tuple(self._answer(peer, envelope, question_hash) for peer in self.witnesses),
            authorities=tuple(to_authority(each.msp_id, each.pem) for each in self.authorities))

    def _envelope(self) -> tuple[bytes, str]:
        nonce = b"n" * 24
        transaction_id = self.transaction_id or hashlib.sha256(nonce + self.sender.creator).hexdigest()
        header = _header(self.sender, nonce, self.header_type, self.channel, transaction_id, self.at, self.chaincode)
        content = _content(CHAINCODE, self.arguments)
        result = proposal_response_pb2.ProposalResponsePayload(
            proposal_hash=self.endorsed_hash or _hash(header, content), extension=proposal_pb2.ChaincodeAction(
                chaincode_id=chaincode_pb2.ChaincodeID(name=self.ran)).SerializeToString()).SerializeToString()
        endorsements = [proposal_response_pb2.Endorsement(endorser=peer.creator, signature=peer.sign(
            result + peer.creator)) for peer in self.endorsers]
        action = transaction_pb2.ChaincodeActionPayload(
            chaincode_proposal_payload=content, action=transaction_pb2.ChaincodeEndorsedAction(
                proposal_response_payload=result, endorsements=endorsements)).SerializeToString()
        signature_header = header.signature_header if self.action_header is None else self.action_header
        transaction = transaction_pb2.Transaction(actions=[
            transaction_pb2.TransactionAction(header=signature_header, payload=action)] * self.actions)
        payload = common_pb2.Payload(header=header, data=transaction.SerializeToString()).SerializeToString()
        return common_pb2.Envelope(payload=payload, signature=self.sender.sign(payload)).SerializeToString(), (
            transaction_id)

    def _question(self, transaction_id: str) -> tuple[bytes, bytes]:
        arguments = self.question_arguments or [b"GetTransactionByID", CHANNEL.encode(), transaction_id.encode()]
        header = _header(self.sender, b"q" * 24, common_pb2.ENDORSER_TRANSACTION, self.question_channel, "0" * 64,
                         self.asked_at, self.question_chaincode)
        content = _content(self.question_chaincode, arguments, self.transient)
        proposal = proposal_pb2.Proposal(header=header.SerializeToString(), payload=content,
                                         extension=self.question_extension)
        return proposal.SerializeToString(deterministic=True), _hash(header, content)

    def _answer(self, peer: Identity, envelope: bytes, question_hash: bytes) -> Answer:
        processed = transaction_pb2.ProcessedTransaction(
            transactionEnvelope=common_pb2.Envelope.FromString(self.told_envelope or envelope),
            validationCode=self.code)
        action = proposal_pb2.ChaincodeAction(
            chaincode_id=chaincode_pb2.ChaincodeID(name=self.answering_chaincode),
            response=proposal_response_pb2.Response(status=self.status, payload=processed.SerializeToString()))
        payload = proposal_response_pb2.ProposalResponsePayload(
            proposal_hash=self.answer_hash or question_hash,
            extension=action.SerializeToString()).SerializeToString()
        return Answer(to_base64(payload), to_base64(peer.creator), to_base64(peer.sign(payload + peer.creator)))

    def _block(self, envelope: bytes) -> BlockHeader:
        data_hash = hashlib.sha256(b"".join([*self.others_in_block, envelope])).digest()
        header = common_pb2.BlockHeader(number=self.number, previous_hash=b"p" * 32, data_hash=data_hash)
        signer = common_pb2.SignatureHeader(creator=self.orderer.creator, nonce=b"o" * 24).SerializeToString()
        signature = self.orderer.sign(b"value" + signer + header_hash_input(header))
        metadata = common_pb2.Metadata(value=b"value", signatures=[
            common_pb2.MetadataSignature(signature_header=signer, signature=signature)])
        return BlockHeader(self.number, header.previous_hash.hex(), data_hash.hex(),
                           to_base64(metadata.SerializeToString()))


def expired() -> datetime:
    """Before the transactions here."""
    return datetime.fromtimestamp(NOW, timezone.utc) - timedelta(seconds=1)


def _header(identity: Identity, nonce: bytes, kind: int, channel: str, transaction_id: str, at: int,
            chaincode: str) -> Any:
    extension = proposal_pb2.ChaincodeHeaderExtension(chaincode_id=chaincode_pb2.ChaincodeID(name=chaincode))
    channel_header = common_pb2.ChannelHeader(
        type=kind, channel_id=channel, tx_id=transaction_id, timestamp=Timestamp(seconds=at),
        extension=extension.SerializeToString())
    signature_header = common_pb2.SignatureHeader(creator=identity.creator, nonce=nonce)
    return common_pb2.Header(channel_header=channel_header.SerializeToString(),
                             signature_header=signature_header.SerializeToString())


def _content(chaincode: str, arguments: list[bytes], transient: dict[str, bytes] | None = None) -> bytes:
    spec = chaincode_pb2.ChaincodeInvocationSpec(chaincode_spec=chaincode_pb2.ChaincodeSpec(
        chaincode_id=chaincode_pb2.ChaincodeID(name=chaincode), input=chaincode_pb2.ChaincodeInput(args=arguments)))
    return proposal_pb2.ChaincodeProposalPayload(
        input=spec.SerializeToString(), TransientMap=transient or {}).SerializeToString(deterministic=True)


def _hash(header: Any, content: bytes) -> bytes:
    return hashlib.sha256(header.channel_header + header.signature_header + content).digest()
