"""The QR reader that the scan page brings along is the one its lock names."""
from __future__ import annotations

import json
import re
from pathlib import Path

import moyai_webui

STATIC = Path(moyai_webui.__file__).parent / "static"
READER = Path(__file__).parents[3] / "webui" / "reader"


def test_the_bundled_reader_is_of_the_version_that_the_lock_names_and_has_its_licence() -> None:
    locked = json.loads((READER / "package-lock.json").read_text("utf-8"))["packages"]["node_modules/jsqr"]
    first_line = (STATIC / "jsqr.js").read_text("utf-8").partition("\n")[0]
    version = re.search(r"jsQR ([0-9.]+), ([A-Za-z0-9.-]+):", first_line)
    assert version is not None and version.groups() == (locked["version"], locked["license"])
    assert locked["integrity"].startswith("sha512-") and "resolved" not in locked
    assert "Apache License" in (STATIC / "jsqr.LICENSE.txt").read_text("utf-8")
