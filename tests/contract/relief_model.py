"""What relief should do, told once more in figures: the model that random histories are compared with.

Nothing of the contracts is imported. `decide` says of a command whether it goes, is the earlier result, or which
refusals fit it (all that do: which comes first is the contract's affair), and what the records are afterwards.
"""
from __future__ import annotations

from tests.contract.relief_model_boxes import Boxes
from tests.contract.relief_model_dispatches import Dispatches
from tests.contract.relief_model_receipts import Receipts
from tests.contract.relief_model_step import Fields, Verdict, Who, World

ALLOWED = {
    "set_site_status": "ACS", "confirm_needs": "ACS", "register_need": "ACS", "change_need": "ACS", "close_need": "ACS",
    "reopen_need": "ACS", "set_intake": "AC", "register_offer": "PAC", "change_offer": "PAC", "withdraw_offer": "PAC",
    "request_dispatch": "ACS", "propose_dispatch": "S", "approve_dispatch": "AC", "reject_dispatch": "AC",
    "decline_dispatch": "PAC", "cancel_dispatch": "ACS", "issue_label": "PAC", "repack_dispatch": "PACS",
    "redirect_package": "AC", "ship_consignment": "PAC", "hand_over_package": "PACS", "receive_package": "ACS",
    "correct_receipt": "AC", "recall_dispatch": "AC", "report_lost": "PAC", "record_arrival": "ACS",
    "acknowledge_discrepancy": "PAC", "resolve_discrepancy": "AC",
}


class _Command(Dispatches, Boxes, Receipts):
    """All transactions of relief, one method each."""


class Model(World):
    """The records of one scope, and what a command does to them."""

    def decide(self, function: str, who: Who, fields: Fields, op: str, at: int) -> Verdict:
        """What must become of a command at a time."""
        name = function.removeprefix("relief.")
        if who.role not in ALLOWED[name]:
            return Verdict({"not_permitted"})
        command = _Command(self, who, fields, op, at)
        getattr(command, name)()
        if command.verdict.codes:
            return Verdict(command.verdict.codes)
        # What was only looked at may be changed by others of the same block.
        changed = {key: record for key, record in command.verdict.records.items() if self.records.get(key) != record}
        return Verdict(records=changed, replay=command.verdict.replay)

    def take(self, verdict: Verdict, op: str) -> None:
        """The command was committed."""
        self.records.update(verdict.records)
        self.done.add(op)
