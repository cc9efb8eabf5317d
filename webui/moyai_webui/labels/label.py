"""S9: the label PDF, one A4 page a box, its lower part the sender's stub."""
from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

import jinja2
import weasyprint
from markupsafe import Markup
from weasyprint.text.fonts import FontConfiguration

from moyai_webui.labels.tracking_code import svg, tracking_address
from moyai_webui.presentation import formats
from moyai_webui.rows import Package

# Characters a line holds → point size: the longest name still has to be read across a hall.
NAME_SIZES = ((9, 46), (14, 34), (24, 26), (40, 22), (100, 13))
QUANTITY_SIZES = ((4, 104), (6, 72), (12, 44))
ITEM_SIZES = ((6, 32), (12, 24), (40, 16))


def label_pdf(packages: Sequence[Package], tracking_url: str, requested_by: str) -> bytes:
    """The labels of boxes as one PDF. `requested_by` is the office that asked, in words.

    Raises AddressTooLong when the tracking address fits no small QR code.
    """
    pages = [_page(package, tracking_url) for package in packages]
    html = _template().render(pages=pages, requested_by=requested_by)
    fonts = FontConfiguration()
    style = weasyprint.CSS(string=_resource("label.css"), font_config=fonts)
    return weasyprint.HTML(string=html).write_pdf(stylesheets=[style], font_config=fonts)


def _page(package: Package, tracking_url: str) -> dict[str, object]:
    code = formats.package_code(package.package_id)
    address = tracking_address(tracking_url, package.package_id, package.label_serial)
    first = package.lines[0]
    return {
        "package": package, "line": first, "code": code, "address": address,
        "qr": Markup(svg(address, code)),
        "name_size": _size(NAME_SIZES, package.place.name),
        "quantity_size": _size(QUANTITY_SIZES, formats.number(first.quantity)),
        "item_size": _size(ITEM_SIZES, first.item.name),
        "sender": package.sender.label,
    }


def _size(sizes: Sequence[tuple[int, int]], text: str) -> int:
    return next((points for most, points in sizes if len(text) <= most), sizes[-1][1])


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    environment.filters.update(n=formats.number, expiry=formats.expiry, official=formats.official)
    return environment.from_string(_resource("label.html"))


def _resource(name: str) -> str:
    return (resources.files(__package__) / name).read_text("utf-8")
