"""INV-24, INV-25, INV-29: who wrote what, with which right, under which signature, by which command."""
from __future__ import annotations

import base64
from collections import Counter
from typing import Any, Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from moyai_auditor.examination.rules.authority_table import Row, row_for
from moyai_auditor.examination.rules.ledger import Change, Document, Ledger, LedgerTransaction, Report, canonical
from moyai_auditor.examination.rules.owners import owners

PENDING_MAY = frozenset({"directory.open_account", "directory.register_key", "directory.confirm_key",
                         "directory.register_municipality"})
FOR_ALL = frozenset({"directory.activate_municipality", "directory.deactivate_municipality"})
"""What one municipality writes for another, on the members' votes."""
BOOKKEPT = {"relief.need": frozenset({"committed"}), "relief.offer": frozenset({"requested", "withdrawn"})}
"""Quantities that other municipalities' commands move in a document; operation, revision and author stay."""
REMEMBERED = 8
SIGNED_BEFORE, SIGNED_AFTER = 24 * 3600, 15 * 60


class Authority:
    """Judges each transaction against the ledger before it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._carried_out: Counter[tuple[str, str]] = Counter()

    def read(self, transaction: LedgerTransaction, report: Report) -> None:
        """Reports INV-24, INV-25, INV-29 and `rules`."""
        row = row_for(transaction.function, transaction.message,
                      lambda account_id: self._ledger.get("directory.account", account_id))
        if row is None:
            report("rules", f"{transaction.function} is not in the auditor's tables, so that it was not judged")
            return
        code6 = self._code6(transaction)
        confirmed = self._signatures(transaction, code6, report)
        for sentence in (*self._signer(transaction, row, code6), *self._account(transaction, row, code6)):
            report("INV-24", sentence)
        self._grade(transaction, row, confirmed, report)
        self._command(transaction, row, code6, report)
        for change in transaction.changes:
            self._change(transaction, row, code6, change, report)

    def _code6(self, transaction: LedgerTransaction) -> str:
        """The signer's municipality; one that registers speaks for itself."""
        known = self._ledger.code6(transaction.msp_id)
        return known or (transaction.message["code6"] if transaction.function.endswith("register_municipality") else "")

    # INV-24: the signer's service and municipality, the account's role and office

    def _signer(self, transaction: LedgerTransaction, row: Row, code6: str) -> Iterator[str]:
        if transaction.service not in row.services:
            yield f"{transaction.function} was signed by the service {transaction.service or 'without name'}"
        blocked = self._ledger.get("directory.blocked", transaction.msp_id, transaction.fingerprint)
        if blocked is not None and blocked["status"] == "blocked":
            yield f"{transaction.function} was signed with a blocked certificate of {transaction.msp_id}"
        municipality = self._ledger.get("directory.municipality", code6)
        if municipality is None:
            if transaction.function != "directory.register_municipality":
                yield f"{transaction.msp_id} was no municipality yet"
        elif municipality["status"] != "active" and transaction.function not in PENDING_MAY:
            yield f"the municipality {code6} was {municipality['status']}"

    def _account(self, transaction: LedgerTransaction, row: Row, code6: str) -> Iterator[str]:
        actor = transaction.actor
        if actor is None:
            if transaction.service not in row.alone:
                yield f"{transaction.function} names no account"
            return
        account = self._ledger.get("directory.account", actor["account"])
        if account is None:
            account = self._opened_by_itself(transaction, actor)
        if account is None or account.get("status", "active") != "active":
            yield f"the account {actor['account']} was not active"
            return
        if account["office"] != actor["office"] or actor["office"][:6] != code6:
            yield f"the account {actor['account']} belongs to {account['office']}, not to {actor['office']} of {code6}"
        if actor["role"] not in account["roles"] or actor["role"] not in row.roles:
            yield f"the role {actor['role']} may not send {transaction.function}"

    @staticmethod
    def _opened_by_itself(transaction: LedgerTransaction, actor: Document) -> Document | None:
        if transaction.function != "directory.open_account":
            return None
        return next((line for line in transaction.message["accounts"] if line["account_id"] == actor["account"]), None)

    # INV-25: the actor's own signatures

    def _signatures(self, transaction: LedgerTransaction, code6: str, report: Report) -> set[str]:
        """Verifies all signatures under the command; returns the accounts that signed with a confirmed key."""
        confirmed = set()
        signed = _signed_bytes(transaction)
        for proof in transaction.message.get("proof", ()):
            account_id = proof.get("account") or (transaction.actor or {}).get("account", "")
            key = self._ledger.get("directory.key", account_id, proof["key"])
            account = self._ledger.get("directory.account", account_id)
            if key is None or key["status"] != "active":
                report("INV-25", f"the key {proof['key']} of {account_id} was not registered or was revoked")
            elif account is None or account["status"] != "active" or account["office"][:6] != code6:
                report("INV-25", f"{account_id}, who signed, was no active account of {code6}")
            elif not _verifies(key["public"], proof["sig"], signed):
                report("INV-25", f"the signature of {account_id} does not verify")
            elif not self._in_time(transaction, proof["signed_at"]):
                report("INV-25", f"the signature of {account_id} was made too early or too late")
            elif key["grade"] == "confirmed":
                confirmed.add(account_id)
        return confirmed

    @staticmethod
    def _in_time(transaction: LedgerTransaction, signed_at: int) -> bool:
        too_old = signed_at < transaction.at - SIGNED_BEFORE and not transaction.message.get("queued")
        return not too_old and signed_at <= transaction.at + SIGNED_AFTER

    @staticmethod
    def _grade(transaction: LedgerTransaction, row: Row, confirmed: set[str], report: Report) -> None:
        if transaction.actor is None:
            return
        if row.grade == "k" and not transaction.message.get("proof"):
            report("INV-25", f"{transaction.function} carries no signature of its actor")
        if len(confirmed) < {"K": 1, "KK": 2}.get(row.grade, 0):
            report("INV-25", f"{transaction.function} is not signed with confirmed keys")
        if transaction.function == "directory.confirm_key":
            if transaction.actor["account"] == transaction.message["account_id"]:
                report("INV-25", "an account confirmed its own key")

    # INV-29: the command

    def _command(self, transaction: LedgerTransaction, row: Row, code6: str, report: Report) -> None:
        key = transaction.op, transaction.cmd
        self._carried_out[key] += 1
        if self._carried_out[key] > 1:
            report("INV-29", f"the command {transaction.op} was carried out twice")
        event = transaction.event
        told = (event["tx"], event["at"], event["m"], event["service"], event["op"], event.get("actor"),
                event.get("scope"))
        true = (transaction.tx_id, transaction.at, code6, transaction.service, transaction.op, transaction.actor,
                transaction.message.get("scope"))
        if transaction.event_name != row.event or told != true:
            report("INV-29", f"the event {transaction.event_name} does not tell what happened")

    def _change(self, transaction: LedgerTransaction, row: Row, code6: str, change: Change, report: Report) -> None:
        if change.kind not in row.writes:
            report("INV-24", f"{transaction.function} writes {change.name}")
            return
        before, after = change.before, change.after
        if transaction.function not in FOR_ALL:
            may = owners(self._ledger, change, transaction)
            if code6 not in may and not self._is_bookkeeping(transaction, change):
                names = ", ".join(sorted(may)) or "nobody"
                report("INV-24", f"{change.name}, which belongs to {names}, was written by {code6 or 'nobody known'}")
        if after is None or self._is_bookkeeping(transaction, change):
            return
        if after["op"] != transaction.op or after["cmd"] != transaction.cmd:
            report("INV-29", f"{change.name} does not name the command that wrote it")
            return
        by = transaction.actor["account"] if transaction.actor else transaction.service
        if (after["at"], after["by"], after["m"]) != (transaction.at, by, code6):
            report("INV-29", f"{change.name} does not say when, by whom and where it was written")
        if after["rev"] != (before["rev"] + 1 if before else 1):
            report("INV-29", f"{change.name} skips a revision")
        if before is not None and after.get("ops") not in (None, _former_operations(before)):
            report("INV-29", f"{change.name} does not remember the operations before it")

    @staticmethod
    def _is_bookkeeping(transaction: LedgerTransaction, change: Change) -> bool:
        """Whether only quantities moved of a document that another command owns."""
        before, after = change.before, change.after
        return (before is not None and after is not None and change.kind in BOOKKEPT
                and (after["op"], after["cmd"]) != (transaction.op, transaction.cmd)
                and {name for name in (*before, *after) if before.get(name) != after.get(name)}
                <= BOOKKEPT[change.kind])


def _former_operations(before: Document) -> list[str]:
    """What a document that is written again names beside its own operation (docs/decisions/0011)."""
    former: list[str] = [*before.get("ops", ()), before["op"]]
    return former[-REMEMBERED:]


def _signed_bytes(transaction: LedgerTransaction) -> bytes:
    """What a key signs: function and whole command without the signatures themselves."""
    unsigned: dict[str, Any] = dict(transaction.message)
    if "proof" in unsigned:
        unsigned["proof"] = [{name: value for name, value in proof.items() if name != "sig"}
                             for proof in unsigned["proof"]]
    return canonical(unsigned | {"function": transaction.function})


def _verifies(public: str, signature: str, signed: bytes) -> bool:
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    encoded = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(public))
    try:
        key.verify(encoded, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
