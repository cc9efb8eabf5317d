"""S13: the operation of the own municipality as messages of EDXL-RM 1.0, a document a kind in one archive."""
from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from typing import TypeVar

from flask.typing import ResponseReturnValue

from moyai_webui.access import OFFICE, roles
from moyai_webui.edxl.messages import written
from moyai_webui.edxl.operation import messages
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.serving import as_file, reading, settings
from moyai_webui.presentation.formats import now
from moyai_webui.reading import DispatchFilter, NeedFilter, OfferFilter, PackageFilter
from moyai_webui.rows import Page

MOST_AT_ONCE = 500
Row = TypeVar("Row")


@relief.get("/totals.edxl.zip")
@roles(*OFFICE)
def totals_edxl() -> ResponseReturnValue:
    own, read, known = settings().municipality, reading(), reading().as_of()
    of = messages(
        settings().municipality_name, known.seen_at or now(), f"{own}-{known.block}",
        _every(lambda page: read.needs(NeedFilter(municipality=own, page=page, size=MOST_AT_ONCE))),
        _every(lambda page: read.offers(OfferFilter(home=own, page=page, size=MOST_AT_ONCE))),
        _every(lambda page: read.dispatches(DispatchFilter(
            municipality=own, state="requested", page=page, size=MOST_AT_ONCE))),
        (box for box in _every(lambda page: read.packages(PackageFilter(
            municipality=own, stage="coming", page=page, size=MOST_AT_ONCE))) if box.shipped_at))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in written(of).items():
            archive.writestr(name, document)
    return as_file(packed.getvalue(), "application/zip", "totals.edxl.zip")


def _every(ask: Callable[[int], Page[Row]]) -> Iterator[Row]:
    """All rows of a list, page after page."""
    for number in count(1):
        page = ask(number)
        yield from page.rows
        if page.last >= page.total:
            return
