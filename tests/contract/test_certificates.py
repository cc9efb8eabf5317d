"""Certificates of services: which one may send what, and how a stolen one ends."""
from __future__ import annotations

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from moyai_client.errors import Refused
from moyai_contracts.api.directory import BlockCertificate, SaveSite, SiteLine, UnblockCertificate
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.memory_channel import MSP_IDS, MemoryAccess, MemoryChannel
from tests.contract.scene import Scene, random_id, ulid


def fingerprint() -> str:
    """Of a certificate that nobody has."""
    return hashlib.sha256(random_id().encode()).hexdigest()


def save(name: str = "体育館") -> SaveSite:
    return SaveSite((SiteLine(random_id()[:20], 0, "shelter", name, "本町"),))


def test_block_certificate_and_unblock_certificate_are_the_consoles_acts(scene: Scene) -> None:
    stolen, op = fingerprint(), ulid()
    block = BlockCertificate(stolen, "盗難")
    administrator, key = scene.channel.administrator(NANAO)
    assert scene.refusal(NANAO, "webui", block, actor=administrator, keys=(key,)).code == "not_permitted"
    receipt = scene.submit(NANAO, "console", block, op=op)
    assert scene.event(receipt) == {"msp_id": "NanaoMSP", "fingerprint": stolen, "reason": "盗難"}
    assert scene.submit(NANAO, "console", block, op=op).replayed
    assert scene.refusal(NANAO, "console", block).params == {"state": "blocked"}
    place = {"msp_id": "NanaoMSP", "fingerprint": stolen}
    document = scene.evaluate(NANAO, "directory.get_blocked", **place)
    assert (document["status"], document["since"], document["reason"]) == ("blocked", document["at"], "盗難")

    lift, op = UnblockCertificate(stolen, "発見"), ulid()
    assert scene.refusal(HACHIOJI, "console", lift).code == "not_found", "another MSP's"
    receipt = scene.submit(NANAO, "console", lift, actor=administrator, keys=(key,), op=op)
    assert scene.event(receipt) == {"msp_id": "NanaoMSP", "fingerprint": stolen, "reason": "発見"}
    assert scene.submit(NANAO, "console", lift, actor=administrator, keys=(key,), op=op).replayed
    assert scene.refusal(NANAO, "console", lift).params == {"state": "lifted"}
    scene.submit(NANAO, "console", BlockCertificate(stolen, "再び"))
    assert scene.evaluate(NANAO, "directory.get_blocked", **place)["status"] == "blocked"


def test_a_stolen_certificate_ends_in_the_next_block(memory: MemoryChannel) -> None:
    scene, actor = Scene(memory), memory.administrator(NANAO)[0]
    stolen = MemoryAccess(memory, MSP_IDS[NANAO], "webui", certificate="stolen")
    stolen.submit(save(), actor)
    scene.submit(NANAO, "console", BlockCertificate(stolen.creator.fingerprint, ""))
    with pytest.raises(Refused, check=lambda refusal: refusal.code == "not_permitted"):
        stolen.submit(save(), actor)
    scene.submit(NANAO, "webui", save(), actor=actor)
    scene.submit(NANAO, "console", UnblockCertificate(stolen.creator.fingerprint, ""))
    stolen.submit(save(), actor)


def test_the_fingerprint_is_the_certificates(memory: MemoryChannel) -> None:
    creator = MemoryAccess(memory, MSP_IDS[NANAO], "webui").creator
    der = x509.load_pem_x509_certificate(creator.certificate).public_bytes(Encoding.DER)
    assert creator.fingerprint == hashlib.sha256(der).hexdigest()


def test_the_console_does_not_block_itself(memory: MemoryChannel) -> None:
    console = MemoryAccess(memory, MSP_IDS[NANAO], "console")
    refusal = Scene(memory).refusal(NANAO, "console", BlockCertificate(console.creator.fingerprint, ""))
    assert (refusal.code, refusal.params) == ("bad_argument", {"field": "fingerprint"})
