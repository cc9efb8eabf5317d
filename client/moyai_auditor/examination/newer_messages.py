"""Messages of today's Fabric that hfc's protos, which are older, do not know; built at run time.

Most fields that are messages themselves are taken as bytes, for they look the same on the wire.
"""
from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from moyai_auditor.examination.blocks import Unreadable

_TYPES = {"bytes": 12, "string": 9, "bool": 8, "int64": 3, "uint64": 4}
_MESSAGE = 11
_ONE, _MANY = 1, 3
PACKAGE = "moyai_auditor"

_SHAPES = {
    "LastConfig": {"index": (1, "uint64")},
    "OrdererBlockMetadata": {"last_config": (1, "LastConfig"), "consenter_metadata": (2, "bytes")},
    # msp.FabricNodeOUs
    "NodeOUs": {"enable": (1, "bool"), "client": (2, "bytes"), "peer": (3, "bytes"), "admin": (4, "bytes"),
                "orderer": (5, "bytes")},
    # kvrwset.KVRWSet, HashedRWSet and their metadata writes; KVMetadataWrite's key is text, the hashed one's bytes
    "PublicMetadataWrites": {"metadata_writes": (4, "bytes*")},
    "HashedMetadataWrites": {"metadata_writes": (3, "bytes*")},
    "MetadataWrite": {"key": (1, "bytes"), "entries": (2, "bytes*")},
    "MetadataEntry": {"name": (1, "string"), "value": (2, "bytes")},
    # lifecycle.StateData, ChaincodeValidationInfo
    "StateData": {"number": (1, "int64"), "content": (2, "bytes"), "text": (3, "string")},
    "ValidationInfo": {"plugin": (1, "string"), "parameter": (2, "bytes")},
    # common.StaticCollectionConfig
    "CollectionEndorsement": {"name": (1, "string"), "endorsement_policy": (8, "bytes")},
    "Collection": {"static": (1, "bytes")},
    "Collections": {"config": (1, "bytes*")},
    # common.BlockchainInfo
    "ChainInfo": {"height": (1, "uint64"), "current_hash": (2, "bytes"), "snapshot": (4, "bytes")},
    "SnapshotInfo": {"last_block": (1, "uint64")},
}


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name=f"{PACKAGE}.proto", package=PACKAGE, syntax="proto3")
    for name, fields in _SHAPES.items():
        message = file.message_type.add(name=name)
        for member, (number, kind) in fields.items():
            message.field.add(name=member, number=number, type=_TYPES.get(kind.rstrip("*"), _MESSAGE),
                              type_name=f".{PACKAGE}.{kind}" if kind in _SHAPES else None,
                              label=_MANY if kind.endswith("*") else _ONE)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return {name: factory.GetPrototype(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in _SHAPES}


_CLASSES = _classes()


def newer(name: str, data: bytes) -> Any:
    """A message by its name here, decoded; what it does not know is ignored. Raises Unreadable."""
    return decode(_CLASSES[name], data)


def decode(cls: Any, data: bytes) -> Any:
    """A message decoded. Raises Unreadable."""
    try:
        return cls.FromString(data)
    except (DecodeError, ValueError, RuntimeError, TypeError) as error:
        raise Unreadable(f"no {cls.DESCRIPTOR.name}: {error}") from error


def decode_strictly(cls: Any, data: bytes) -> Any:
    """A message whose bytes are exactly those that its known fields make. Raises Unreadable."""
    message = decode(cls, data)
    message.DiscardUnknownFields()
    if message.SerializeToString() != data:
        raise Unreadable(f"the {cls.DESCRIPTOR.name} has bytes that mean nothing")
    return message


def newer_strictly(name: str, data: bytes) -> Any:
    """Like `decode_strictly`, for a message of this module."""
    return decode_strictly(_CLASSES[name], data)
