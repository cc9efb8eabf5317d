"""Which devices a person may look at: the office all of its municipality, a resident the own ones."""
from __future__ import annotations

from moyai_webui.access import OFFICE
from moyai_webui.accounts import person
from moyai_webui.metering_devices import Device
from moyai_webui.pages.serving import found, metering, not_found


def visible_device(device_id: str) -> Device:
    """The device, or the page that says there is none: whether somebody else has one is nobody's business."""
    device = found(metering().device(device_id))
    if not is_office() and device.account != person().account:
        not_found()
    return device


def is_office() -> bool:
    """Whether the person sees the meters of all."""
    return bool(set(OFFICE) & set(person().roles))
