"""The QR code of a label: an upper-case tracking address in alphanumeric mode, so that it stays small and robust."""
from __future__ import annotations

import re

import qrcode
from qrcode import constants
from qrcode.exceptions import DataOverflowError
from qrcode.util import MODE_ALPHA_NUM, QRData

from moyai_contracts.api.identifiers import label_code

LARGEST_VERSION = 4
QUIET_ZONE = 4  # modules
LEVELS = (constants.ERROR_CORRECT_H, constants.ERROR_CORRECT_Q, constants.ERROR_CORRECT_M, constants.ERROR_CORRECT_L)


class AddressTooLong(ValueError):
    """The tracking address does not fit a version-4 code or cannot be written in its alphabet."""


def tracking_address(base_url: str, package_id: str, serial: int) -> str:
    """`HTTPS://HOST/T/P7K2M9QX4TRD-01`: any phone's camera opens the box's page with it."""
    return f"{base_url.rstrip('/')}/T/{label_code(package_id, serial)}".upper()


def modules(address: str) -> list[list[bool]]:
    """The code's dark modules without the quiet zone, with as much error correction as version 4 leaves room for.

    Raises AddressTooLong.
    """
    if not re.fullmatch(r"[0-9A-Z $%*+\-./:]+", address):
        raise AddressTooLong(f"{address} has characters outside a QR code's alphanumeric mode")
    data = QRData(address.encode("ascii"), mode=MODE_ALPHA_NUM)
    for level in LEVELS:
        code = qrcode.QRCode(error_correction=level, border=0)
        code.add_data(data)
        try:
            code.make(fit=True)
        except DataOverflowError:
            continue
        if code.version <= LARGEST_VERSION:
            return code.get_matrix()
    raise AddressTooLong(f"{address} is too long for a version-{LARGEST_VERSION} QR code")


def svg(address: str, label: str) -> str:
    """The code as an SVG drawing with its quiet zone; rows of dark modules are drawn as one run."""
    matrix = modules(address)
    side = len(matrix) + 2 * QUIET_ZONE
    runs = []
    for y, row in enumerate(matrix):
        for match in re.finditer("1+", "".join("1" if dark else "0" for dark in row)):
            width = match.end() - match.start()
            runs.append(f"M{match.start() + QUIET_ZONE} {y + QUIET_ZONE}h{width}v1h-{width}z")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" aria-label="{label}" '
            f'shape-rendering="crispEdges"><path d="{"".join(runs)}"/></svg>')
