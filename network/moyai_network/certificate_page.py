"""A page on plain http from which phones fetch the certificate of the local network's CA, and nothing else."""
from __future__ import annotations

import html
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

CERTIFICATE = "/moyai-ca.crt"
_PAGE = """<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>もやいを電話で使う</title></head><body>
<h1>もやいを電話で使う</h1>
<p>カメラと署名を使うには、この証明書を電話に入れます。この証明書が使われるのは、このネットワークの中だけです。</p>
<p><a href="{certificate}">証明書を保存する</a></p>
<h2>iPhone</h2><ol><li>上の「証明書を保存する」を押し、許可します。</li><li>設定を開き、「プロファイルがダウンロード済み」からインストールします。</li>
<li>設定の「一般」「情報」「証明書信頼設定」で、Moyai を入にします。</li></ol>
<h2>Android</h2><ol><li>上の「証明書を保存する」を押します。</li><li>設定で「証明書」をさがし、「CA証明書」から、保存したファイルを選びます。</li></ol>
<h2>入れたあと</h2><ul>{links}</ul>
<p>証明書の指紋（SHA-256）：<br><code>{fingerprint}</code><br>起動した人の画面と同じことを確かめてください。</p>
</body></html>
"""


def fingerprint(ca: Path) -> str:
    """SHA-256 of the certificate, as people compare it."""
    digest = x509.load_pem_x509_certificate(ca.read_bytes()).fingerprint(hashes.SHA256()).hex().upper()
    return " ".join(digest[start:start + 4] for start in range(0, len(digest), 4))


def server(host: str, port: int, ca: Path, links: Sequence[str]) -> ThreadingHTTPServer:
    """A server for the page; `links` are the addresses to go on to."""
    certificate = x509.load_pem_x509_certificate(ca.read_bytes()).public_bytes(serialization.Encoding.DER)
    items = "".join(f'<li><a href="{html.escape(link)}">{html.escape(link)}</a></li>' for link in links)
    page = _PAGE.format(certificate=CERTIFICATE, links=items, fingerprint=fingerprint(ca)).encode()
    answers = {"/": ("text/html; charset=utf-8", page), CERTIFICATE: ("application/x-x509-ca-cert", certificate)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = answers.get(self.path, ("", b""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            """Who fetched a certificate is nobody's business."""

    return ThreadingHTTPServer((host, port), Handler)
