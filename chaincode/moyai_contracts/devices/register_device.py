"""E1: a meter or car of a resident, or of the municipality itself."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.devices import RegisterDevice
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.schema import to_json
from moyai_contracts.business_date import japanese_date
from moyai_contracts.devices import tags
from moyai_contracts.directory.accounts import own_account
from moyai_contracts.transaction import MAX_AHEAD_SECONDS, Transaction
from moyai_contracts.use_case import use_case

_FIELDS = ("account", "kind", "certificate", "registers", "capacity", "unit", "coefficient", "digits", "installed_on")


def _reads(command: RegisterDevice, code6: str, scope: str) -> Iterable[str]:
    return [keys.device(command.device_id), keys.account(command.account), *tags.tag_keys(command.tags)]


@use_case(RegisterDevice, roles="AC", reads=_reads)
def register_device(tx: Transaction, command: RegisterDevice) -> None:
    """Whose device has a tag is not told.

    Refuses: `bad_argument` (registers, coefficient, tags, account), `id_reused`, `not_found`, `foreign_record`,
    `wrong_state` (account), `time_out_of_range`, `device_taken`.
    """
    _check_shape(command)
    key = keys.device(command.device_id)
    tx.new([key])
    _require_owner(tx, command.account)
    if command.installed_on > japanese_date(tx.at + MAX_AHEAD_SECONDS):
        raise Refusal("time_out_of_range")
    tags.require_complete(command.tags, japanese_date(tx.at))
    claimed = tags.claim(tx, command.device_id, command.tags)
    fields = {name: to_json(getattr(command, name)) for name in _FIELDS}
    tx.create(key, fields | {"state": "active", "tags": claimed})
    tx.emit(device_id=command.device_id, account=command.account, kind=command.kind,
            registers=list(command.registers))


def _check_shape(command: RegisterDevice) -> None:
    if len(set(command.registers)) < len(command.registers):
        raise Refusal("bad_argument", field="registers")
    if command.coefficient.n == 0:
        raise Refusal("bad_argument", field="coefficient")


def _require_owner(tx: Transaction, account_id: str) -> None:
    """An active account of a member or of the municipality itself."""
    account = own_account(tx, account_id)
    if account["status"] != "active":
        raise Refusal("wrong_state", state=account["status"])
    if "M" not in account["roles"] and account["party"] != "municipality":
        raise Refusal("bad_argument", field="account")
