"""P6: a record's story as an A4 PDF that carries the proofs of its transactions, for whoever trusts nobody's page."""
from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

import jinja2
import weasyprint
from markupsafe import Markup
from weasyprint.text.fonts import FontConfiguration

from moyai_webui.labels.tracking_code import svg
from moyai_webui.presentation import formats, timeline as story
from moyai_webui.proofs import CheckedFile
from moyai_webui.rows import Timeline

MOST_PROOFS = 20
"""The newest transactions of a story; each costs a question to every municipality's peer."""


def proof_sheet_pdf(timeline: Timeline, checked: Sequence[CheckedFile], municipality: str, public_url: str) -> bytes:
    """The sheet. `checked`: the proofs of the story's newest transactions, `public_url`: where /verify is."""
    address = f"{public_url}/verify"
    html = _template().render(
        timeline=timeline, steps=story.steps(timeline.entries), municipality=municipality, made_at=formats.now(),
        title=_title(timeline), address=address, qr=Markup(svg(address.upper(), "確かめるページ")),
        proven={one.transaction.transaction_id for one in checked})
    fonts = FontConfiguration()
    style = weasyprint.CSS(string=_resource("proof_sheet.css"), font_config=fonts)
    attached = [weasyprint.Attachment(string=one.file, name=f"moyai-{one.transaction.transaction_id}.json")
                for one in checked]
    return weasyprint.HTML(string=html).write_pdf(stylesheets=[style], font_config=fonts, attachments=attached)


def _title(timeline: Timeline) -> str:
    if timeline.package:
        return "、".join(f"{line.item.name} {formats.number(line.quantity)}{line.item.unit}"
                        for line in timeline.package.lines)
    if timeline.need:
        return f"{timeline.need.item.name} {formats.number(timeline.need.quantity)}{timeline.need.item.unit}"
    if timeline.offer:
        item = timeline.offer.item
        return f"{item.name if item else timeline.offer.item_name} {formats.number(timeline.offer.quantity)}" \
               f"{item.unit if item else '個'}の提供"
    return ""


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    environment.filters.update(official=formats.official, code=formats.package_code)
    return environment.from_string(_resource("proof_sheet.html"))


def _resource(name: str) -> str:
    return (resources.files(__package__) / name).read_text("utf-8")
