"""Which endorsement policy a chaincode has, from the definitions that members committed into the state."""
from __future__ import annotations

from hfc.protos.peer import policy_pb2

from moyai_auditor.examination.blocks import Unreadable
from moyai_auditor.examination.channel_configuration import Configuration
from moyai_auditor.examination.newer_messages import newer
from moyai_auditor.examination.world_state import IMPLICIT, WorldState

LIFECYCLE = "_lifecycle"
_OWN_POLICY = "/Channel/Application/LifecycleEndorsement"


def endorsement_policy(namespace: str, collection: str, state: WorldState, configuration: Configuration) -> bytes:
    """The ApplicationPolicy that a write into a namespace or collection needs; empty where there is none.

    Raises Unreadable.
    """
    if collection.startswith(IMPLICIT):
        group = configuration.application_group(collection.removeprefix(IMPLICIT))
        return _reference(f"/Channel/Application/{group}/Endorsement") if group else b""
    if namespace == LIFECYCLE:
        return _reference(_OWN_POLICY)
    policy = newer("ValidationInfo", _field(namespace, "ValidationInfo", state)).parameter
    return (_collection_policy(namespace, collection, state) or policy) if collection else policy


def _collection_policy(namespace: str, collection: str, state: WorldState) -> bytes:
    for data in newer("Collections", _field(namespace, "Collections", state)).config:
        named = newer("CollectionEndorsement", newer("Collection", data).static)
        if named.name == collection:
            return bytes(named.endorsement_policy)
    raise Unreadable(f"{namespace} has no collection {collection}")


def _field(namespace: str, name: str, state: WorldState) -> bytes:
    data = state.value(LIFECYCLE, f"namespaces/fields/{namespace}/{name}")
    return b"" if data is None else bytes(newer("StateData", data).content)


def _reference(path: str) -> bytes:
    return policy_pb2.ApplicationPolicy(channel_config_policy_reference=path).SerializeToString()
