"""Officials' keys: kept safely, and signatures that the contract's own check accepts."""
from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from moyai_contracts.api import Actor
from moyai_contracts.api.command import parse, signing_bytes
from moyai_contracts.api.directory import ConfirmKey
from moyai_contracts.api.encoding import from_base64url

from moyai_client.actor_key import ActorKey
from moyai_client.command_message import command_text
from moyai_client.errors import ProfileError

FIRST, SECOND = "0" * 25 + "A", "0" * 25 + "B"
OP = "01KD000000000000000000000P"
COMMAND = ConfirmKey(SECOND, "0123456789abcdef")


def test_a_key_is_stored_for_its_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "actor_keys"
    key = ActorKey.generate(FIRST)
    path = key.save(folder)
    assert path.stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700
    assert ActorKey.load(folder, FIRST).public == key.public
    with pytest.raises(FileExistsError):
        ActorKey.generate(FIRST).save(folder)
    assert ActorKey.load(folder, FIRST).public == key.public
    assert [entry.name for entry in folder.iterdir()] == [path.name]


def test_a_missing_or_damaged_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=f"{FIRST} has no key"):
        ActorKey.load(tmp_path, FIRST)
    (tmp_path / f"{FIRST}.pem").write_text("nothing")
    with pytest.raises(ProfileError, match="cannot be used as a key"):
        ActorKey.load(tmp_path, FIRST)


def test_a_key_names_itself_by_its_compressed_point() -> None:
    key = ActorKey.generate(FIRST)
    assert len(key.public) == 66 and key.public[:2] in ("02", "03")
    assert key.key_id == hashlib.sha256(bytes.fromhex(key.public)).hexdigest()[:16]


def test_two_signatures_cover_the_whole_command_and_each_other_s_entries() -> None:
    keys = [ActorKey.generate(FIRST), ActorKey.generate(SECOND)]
    text = command_text(COMMAND, Actor(FIRST, "A", "172022"), op=OP, signers=keys, signed_at=1_704_790_800)
    envelope, command, message = parse(COMMAND.transaction, text)
    assert command == COMMAND and envelope.proof is not None
    assert [proof.account for proof in envelope.proof] == [None, SECOND]
    signed = signing_bytes(COMMAND.transaction, message)
    for key, proof in zip(keys, envelope.proof, strict=True):
        raw = from_base64url(proof.sig)
        signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        key.key.public_key().verify(signature, signed, ec.ECDSA(hashes.SHA256()))


def test_without_signers_there_is_no_proof() -> None:
    message = json.loads(command_text(COMMAND, None, op=OP))
    assert message == {"account_id": SECOND, "key_id": "0123456789abcdef", "op": OP, "v": 1}
