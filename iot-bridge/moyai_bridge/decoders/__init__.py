"""Decoders: from the bytes of one message to what a meter said. Pure; one file a kind of message."""
from __future__ import annotations

from moyai_bridge.decoders import echonet_lite, registers
from moyai_bridge.decoders.message import Message, Undecodable

DECODERS = {"registers": registers.decode, "echonet": echonet_lite.decode}
"""Last level of the topic → decoder(device id, payload, received at)."""

__all__ = ["DECODERS", "Message", "Undecodable"]
