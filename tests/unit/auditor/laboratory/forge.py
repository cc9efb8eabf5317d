"""The golden chain once more under keys of our own: what members who conspire could write.

Every certificate is issued anew by authorities whose keys are known here. A transaction can then be altered and
everything above it signed again, so that no signature and no hash tells of the change; only the rules can.
"""
from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any, Callable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from hfc.protos.common import common_pb2, configtx_pb2
from hfc.protos.ledger.rwset import rwset_pb2
from hfc.protos.ledger.rwset.kvrwset import kv_rwset_pb2
from hfc.protos.msp import identities_pb2, msp_config_pb2
from hfc.protos.peer import (
    chaincode_event_pb2, chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2)
from moyai_auditor.examination.blocks import COMMIT_HASH, SIGNATURES, TRANSACTIONS_FILTER, Block
from moyai_auditor.examination.envelope import CONFIG, open_endorsed, open_envelope
from moyai_auditor.examination.world_state import WorldState

ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551


@dataclass
class Draft:
    """An endorsed transaction that can still be altered: `documents` are its writes by key, None for deletions."""

    block: int
    place: int
    creator: bytes
    at: int
    arguments: list[bytes]
    endorsers: list[bytes]
    event: dict[str, Any] | None
    documents: dict[str, Any]
    reads: dict[str, tuple[int, int] | None]
    flag: int

    @property
    def function(self) -> str:
        """The transaction's name."""
        return self.arguments[0].decode()


class Keys:
    """Certificates issued anew, by the old ones."""

    def __init__(self) -> None:
        self._authorities: dict[x509.Name, tuple[x509.Certificate, ec.EllipticCurvePrivateKey]] = {}
        self._issued: dict[bytes, tuple[bytes, ec.EllipticCurvePrivateKey]] = {}

    def authority(self, pem: bytes) -> bytes:
        """An authority's new certificate."""
        old = x509.load_pem_x509_certificate(pem)
        if old.subject not in self._authorities:
            key = ec.generate_private_key(ec.SECP256R1())
            self._authorities[old.subject] = (_issue(old, key.public_key(), key), key)
        return self._authorities[old.subject][0].public_bytes(Encoding.PEM)

    def identity(self, serialized: bytes) -> bytes:
        """The new identity of an old creator or endorser."""
        identity = identities_pb2.SerializedIdentity.FromString(serialized)
        identity.id_bytes = self._certificate(identity.id_bytes)[0]
        return bytes(identity.SerializeToString())

    def sign(self, serialized: bytes, message: bytes) -> bytes:
        """A signature of the new identity of an old one."""
        key = self._certificate(identities_pb2.SerializedIdentity.FromString(serialized).id_bytes)[1]
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        return encode_dss_signature(r, min(s, ORDER - s))

    def _certificate(self, pem: bytes) -> tuple[bytes, ec.EllipticCurvePrivateKey]:
        if pem not in self._issued:
            old, key = x509.load_pem_x509_certificate(pem), ec.generate_private_key(ec.SECP256R1())
            certificate = _issue(old, key.public_key(), self._authorities[old.issuer][1])
            self._issued[pem] = certificate.public_bytes(Encoding.PEM), key
        return self._issued[pem]


def _issue(old: x509.Certificate, public: ec.EllipticCurvePublicKey,
           signer: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    builder = x509.CertificateBuilder(
        old.issuer, old.subject, public, old.serial_number, old.not_valid_before_utc, old.not_valid_after_utc)
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(signer, hashes.SHA256())


class Forge:
    """Reissues a chain of blocks; `alter` may change each draft before it is signed."""

    def __init__(self, blocks: Sequence[Block], alter: Callable[[Draft], None]) -> None:
        self._blocks = blocks
        self._alter = alter
        self._keys = Keys()
        self._state = WorldState()

    def reissue(self) -> list[Block]:
        """The chain as it would be, had the altered transactions been made, signed and committed."""
        found: list[Block] = []
        for block in self._blocks:
            flags = bytearray(block.flags)
            data = tuple(self._envelope(block, place, flags) for place in range(len(block.data)))
            fresh = replace(block, data=data, data_hash=hashlib.sha256(b"".join(data)).digest(),
                            previous_hash=found[-1].header_hash if found else b"")
            found.append(replace(fresh, metadata=self._metadata(fresh, bytes(flags))))
        return found

    def _envelope(self, block: Block, place: int, flags: bytearray) -> bytes:
        old = open_envelope(block.data[place])
        if old.kind == CONFIG:
            return self._configuration(block.data[place], old.creator)
        fresh, draft = self._transaction(block, place)
        flags[place] = draft.flag
        if draft.flag == 0:
            self._state.write(open_endorsed(open_envelope(fresh)).result.spaces, (block.number, place))
        return fresh

    # Endorsed transactions, from the inside out

    def _transaction(self, block: Block, place: int) -> tuple[bytes, Draft]:
        envelope = common_pb2.Envelope.FromString(block.data[place])
        payload = common_pb2.Payload.FromString(envelope.payload)
        transaction = transaction_pb2.Transaction.FromString(payload.data)
        action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload)
        response = proposal_response_pb2.ProposalResponsePayload.FromString(action.action.proposal_response_payload)
        result = proposal_pb2.ChaincodeAction.FromString(response.extension)
        proposal = proposal_pb2.ChaincodeProposalPayload.FromString(action.chaincode_proposal_payload)
        draft = _draft(block, place, payload, action, result, proposal)
        self._alter(draft)
        header, tx_id = self._header(payload, draft)
        proposal.input = _with_arguments(proposal.input, draft.arguments)
        action.chaincode_proposal_payload = proposal.SerializeToString()
        result.results = _with_sets(result.results, draft)
        result.events = _with_event(result.events, draft, tx_id)
        response.extension = result.SerializeToString()
        response.proposal_hash = hashlib.sha256(
            header.channel_header + header.signature_header + action.chaincode_proposal_payload).digest()
        endorsed = response.SerializeToString()
        action.action.proposal_response_payload = endorsed
        del action.action.endorsements[:]
        for endorser in draft.endorsers:
            identity = self._keys.identity(endorser)
            action.action.endorsements.add(endorser=identity, signature=self._keys.sign(endorser, endorsed + identity))
        transaction.actions[0].header = header.signature_header
        transaction.actions[0].payload = action.SerializeToString()
        content = common_pb2.Payload(header=header, data=transaction.SerializeToString()).SerializeToString()
        signature = self._keys.sign(draft.creator, content)
        return common_pb2.Envelope(payload=content, signature=signature).SerializeToString(), draft

    def _header(self, payload: Any, draft: Draft) -> tuple[Any, str]:
        channel = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
        signer = common_pb2.SignatureHeader.FromString(payload.header.signature_header)
        signer.creator = self._keys.identity(draft.creator)
        channel.tx_id = hashlib.sha256(signer.nonce + signer.creator).hexdigest()
        channel.timestamp.seconds = draft.at
        header = common_pb2.Header(channel_header=channel.SerializeToString(),
                                   signature_header=signer.SerializeToString())
        return header, channel.tx_id

    # Configurations and notes

    def _configuration(self, data: bytes, creator: bytes) -> bytes:
        envelope = common_pb2.Envelope.FromString(data)
        payload = common_pb2.Payload.FromString(envelope.payload)
        content = configtx_pb2.ConfigEnvelope.FromString(payload.data)
        self._reissue_members(content.config.channel_group)
        if content.last_update.payload:
            content.last_update.CopyFrom(self._update(content.last_update))
        payload.data = content.SerializeToString()
        if creator:
            signer = common_pb2.SignatureHeader.FromString(payload.header.signature_header)
            signer.creator = self._keys.identity(creator)
            payload.header.signature_header = signer.SerializeToString()
        signed = payload.SerializeToString()
        signature = self._keys.sign(creator, signed) if creator else b""
        return bytes(common_pb2.Envelope(payload=signed, signature=signature).SerializeToString())

    def _update(self, envelope: Any) -> Any:
        payload = common_pb2.Payload.FromString(envelope.payload)
        update = configtx_pb2.ConfigUpdateEnvelope.FromString(payload.data)
        for entry in update.signatures:
            header = common_pb2.SignatureHeader.FromString(entry.signature_header)
            old, header.creator = header.creator, self._keys.identity(header.creator)
            entry.signature_header = header.SerializeToString()
            entry.signature = self._keys.sign(old, entry.signature_header + update.config_update)
        payload.data = update.SerializeToString()
        return common_pb2.Envelope(payload=payload.SerializeToString(), signature=envelope.signature)

    def _reissue_members(self, group: Any) -> None:
        for part in ("Application", "Orderer"):
            for organisation in group.groups[part].groups.values():
                wrapped = msp_config_pb2.MSPConfig.FromString(organisation.values["MSP"].value)
                config = msp_config_pb2.FabricMSPConfig.FromString(wrapped.config)
                config.root_certs[:] = [self._keys.authority(pem) for pem in config.root_certs]
                wrapped.config = config.SerializeToString()
                organisation.values["MSP"].value = wrapped.SerializeToString()

    def _metadata(self, block: Block, flags: bytes) -> tuple[bytes, ...]:
        notes = list(block.metadata)
        metadata = common_pb2.Metadata.FromString(notes[SIGNATURES])
        for entry in metadata.signatures:
            header = common_pb2.SignatureHeader.FromString(entry.signature_header)
            old, header.creator = header.creator, self._keys.identity(header.creator)
            entry.signature_header = header.SerializeToString()
            entry.signature = self._keys.sign(old, metadata.value + entry.signature_header + block.header)
        notes[SIGNATURES] = metadata.SerializeToString()
        notes[TRANSACTIONS_FILTER] = flags
        if block.number:
            notes[COMMIT_HASH] = common_pb2.Metadata(value=self._state.commit(flags)).SerializeToString()
        return tuple(notes)


def _draft(block: Block, place: int, payload: Any, action: Any, result: Any, proposal: Any) -> Draft:
    channel = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    signer = common_pb2.SignatureHeader.FromString(payload.header.signature_header)
    spec = chaincode_pb2.ChaincodeInvocationSpec.FromString(proposal.input).chaincode_spec
    event = chaincode_event_pb2.ChaincodeEvent.FromString(result.events)
    sets = _public_sets(result.results)
    return Draft(
        block.number, place, signer.creator, channel.timestamp.seconds, list(spec.input.args),
        [one.endorser for one in action.action.endorsements], json.loads(event.payload) if event.payload else None,
        {one.key: None if one.is_delete else json.loads(one.value) for one in sets.writes},
        {one.key: (one.version.block_num, one.version.tx_num) if one.HasField("version") else None
         for one in sets.reads}, block.flags[place])


def _public_sets(results: bytes) -> Any:
    """The chaincode's reads and writes; empty for other chaincodes, whose values are no JSON."""
    for entry in rwset_pb2.TxReadWriteSet.FromString(results).ns_rwset:
        if entry.namespace == "moyai":
            return kv_rwset_pb2.KVRWSet.FromString(entry.rwset)
    return kv_rwset_pb2.KVRWSet()


def _with_arguments(data: bytes, arguments: list[bytes]) -> bytes:
    spec = chaincode_pb2.ChaincodeInvocationSpec.FromString(data)
    spec.chaincode_spec.input.args[:] = arguments
    return bytes(spec.SerializeToString())


def _with_sets(results: bytes, draft: Draft) -> bytes:
    sets = rwset_pb2.TxReadWriteSet.FromString(results)
    for entry in sets.ns_rwset:
        if entry.namespace == "moyai":
            content = kv_rwset_pb2.KVRWSet.FromString(entry.rwset)
            del content.writes[:]
            for key in sorted(draft.documents, key=str.encode):
                value = draft.documents[key]
                content.writes.add(key=key, is_delete=value is None, value=b"" if value is None else canonical(value))
            del content.reads[:]
            for key in sorted(draft.reads, key=str.encode):
                read, version = content.reads.add(key=key), draft.reads[key]
                if version is not None:
                    read.version.block_num, read.version.tx_num = version
                    read.version.SetInParent()
            entry.rwset = content.SerializeToString()
    return bytes(sets.SerializeToString())


def _with_event(data: bytes, draft: Draft, tx_id: str) -> bytes:
    if draft.event is None:
        return data
    event = chaincode_event_pb2.ChaincodeEvent.FromString(data)
    event.tx_id, event.payload = tx_id, canonical(draft.event | {"tx": tx_id})
    return bytes(event.SerializeToString())


def canonical(value: Any) -> bytes:
    """JSON as it stands on the ledger."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
