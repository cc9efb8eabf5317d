"""Files that are never seen half-written, and secrets that only their owner can read."""
from __future__ import annotations

import os
import tempfile
from pathlib import Path

PRIVATE, PUBLIC = 0o600, 0o644


def write(path: Path, content: str | bytes, mode: int = PUBLIC) -> bool:
    """Puts `content` at `path` in one step, with `mode`; True where that changed anything."""
    data = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == data:
        path.chmod(mode)
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    return True


def private_folder(path: Path) -> Path:
    """A folder only its owner can enter."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    return path
