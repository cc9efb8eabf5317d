"""S1, S9: the sheets that are printed before phones die."""
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from moyai_webui.labels.sheets import sheet_pdf
from moyai_webui.presentation.formats import now
from tests.unit.webui.pages import world


def text_of(folder: Path, kind: str, **changes: object) -> str:
    path = folder / "sheet.pdf"
    values = {"place": "山王小学校", "municipality": "七尾市", "items": world.ITEMS, "at": now(),
              "expected": world.reading().all_packages[:2]} | changes
    path.write_bytes(sheet_pdf(kind, **values))  # type: ignore[arg-type]
    return subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(("kind", "words"), [
    ("needs", ("必要物資の用紙", "いつまで", "□緊急", "品目の例", "液体ミルク（缶）")),
    ("receipts", ("受取の用紙", "箱のコード（12文字）", "気づいたこと", "これから届く箱", "PK7Q 49M2 X01C", "液体ミルク 24缶", "八王子市"))])
def test_s09_a_sheet_has_its_place_its_columns_and_what_is_known(tmp_path: Path, kind: str,
                                                                 words: tuple[str, ...]) -> None:
    text = text_of(tmp_path, kind)
    for word in ("七尾市", "山王小学校", *words):
        assert word in text, word
    info = subprocess.run(["pdfinfo", tmp_path / "sheet.pdf"], check=True, capture_output=True, text=True).stdout
    assert "A4" in info and f"Pages:           {1 if kind == 'needs' else 2}" in info


def test_s09_fonts_are_embedded_and_a_drill_says_so(tmp_path: Path) -> None:
    assert "訓練" in text_of(tmp_path, "receipts", drill=True) and "訓練" not in text_of(tmp_path, "receipts")
    fonts = subprocess.run(["pdffonts", tmp_path / "sheet.pdf"], check=True, capture_output=True, text=True).stdout
    assert all("yes yes yes" in line for line in fonts.splitlines()[2:])
