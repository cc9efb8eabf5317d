"""moyai-key.js in a real browser: the same bytes as the ledger's canonical JSON, signatures that Python verifies."""
from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from playwright.sync_api import Browser, Error, Page

from moyai_contracts.api import Actor, canonical
from moyai_contracts.api.command import compose, signing_bytes
from moyai_contracts.api.directory import RevokeKey
from moyai_contracts.api.encoding import from_base64url
from tests.unit.contracts.test_canonical import VECTORS

SCRIPT = Path(__file__).parents[2] / "webui" / "moyai_webui" / "static" / "moyai-key.js"
ACCOUNT = "0123456789ABCDEFGHJKMNPQRS"
OP = "01HKQ00000000000000000000A"
LARGEST_SCRIPT = 3000  # bytes, gzipped
NOT_CANONICAL = ["null", "1.5", "2 ** 53", "NaN", "undefined", "'か\\u3099'", "'\\ud800'", "({'é': 1})", "[null]",
                 "({a: undefined})", "10n", "new Map()[0]"]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a site with nothing but the script, where keys may be kept."""
    context = chromium.new_context()
    context.route("**/*", lambda route: route.fulfill(
        body=f"<title>x</title><script>{SCRIPT.read_text('utf-8')}</script>", content_type="text/html; charset=utf-8"))
    page = context.new_page()
    page.goto("http://127.0.0.1:9/")
    yield page
    context.close()


def test_the_script_is_small() -> None:
    assert len(gzip.compress(SCRIPT.read_bytes(), 6)) <= LARGEST_SCRIPT


def test_canonical_json_has_the_bytes_of_the_ledger(page: Page) -> None:
    for value, data in VECTORS:
        assert page.evaluate("value => moyaiKey.canonical(value)", value).encode() == data == canonical.encode(value)


def test_what_is_not_canonical_is_not_signed(page: Page) -> None:
    for expression in NOT_CANONICAL:
        with pytest.raises(Error, match="TypeError"):
            page.evaluate(f"() => moyaiKey.canonical({expression})")


def test_a_key_is_made_signs_and_cannot_leave(page: Page) -> None:
    made = page.evaluate("account => moyaiKey.makeKey(account).then(made => ({key: made.key, public: made.public}))",
                         ACCOUNT)
    point = bytes.fromhex(made["public"])
    assert made["key"] == hashlib.sha256(point).hexdigest()[:16]
    page.reload()
    message = compose(RevokeKey(ACCOUNT, "0" * 16), op=OP, actor=Actor(ACCOUNT, "A", "172022"))
    proof = page.evaluate("command => moyaiKey.signCommand(command, 1704700800)",
                          {**message, "function": RevokeKey.transaction})
    assert {"key": proof["key"], "signed_at": proof["signed_at"]} == {"key": made["key"], "signed_at": 1704700800}
    raw = from_base64url(proof["sig"])
    signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    public.verify(signature, signing_bytes(RevokeKey.transaction, {**message, "proof": [proof]}),
                  ec.ECDSA(hashes.SHA256()))
    with pytest.raises(Error, match="extractable"):
        page.evaluate("""account => moyaiKey.actorKey(account).then(
            own => crypto.subtle.exportKey("pkcs8", own.private))""", ACCOUNT)


def test_a_device_without_a_key_says_so(page: Page) -> None:
    assert page.evaluate("() => moyaiKey.signCommand({actor: {account: 'X'}}).then(proof => proof === undefined)")


def test_a_key_that_is_forgotten_is_gone(page: Page) -> None:
    page.evaluate("account => moyaiKey.makeKey(account).then(() => 1)", ACCOUNT)
    page.evaluate("account => moyaiKey.forgetKey(account)", ACCOUNT)
    assert page.evaluate("account => moyaiKey.actorKey(account).then(own => own === undefined)", ACCOUNT)
