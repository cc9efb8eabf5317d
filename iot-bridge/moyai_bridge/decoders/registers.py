"""Our own JSON message; its shape is `registers.schema.json`, beside this file, for those who build devices."""
from __future__ import annotations

import json
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jsonschema

from moyai_bridge.decoders.message import Message, Undecodable

LARGEST_PAYLOAD = 4096


@lru_cache(maxsize=1)
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(files(__package__).joinpath("registers.schema.json").read_text()))


def decode(device_id: str, payload: bytes, received_at: int) -> Message:
    """Raises Undecodable with the first thing that is wrong."""
    if len(payload) > LARGEST_PAYLOAD:
        raise Undecodable(f"{len(payload)} bytes; at most {LARGEST_PAYLOAD} are read")
    try:
        body: Any = json.loads(payload)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Undecodable(f"not JSON: {error}") from error
    problem = jsonschema.exceptions.best_match(_validator().iter_errors(body))
    if problem is not None:
        raise Undecodable(f"{problem.json_path}: {problem.message[:200]}")
    # JSON Schema calls 1.0 an integer.
    numbers = [body["seq"], body["at"], *body["registers"].values(), *body["coefficient"].values()]
    if any(type(number) is not int for number in numbers):
        raise Undecodable("numbers are written without a decimal point")
    coefficient = body["coefficient"]
    return Message(device_id, body["seq"], body["at"], body["registers"],
                   Fraction(coefficient["n"], coefficient["d"]))
