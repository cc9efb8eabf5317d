"""The common check of every command: who signed it, for which municipality, account, role and office, with which keys.

Order: the signer's municipality and service, then the account, then the proof. The shape was checked before,
idempotency and business follow.
"""
from __future__ import annotations

from typing import Any, Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from moyai_contracts import keys, scopes
from moyai_contracts.api.command import Command, Proof, signing_bytes
from moyai_contracts.api.encoding import from_base64url
from moyai_contracts.api.identifiers import code6_of
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import CONFIRMED_KEY, SERVICE, TWO_CONFIRMED_KEYS, UNKNOWN, UseCase

SIGNED_BEFORE_SECONDS = 24 * 3600
SIGNED_AFTER_SECONDS = 15 * 60


def check(tx: Transaction, case: UseCase, command: Command, message: dict[str, Any]) -> None:
    """Raises Refusal: `municipality_inactive`, `not_permitted`, `account_inactive`, `key_required`, `key_revoked`,
    `signature_invalid`, `time_out_of_range`. Fills in the transaction's municipality, account and keys."""
    _load(tx, case, command)
    _check_signer(tx, case)
    _check_account(tx, case, command)
    _check_proof(tx, case.grade(command), command, message)


def _load(tx: Transaction, case: UseCase, command: Command) -> None:
    """One round trip for what the check and the use case read; two when no actor tells the municipality."""
    wanted = [keys.msp(tx.creator.msp_id), keys.blocked(tx.creator.msp_id, tx.creator.fingerprint)]
    if tx.actor is None:
        tx.load(wanted)
        member = tx.get(wanted[0])
        code6 = member["code6"] if member else ""
        wanted = []
    else:
        code6 = code6_of(tx.actor.office)
        wanted += [keys.account(tx.actor.account)]
        for proof in tx.envelope.proof or ():
            signer = _signer(tx, proof)
            wanted += [keys.actor_key(signer, proof.key), keys.account(signer)]
    if code6:
        wanted += [keys.municipality(code6), *scopes.reads(tx.scope, code6)]
    tx.load([*wanted, *case.reads(command, code6, tx.scope)])


def _check_signer(tx: Transaction, case: UseCase) -> None:
    member = tx.get(keys.msp(tx.creator.msp_id))
    if member is not None:
        tx.code6 = member["code6"]
    standing = tx.need_document(keys.municipality(tx.code6))["status"] if member else UNKNOWN
    if standing not in case.admitted:
        raise Refusal("municipality_inactive")
    if tx.service not in case.services:
        raise Refusal("not_permitted", roles=", ".join(sorted(case.services)))
    block = tx.get(keys.blocked(tx.creator.msp_id, tx.creator.fingerprint))
    if block is not None and block["status"] == "blocked":
        raise Refusal("not_permitted", roles="")


def _check_account(tx: Transaction, case: UseCase, command: Command) -> None:
    roles = case.roles(command)
    if tx.actor is None:
        if tx.service not in case.unaccounted(command):
            raise _not_permitted(roles)
        return
    account = tx.get(keys.account(tx.actor.account))
    if account is None and case.opens(command, tx.actor):
        if code6_of(tx.actor.office) != tx.code6 or tx.actor.role not in roles:
            raise _not_permitted(roles)
        return
    if account is None or account["status"] != "active":
        raise Refusal("account_inactive")
    permitted = (code6_of(account["office"]) == tx.code6 and account["office"] == tx.actor.office
                 and tx.actor.role in account["roles"] and tx.actor.role in roles)
    if not permitted:
        raise _not_permitted(roles)
    tx.account = account


def _not_permitted(roles: Iterable[str]) -> Refusal:
    return Refusal("not_permitted", roles=", ".join(sorted(roles)))


def _check_proof(tx: Transaction, grade: str, command: Command, message: dict[str, Any]) -> None:
    if tx.actor is None:
        return  # a service without an account has no key; its certificate was checked
    proofs = tx.envelope.proof or ()
    signed = signing_bytes(type(command).transaction, message)
    queued = bool(getattr(command, "queued", False))
    for proof in proofs:
        _verify(tx, proof, signed, queued)
    tx.keys = tuple(proof.key for proof in proofs)
    tx.confirmed = frozenset(
        signer for proof in proofs
        if tx.need_document(keys.actor_key(signer := _signer(tx, proof), proof.key))["grade"] == "confirmed")
    if not proofs and grade != SERVICE:
        raise Refusal("key_required")
    if grade in (CONFIRMED_KEY, TWO_CONFIRMED_KEYS):
        tx.require_confirmed_keys(2 if grade == TWO_CONFIRMED_KEYS else 1)


def _verify(tx: Transaction, proof: Proof, signed: bytes, queued: bool) -> None:
    signer = _signer(tx, proof)
    key = tx.get(keys.actor_key(signer, proof.key))
    if key is None:
        raise Refusal("key_required")
    if key["status"] != "active":
        raise Refusal("key_revoked")
    account = tx.get(keys.account(signer))
    if account is None or account["status"] != "active" or code6_of(account["office"]) != tx.code6:
        raise Refusal("account_inactive")
    too_old = proof.signed_at < tx.at - SIGNED_BEFORE_SECONDS and not queued
    if too_old or proof.signed_at > tx.at + SIGNED_AFTER_SECONDS:
        raise Refusal("time_out_of_range")
    raw = from_base64url(proof.sig)
    signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(key["public"]))
    try:
        public.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise Refusal("signature_invalid") from error


def _signer(tx: Transaction, proof: Proof) -> str:
    return proof.account or (tx.actor.account if tx.actor else "")
