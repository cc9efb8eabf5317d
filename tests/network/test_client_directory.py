"""`moyai directory` on a real network: the municipalities join, officials and keys come and go."""
from __future__ import annotations

import json
import re

import pytest
from moyai_contracts.api.relief import SetSiteStatus

from moyai_client.errors import Refused
from tests.contract.channel import NANAO, OSHIMA
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene
from tests.network.consortium import RunningConsortium


def directory(consortium: RunningConsortium, *arguments: str, code6: str = NANAO) -> str:
    """What a console's command prints; it must succeed."""
    done = consortium.moyai("directory", "--as", code6, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_bootstrap_brings_all_in_and_is_harmless_when_repeated(consortium: RunningConsortium) -> None:
    first = consortium.moyai("directory", "bootstrap")
    assert first.returncode == 0, first.stderr
    again = consortium.moyai("directory", "bootstrap")
    names = {entry.code: entry.name for entry in consortium.definition.municipalities}
    assert again.stdout.splitlines() == [f"{code} {names[code]}: active" for code in consortium.codes]
    assert json.loads(directory(consortium, "show", "roster"))["codes"] == list(consortium.codes)
    for code in consortium.codes:
        accounts = json.loads((consortium.state.home(code).actor_keys / "accounts.json").read_text())
        document = json.loads(directory(consortium, "show", "account", accounts["A"], code6=code))
        assert (document["roles"], document["office"]) == (["A"], code)


def test_an_official_s_account_and_key(consortium: RunningConsortium) -> None:
    opened = directory(consortium, "open-account", "--role", "A", "--office", NANAO)
    account = re.search("[0-9A-HJKMNP-TV-Z]{26}", opened)
    assert account is not None
    key = re.search("key ([0-9a-f]{16})", directory(consortium, "register-key", account[0]))
    assert key is not None
    directory(consortium, "confirm-key", account[0], key[1])
    assert json.loads(directory(consortium, "show", "key", account[0], key[1]))["grade"] == "confirmed"
    directory(consortium, "revoke-key", account[0], key[1])
    foreign = consortium.moyai("directory", "--as", OSHIMA, "close-account", account[0], "--reason", "試験")
    assert foreign.returncode == 1 and "foreign_record" in foreign.stderr
    directory(consortium, "close-account", account[0], "--reason", "試験")


def test_a_stolen_certificate_ends_in_the_next_block(consortium: RunningConsortium) -> None:
    channel = FabricChannel(consortium.state.root).bootstrap()
    scene = Scene(channel)
    site = scene.site(OSHIMA)
    administrator, _ = channel.administrator(OSHIMA)
    certificate = str(consortium.state.home(OSHIMA).service("webui") / "certificate.pem")
    directory(consortium, "block-certificate", certificate, "--reason", "試験", code6=OSHIMA)
    try:
        with pytest.raises(Refused) as caught:
            scene.submit(OSHIMA, "webui", SetSiteStatus(OSHIMA, site, True, 5), actor=administrator)
    finally:
        directory(consortium, "unblock-certificate", certificate, "--reason", "試験", code6=OSHIMA)
    assert caught.value.code == "not_permitted"
    assert scene.submit(OSHIMA, "webui", SetSiteStatus(OSHIMA, site, True, 6), actor=administrator).block_number
    channel.close()
