"""Runtime for Fabric chaincode in Python, run as a service beside each peer."""
from __future__ import annotations

from moyai_shim.creator import Creator
from moyai_shim.response import Response, error, success
from moyai_shim.stub import Contract, KeyModification, Page, Stub

__all__ = ["Contract", "Creator", "KeyModification", "Page", "Response", "Stub", "error", "success"]
