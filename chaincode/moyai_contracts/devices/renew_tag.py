"""E1: devices get tags under the coming fiscal year's key, before the old key is destroyed."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.devices import RenewedTags, RenewTag
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.business_date import japanese_date
from moyai_contracts.devices import tags
from moyai_contracts.devices.ownership import own_device, require_active
from moyai_contracts.transaction import Replayed, Transaction
from moyai_contracts.use_case import use_case


def _reads(command: RenewTag, code6: str, scope: str) -> Iterable[str]:
    for line in command.devices:
        yield keys.device(line.device_id)
        yield from tags.tag_keys(line.tags)


@use_case(RenewTag, roles="C", reads=_reads)
def renew_tag(tx: Transaction, command: RenewTag) -> None:
    """Devices that have these tags already are left as they are.

    Refuses: `bad_argument` (epoch, devices, tags), `not_found`, `foreign_record`, `wrong_state`, `id_reused` (other
    tags of that epoch), `device_taken`.
    """
    open_epochs = tags.open_epochs(japanese_date(tx.at))
    if command.epoch not in open_epochs:
        raise Refusal("bad_argument", field="epoch")
    if len({line.device_id for line in command.devices}) < len(command.devices):
        raise Refusal("bad_argument", field="devices")
    renewed = [line.device_id for line in command.devices if _renew(tx, command.epoch, line, open_epochs)]
    if not renewed:
        raise Replayed
    tx.emit(epoch=command.epoch, device_ids=renewed)


def _renew(tx: Transaction, epoch: str, line: RenewedTags, open_epochs: tuple[str, str]) -> bool:
    """Whether the device has new tags now."""
    device = own_device(tx, line.device_id)
    require_active(device)
    _check_tags(epoch, line)
    present = [tag for tag in device["tags"] if tag["epoch"] == epoch]
    if present:
        if present != tags.members(line.tags):
            raise Refusal("id_reused")
        return False
    if {tag.kind for tag in line.tags} != {tag["kind"] for tag in device["tags"]}:
        raise Refusal("bad_argument", field="tags")
    claimed = tags.claim(tx, line.device_id, line.tags)
    kept = [tag for tag in device["tags"] if tag["epoch"] in open_epochs]
    tags.release(tx, [tag for tag in device["tags"] if tag["epoch"] not in open_epochs])
    tagged = sorted([*kept, *claimed], key=lambda tag: (tag["epoch"], tag["kind"]))
    tx.edit(keys.device(line.device_id), device, tags=tagged)
    return True


def _check_tags(epoch: str, line: RenewedTags) -> None:
    kinds = [tag.kind for tag in line.tags]
    if len(set(kinds)) < len(kinds) or any(tag.epoch != epoch for tag in line.tags):
        raise Refusal("bad_argument", field="tags")
