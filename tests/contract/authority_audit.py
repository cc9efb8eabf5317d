"""INV-24, INV-25 and INV-29 of LEDGER.md §4, checked by replaying a chain from its first block.

Nothing of the contract's rules is used: the table of authority, the owners of documents and the hashes of commands
stand here once more.
"""
from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from moyai_client.blocks import Transaction
from moyai_contracts.api import TRANSACTIONS, canonical
from moyai_contracts.api.encoding import from_base64url
from moyai_shim.composite_key import create_composite_key, split_composite_key
from tests.contract.authority_table import rule_for

Document = dict[str, Any]
ENVELOPE = {"v", "op", "scope", "actor", "proof"}
FRAME = ("v", "rev", "op", "cmd", "at", "by", "m")
PENDING_MAY = {"directory.open_account", "directory.register_key", "directory.confirm_key",
               "directory.register_municipality"}
FOR_ALL = {"directory.activate_municipality", "directory.deactivate_municipality"}
"""What one municipality writes for the others, on their votes."""
CLOCKS = 15 * 60


class Audit:
    """The state as the chain makes it; `read` refuses, by an assertion, what should not be there."""

    def __init__(self) -> None:
        self.state: dict[str, Document] = {}
        self.carried_out: Counter[tuple[str, str]] = Counter()
        self.valid: Counter[str] = Counter()
        self._latest = 0

    def read(self, transactions: Iterable[Transaction]) -> None:
        """Takes transactions in, in the order of the chain."""
        for transaction in transactions:
            if transaction.valid and transaction.writes:
                _Check(self, transaction).run()
                self.valid[transaction.function] += 1
                for key, value in transaction.writes:
                    self._write(key, value)

    def get(self, object_type: str, *attributes: str) -> Document | None:
        """A document as it stands before the transaction at hand."""
        return self.state.get(create_composite_key(object_type, attributes))

    def goes_on(self, timestamp: int) -> bool:
        """Whether a claimed time is no earlier than the latest one, as far as two clocks may differ."""
        fits = timestamp >= self._latest - 2 * CLOCKS
        self._latest = max(self._latest, timestamp)
        return fits

    def _write(self, key: str, value: bytes | None) -> None:
        if value is None:
            self.state.pop(key)
        else:
            self.state[key] = canonical.decode(value)


class _Check:
    def __init__(self, audit: Audit, transaction: Transaction) -> None:
        self.audit, self.transaction = audit, transaction
        self.function = transaction.function
        self.message: Document = canonical.decode(transaction.arguments[0])
        self.actor: Document | None = self.message.get("actor")
        member = audit.get("directory.msp", transaction.msp_id)
        self.code6 = member["code6"] if member else self.message["code6"]

    def run(self) -> None:
        self._check_event()
        self._check_actor()
        self._check_signatures()
        content = {name: value for name, value in self.message.items() if name not in ENVELOPE}
        content |= {name: self.message[name] for name in ("actor", "scope") if name in self.message}
        cmd = hashlib.sha256(canonical.encode(content | {"function": self.function})).hexdigest()[:32]
        for key, value in self.transaction.writes:
            if value is None:
                self._check_deletion(key)
            else:
                self._check_write(key, self.audit.state.get(key), canonical.decode(value), cmd)
        # INV-29: one command, one transaction.
        self.audit.carried_out[self.message["op"], cmd] += 1
        assert self.audit.carried_out[self.message["op"], cmd] == 1, self.message
        assert self.audit.goes_on(self.transaction.timestamp)

    def _check_event(self) -> None:
        event = self.transaction.event
        assert event is not None
        payload = event.payload
        told = (payload["tx"], payload["at"], payload["m"], payload["op"], payload.get("actor"))
        assert told == (self.transaction.tx_id, self.transaction.timestamp, self.code6, self.message["op"], self.actor)
        published = TRANSACTIONS[self.function]
        required = {name for name in published.event_data if not name.endswith("?")}
        assert event.name == published.event
        assert required <= set(payload["data"]) <= {name.rstrip("?") for name in published.event_data}

    def _check_actor(self) -> None:
        """INV-24: an active account of the signer's municipality with role, office and grade of the table."""
        rule = rule_for(self.function, self.message, lambda account: self.audit.get("directory.account", account))
        event = self.transaction.event
        assert event is not None and event.payload["service"] in rule.services
        municipality = self.audit.get("directory.municipality", self.code6)
        if municipality is None:
            assert self.function == "directory.register_municipality"
        else:
            assert municipality["status"] == "active" or self.function in PENDING_MAY
        if self.actor is None:
            assert event.payload["service"] in rule.alone
            return
        account = self.audit.get("directory.account", self.actor["account"])
        if account is None:
            (account,) = self.message["accounts"]
            assert self.function == "directory.open_account" and account["account_id"] == self.actor["account"]
        else:
            assert account["status"] == "active"
        assert account["office"] == self.actor["office"] and self.actor["office"][:6] == self.code6
        assert self.actor["role"] in account["roles"] and self.actor["role"] in rule.roles
        if rule.grade == "k":
            assert self._grades(), "INV-25"
        if rule.grade == "K":
            assert "confirmed" in self._grades(), "INV-25"

    def _grades(self) -> set[str]:
        return {key["grade"] for key in self._keys() if key is not None}

    def _keys(self) -> Iterator[Document | None]:
        for proof in self.message.get("proof", ()):
            assert self.actor is not None
            yield self.audit.get("directory.key", proof.get("account", self.actor["account"]), proof["key"])

    def _check_signatures(self) -> None:
        """INV-25: under keys that were not revoked; nobody confirms the own key."""
        unsigned = dict(self.message)
        proofs = unsigned.get("proof", [])
        if proofs:
            unsigned["proof"] = [{name: proof[name] for name in proof if name != "sig"} for proof in proofs]
        signed = canonical.encode(unsigned | {"function": self.function})
        for proof, key in zip(proofs, self._keys(), strict=True):
            assert key is not None and key["status"] == "active"
            raw = from_base64url(proof["sig"])
            signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(key["public"]))
            public.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
        if self.function == "directory.confirm_key" and self.actor is not None:
            assert self.actor["account"] != self.message["account_id"]

    def _check_deletion(self, key: str) -> None:
        """Only tags go, by the municipality whose device had them."""
        object_type, _ = split_composite_key(key)
        tag = self.audit.state[key]
        assert object_type == "devices.tag" and self.code6 == tag["m"], key

    def _check_write(self, key: str, before: Document | None, after: Document, cmd: str) -> None:
        if after["op"] != self.message["op"] or after["cmd"] != cmd:
            # Bookkeeping: quantities of a record that another command owns.
            assert before is not None and split_composite_key(key)[0] in ("relief.need", "relief.offer"), key
            assert [after[name] for name in FRAME] == [before[name] for name in FRAME]
            return
        assert after["at"] == self.transaction.timestamp and after["m"] == self.code6
        event = self.transaction.event
        assert event is not None
        assert after["by"] == (self.actor["account"] if self.actor else event.payload["service"])
        assert after["rev"] == (before["rev"] + 1 if before else 1), key
        assert self.function in FOR_ALL or self.code6 in self._owners(key, before or after), (self.function, key)

    def _owners(self, key: str, document: Document) -> set[str]:
        """The municipalities that may write a document."""
        object_type, parts = split_composite_key(key)
        if object_type in ("directory.municipality", "directory.site", "directory.drill", "evidence.mail"):
            return {parts[0]}
        if object_type == "directory.item":
            return {self.code6 if parts[0].startswith("000000") else parts[0][:6]}
        if object_type == "directory.account":
            return {document["office"][:6]}
        if object_type == "directory.key":
            account = self.audit.get("directory.account", parts[0])
            assert account is not None
            return {account["office"][:6]}
        if object_type in ("directory.msp", "directory.blocked"):
            return {self.code6} if parts[0] == self.transaction.msp_id else set()
        if object_type == "directory.vote":
            return {parts[3]}
        if object_type in ("devices.batch", "devices.batch_head", "devices.substitution", "devices.totals"):
            return {parts[0]}
        if object_type in ("devices.device", "devices.tag"):
            return {document["m"]}
        if object_type == "directory.roster":
            return {self.code6} if not document["codes"] or document["codes"] == [self.code6] else set()
        return self._owners_in_relief(object_type, parts, document)

    def _owners_in_relief(self, object_type: str, parts: list[str], document: Document) -> set[str]:
        if object_type in ("relief.site_status", "relief.arrival", "relief.intake"):
            return {parts[1]}
        if object_type == "relief.need":
            return {document["code6"]}
        if object_type == "relief.offer":
            return {document["home"]}
        if object_type == "relief.consignment":
            return {document["m"]}
        if object_type == "relief.dispatch":
            need = self.audit.get("relief.need", parts[0], parts[1])
            # A hub that repacks writes down in which boxes a dispatch now is.
            hubs = {self.code6} if self.function == "relief.repack_dispatch" and self._is_hub_of(parts[0]) else set()
            return {document["home"], need["code6"] if need else document["m"]} | hubs
        package = document if object_type == "relief.package" else self.audit.get("relief.package", *parts[:2])
        if object_type == "relief.discrepancy" and "code6" in document["received"]:
            # Found elsewhere than at the box's destination.
            finder = {document["received"]["code6"]}
            return finder | (self._owners_in_relief("relief.package", parts[:2], package) if package else set())
        assert package is not None
        dispatches = [self.audit.get("relief.dispatch", parts[0], line["need_id"], line["dispatch_id"])
                      for line in package["lines"]]
        return {package["to"]["code6"], *(dispatch["home"] for dispatch in dispatches if dispatch),
                *(hub["code6"] for hub in package["route"])}

    def _is_hub_of(self, scope: str) -> bool:
        """Whether the signer's municipality has a hub on the way of the boxes that a command repacks."""
        boxes = [self.audit.get("relief.package", scope, package_id) for package_id in self.message["void"]]
        return all(box is not None and self.code6 in {hub["code6"] for hub in box["route"]} for box in boxes)
