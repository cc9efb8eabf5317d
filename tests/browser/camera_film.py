"""What a phone's camera sees: printed labels, one after the other, as a film that Chromium takes for its camera."""
from __future__ import annotations

import subprocess
from pathlib import Path

WIDTH, HEIGHT, FRAMES_EACH = 640, 480, 8
DOTS_PER_INCH = 60
HEADER = b"YUV4MPEG2 W%d H%d F8:1 Ip A1:1 C420jpeg\n" % (WIDTH, HEIGHT)


def film_of(labels: bytes, pages: int, folder: Path) -> Path:
    """The pages of a label PDF as a film, a second each, again and again; with the table they lie on around them."""
    pdf, film = folder / "labels.pdf", folder / "labels.y4m"
    pdf.write_bytes(labels)
    colour = bytes([128]) * (WIDTH * HEIGHT // 2)
    with film.open("wb") as out:
        out.write(HEADER)
        for page in range(1, pages + 1):
            picture = _frame(pdf, page, folder)
            for _ in range(FRAMES_EACH):
                out.write(b"FRAME\n" + picture + colour)
    return film


def _frame(pdf: Path, page: int, folder: Path) -> bytes:
    """The upper part of a page in grey, as a phone held over the box sees it."""
    subprocess.run(["pdftoppm", "-gray", "-r", str(DOTS_PER_INCH), "-f", str(page), "-l", str(page), "-singlefile",
                    pdf, folder / "page"], check=True)
    _, size, _, pixels = (folder / "page.pgm").read_bytes().split(b"\n", 3)
    width, height = (int(part) for part in size.split())
    rows = [pixels[row * width:(row + 1) * width] for row in range(100, min(100 + HEIGHT, height))]
    table = bytes([150])
    return b"".join((row[:WIDTH] + table * (WIDTH - len(row[:WIDTH]))) for row in rows) \
        + table * WIDTH * (HEIGHT - len(rows))
