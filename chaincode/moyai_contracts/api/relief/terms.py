"""Quantities, codes and lists of choices of the context `relief`."""
from __future__ import annotations

from typing import Annotated

from moyai_contracts.api.identifiers import ITEM_PATTERN, PACKAGE_PATTERN
from moyai_contracts.api.schema import Pattern, Range, Text

MAX_QUANTITY = 10_000_000
MAX_LABEL_SERIAL = 99
MAX_BOXES = 20
"""Of a dispatch, of a consignment; also lines of a box."""
LOST_AFTER_SECONDS = 72 * 3600
"""So long after shipping a box may be reported as lost."""
PRIORITIES = ("urgent", "high", "normal")
TRANSPORTS = ("own", "needed")
CARRIERS = ("yamato", "sagawa", "japan_post", "own_vehicle", "other")
CLOSE_REASONS = ("enough", "elsewhere", "mistake")
RESOLUTIONS = ("resent", "written_off", "count_error")
DISCREPANCIES = ("count", "conflicting_scan", "lost", "recalled_arrived", "wrong_site", "unknown_label")
"""Kinds: other counts than sent; two phones that disagree; never arrived; arrived although voided, recalled or given
up as lost; arrived elsewhere; arrived under a label that the ledger does not know."""
ARRIVAL_REASONS = ("no_label", "unreadable", "unknown", "wrong_site", "voided", "recalled", "lost", "other")
EVERY_ITEM = "*"
IntakeItem = Annotated[str, Pattern(rf"{ITEM_PATTERN}|\*")]

Quantity = Annotated[int, Range(1, MAX_QUANTITY)]
"""In the item's base unit."""
Count = Annotated[int, Range(0, MAX_QUANTITY)]
Weight = Annotated[int, Range(1, 10_000_000)]
"""Grams."""
Attributes = dict[str, Annotated[str, Text(30, 1)]]
PackageId = Annotated[str, Pattern(PACKAGE_PATTERN)]
LabelSerial = Annotated[int, Range(1, MAX_LABEL_SERIAL)]
Note = Annotated[str, Text(200, public=True)]
ExpiryDate = Annotated[str, Pattern(r"[0-9]{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?")]
"""As printed on the box: with or without the day."""
