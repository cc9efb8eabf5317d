"""Our own JSON message; its shape is `registers.schema.json`, beside this file, for those who build devices."""
from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from typing import Any

import fastjsonschema
from moyai_contracts.api import canonical

from moyai_bridge.decoders.message import Message, Undecodable

LARGEST_PAYLOAD = 4096


def decode(device_id: str, payload: bytes, received_at: int) -> Message:
    """Raises Undecodable with the first thing that is wrong."""
    if len(payload) > LARGEST_PAYLOAD:
        raise Undecodable(f"{len(payload)} bytes; at most {LARGEST_PAYLOAD} are read")
    try:
        body = canonical.decode(payload)  # no decimal points, no member twice
        _validator()(body)
    except (canonical.NotCanonical, fastjsonschema.JsonSchemaValueException) as error:
        raise Undecodable(str(error)[:200]) from error
    coefficient = body["coefficient"]
    return Message(device_id, body["seq"], body["at"], body["registers"], body["unit"],
                   Fraction(coefficient["n"], coefficient["d"]))


@lru_cache(maxsize=1)
def _validator() -> Callable[[Any], Any]:
    """Compiled: a bridge checks thousands of messages a second."""
    schema = json.loads(files(__package__).joinpath("registers.schema.json").read_text("utf-8"))
    compiled: Callable[[Any], Any] = fastjsonschema.compile(schema, formats={}, use_default=False)
    return compiled
