"""Reads `google.rpc.Status` from a call's trailing metadata.

The three-field message is built at run time in a pool of its own: a dependency for three fields is not worth it, and
the default pool may hold the generated one already.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fabric_protos.gateway import gateway_pb2
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

METADATA_KEY = "grpc-status-details-bin"


@dataclass(frozen=True)
class PeerDetail:
    """What one peer or orderer answered to the gateway."""

    address: str
    msp_id: str
    message: str


def _status_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="moyai/status.proto", package="google.rpc", syntax="proto3")
    file.dependency.append(any_pb2.DESCRIPTOR.name)
    message = file.message_type.add(name="Status")
    field = descriptor_pb2.FieldDescriptorProto
    message.field.add(name="code", number=1, type=field.TYPE_INT32, label=field.LABEL_OPTIONAL)
    message.field.add(name="message", number=2, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    message.field.add(name="details", number=3, type=field.TYPE_MESSAGE, label=field.LABEL_REPEATED,
                      type_name=".google.protobuf.Any")
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(any_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("google.rpc.Status"))


Status = _status_class()


def peer_details(trailing_metadata: tuple[tuple[str, bytes | str], ...] | None) -> tuple[PeerDetail, ...]:
    """The gateway's ErrorDetail entries; details of other kinds or damaged ones say nothing and are left out."""
    found: list[PeerDetail] = []
    for key, value in trailing_metadata or ():
        if key != METADATA_KEY or isinstance(value, str):
            continue
        try:
            entries = Status.FromString(value).details
            for entry in entries:
                if entry.type_url.endswith("/gateway.ErrorDetail"):
                    detail = gateway_pb2.ErrorDetail.FromString(entry.value)
                    found.append(PeerDetail(detail.address, detail.msp_id, detail.message))
        except DecodeError:
            continue
    return tuple(found)
