"""S9: the label as a printer and a phone see it."""
from __future__ import annotations

import dataclasses
import re
import subprocess
from pathlib import Path

import pytest

from moyai_webui.labels.label import PAPERS, label_pdf
from moyai_webui.labels.tracking_code import AddressTooLong, modules, tracking_address
from moyai_webui.rows import Package
from tests.unit.webui.pages import world

HOST = "https://moyai.city.nanao.example:18443"


def box(**changes: object) -> Package:
    return dataclasses.replace(world.reading().all_packages[1], **changes)


def run(*command: str | Path) -> str:
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def rendered(folder: Path, *boxes: Package, url: str = HOST) -> Path:
    path = folder / "label.pdf"
    path.write_bytes(label_pdf(list(boxes), url, "七尾市"))
    return path


def test_s09_zbar_reads_the_tracking_address_off_the_page_at_150_dpi(tmp_path: Path) -> None:
    pdf = rendered(tmp_path, box())
    run("pdftoppm", "-r", "150", "-png", pdf, tmp_path / "page")
    found = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", tmp_path / "page-1.png").split()
    # once on the label, once on the sender's stub
    assert found == [f"HTTPS://MOYAI.CITY.NANAO.EXAMPLE:18443/T/{world.package_id(2)}-01"] * 2


def cells(paper: str, first: int, boxes: int) -> list[list[tuple[float, float, float, float]]]:
    """Where a phone is held over the sheet, page by page: left, top, width, height in millimetres."""
    if paper == "a4":
        return [[(0, 0, 210, 297)]] * boxes
    left, top, width, height = {"sheet12": (18.6, 21.6, 86.4, 42.3), "sheet24": (6, 12.9, 66, 33.9)}[paper]
    columns, count = PAPERS[paper].columns, PAPERS[paper].cells
    places = [(left + width * (at % columns), top + height * (at // columns), width, height) for at in range(count)]
    used = range(first - 1, first - 1 + boxes)
    return [[places[at % count] for at in used if at // count == page] for page in range(used[-1] // count + 1)]


def seen(folder: Path, pdf: Path, page: int, cell: tuple[float, float, float, float]) -> list[str]:
    """The codes in this part of a page, at 200 dpi."""
    left, top, width, height = (str(round(millimetres / 25.4 * 200)) for millimetres in cell)
    run("pdftoppm", "-r", "200", "-gray", "-png", "-singlefile", "-f", str(page), "-l", str(page), "-x", left,
        "-y", top, "-W", width, "-H", height, pdf, folder / "cell")
    return run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", folder / "cell.png").split()


@pytest.mark.parametrize(("paper", "first", "pages"), [
    ("a4", 1, 15), ("sheet12", 1, 2), ("sheet12", 12, 3), ("sheet24", 3, 1)])
def test_s09_every_code_of_every_paper_is_read_off_the_page(tmp_path: Path, paper: str, first: int, pages: int) -> None:
    boxes = [box(package_id=world.package_id(number), number=number, boxes=15) for number in range(1, 16)]
    path = tmp_path / "labels.pdf"
    path.write_bytes(label_pdf(boxes, HOST, "七尾市", paper=paper, first=first))
    assert int(re.search(r"Pages:\s+([0-9]+)", run("pdfinfo", path)).group(1)) == pages
    found = [address for number, of_page in enumerate(cells(paper, first, len(boxes)), 1) for cell in of_page
             for address in seen(tmp_path, path, number, cell)]
    assert found == [f"HTTPS://MOYAI.CITY.NANAO.EXAMPLE:18443/T/{package.package_id}-01" for package in boxes
                     for _ in range(2 if paper == "a4" else 1)]
    text = run("pdftotext", path, "-")
    for words in ("山王小学校", "液体ミルク", "24", "缶", "2027年9月30日", "PK7Q 49M2"):
        assert text.count(words) >= 15, words
    assert all("yes yes yes" in line for line in run("pdffonts", path).splitlines()[2:])


def test_s09_a_box_with_several_kinds_of_goods_lists_them(tmp_path: Path) -> None:
    package = box()
    other = dataclasses.replace(package.lines[0], item=world.ITEMS[1], quantity=30)
    two = dataclasses.replace(package, lines=(*package.lines, other))
    text = run("pdftotext", "-layout", rendered(tmp_path, two), "-")
    assert "液体ミルク" in text and "毛布" in text and "30 枚" in text
    many = dataclasses.replace(package, lines=tuple(
        dataclasses.replace(other, item=item) for item in world.ITEMS[:7]))
    assert "ほか2品目" in run("pdftotext", "-layout", rendered(tmp_path, many), "-")


def test_s09_a_drill_s_label_says_so(tmp_path: Path) -> None:
    for paper in ("a4", "sheet24"):
        path = tmp_path / f"{paper}.pdf"
        path.write_bytes(label_pdf([box()], HOST, "七尾市", paper=paper, drill=True))
        assert "訓練" in run("pdftotext", path, "-")
    assert "訓練" not in run("pdftotext", rendered(tmp_path, box()), "-")


def test_s09_every_font_is_embedded_and_japanese_is_noto(tmp_path: Path) -> None:
    lines = run("pdffonts", rendered(tmp_path, box())).splitlines()[2:]
    assert lines and all(re.search(r"\byes yes yes\b", line) for line in lines)
    assert all("Noto" in line for line in lines)


def test_s09_one_a4_page_a_box(tmp_path: Path) -> None:
    info = run("pdfinfo", rendered(tmp_path, box(), box(number=1), box(label_serial=12)))
    assert re.search(r"Pages:\s+3", info) and "A4" in info


@pytest.mark.parametrize(("name", "item", "quantity"), [
    ("山王小学校", "液体ミルク", 24), ("のと里山里海ミュージアム・能登歴史公園総合管理棟（避難所）", "トイレットペーパー（シングル・業務用）", 10_000_000),
    ("長" * 100, "長" * 40, 1)])
def test_s09_long_names_and_large_numbers_stay_on_the_page(tmp_path: Path, name: str, item: str, quantity: int) -> None:
    package = box()
    named = dataclasses.replace(package.lines[0].item, name=item)
    line = dataclasses.replace(package.lines[0], quantity=quantity, item=named)
    package = dataclasses.replace(package, place=dataclasses.replace(package.place, name=name), lines=(line,))
    pdf = rendered(tmp_path, package)
    assert re.search(r"Pages:\s+1\b", run("pdfinfo", pdf))
    run("pdftoppm", "-r", "150", "-png", pdf, tmp_path / "page")
    found = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", tmp_path / "page-1.png").split()
    assert len(found) == 2
    text = run("pdftotext", "-layout", pdf, "-")
    assert "下は送る方の控えです" in text and "「発送しました」を押します" in text


def test_s09_the_label_says_what_a_receiver_needs_in_three_languages(tmp_path: Path) -> None:
    text = run("pdftotext", "-layout", rendered(tmp_path, box()), "-")
    for words in ("届け先", "山王小学校", "石川県七尾市山王町ツ３４", "液体ミルク", "24", "缶", "2027年9月30日", "2 / 2", "八王子市",
                  "PK7Q 49M2 X02P", "12文字のコード", "やさしい日本語", "Scan the square code", "送る方の控え"):
        assert words in text, words


@pytest.mark.parametrize("url", ["http://127.0.0.1:18083", "https://moyai.city.nanao.lg.jp", HOST + "/"])
def test_s09_the_code_is_upper_case_and_at_most_version_four(url: str) -> None:
    address = tracking_address(url, world.package_id(1), 7)
    assert address == address.upper() and address.endswith(f"/T/{world.package_id(1)}-07") and "//T" not in address
    assert len(modules(address)) <= 33  # version 4


def test_s09_an_address_that_fits_no_small_code_is_refused() -> None:
    with pytest.raises(AddressTooLong):
        modules(tracking_address("https://" + "a" * 100 + ".example", world.package_id(1), 1))
    with pytest.raises(AddressTooLong):
        modules(tracking_address("https://example/?q=1", world.package_id(1), 1))


def test_s09_the_page_gives_the_pdf_to_sender_and_receiver(tmp_path: Path) -> None:
    app, _ = world.application(tmp_path)
    client = app.test_client()
    assert client.get(f"/relief/packages/{world.package_id(2)}/label.pdf").status_code == 303  # sign in first
