"""A QR code on a page: an SVG drawing in the page itself, black on white in every look."""
from __future__ import annotations

import re

import qrcode
from markupsafe import Markup, escape
from qrcode import constants

QUIET_ZONE = 4  # modules


def qr(text: str, label: str) -> Markup:
    """The code of a text; `label` is what it is for those who do not see it."""
    code = qrcode.QRCode(error_correction=constants.ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    side = len(matrix) + 2 * QUIET_ZONE
    runs = []
    for y, row in enumerate(matrix):
        for match in re.finditer("1+", "".join("1" if dark else "0" for dark in row)):
            width = match.end() - match.start()
            runs.append(f"M{match.start() + QUIET_ZONE} {y + QUIET_ZONE}h{width}v1h-{width}z")
    return Markup(f'<svg class="code-svg" viewBox="0 0 {side} {side}" role="img" aria-label="{escape(label)}" '
                  f'shape-rendering="crispEdges"><path d="{"".join(runs)}"/></svg>')
