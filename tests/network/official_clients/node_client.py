"""Hyperledger's own Node client, installed once into a cache outside the clone."""
from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MANIFESTS = ("package.json", "package-lock.json")


class NodeClient:
    """Runs gateway.cjs with the packages of package-lock.json."""

    def __init__(self) -> None:
        self._modules = _installed() / "node_modules"

    def evaluate(self, profile: Path, function: str, *arguments: str) -> dict[str, Any]:
        """{"result"} or {"error", "details"}."""
        return self._run("evaluate", profile, function, *arguments)

    def submit(self, profile: Path, function: str, *arguments: str) -> dict[str, Any]:
        """{"result", "transaction", "block", "valid"} or {"error", "details"}."""
        return self._run("submit", profile, function, *arguments)

    def _run(self, verb: str, profile: Path, *arguments: str) -> dict[str, Any]:
        done = subprocess.run(["node", FOLDER / "gateway.cjs", verb, profile, *arguments], capture_output=True,
                              text=True, timeout=60, env={**os.environ, "NODE_PATH": str(self._modules)}, check=True)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


def _installed() -> Path:
    """The cache folder of exactly these packages, filled whole or not at all."""
    key = hashlib.sha256(b"".join((FOLDER / name).read_bytes() for name in MANIFESTS)).hexdigest()[:16]
    folder = Path.home() / ".cache" / "moyai" / f"node-{key}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f"node-{key}-", dir=folder.parent))
        try:
            for name in MANIFESTS:
                shutil.copy(FOLDER / name, draft)
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=draft, timeout=300, check=True,
                           capture_output=True)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder
