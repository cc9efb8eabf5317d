"""S8: one mail over SMTP: encrypted where that is offered, unchanged on arrival, every failure told exactly."""
from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from moyai_webui.mail.post_office import Doubtful, NotTaken, PostOffice
from tests.unit.webui.mail.mail_server import MailServer

SENDER, RECIPIENT = "moyai@nanao.example", "bousai@nanao.example"


def _mail(text: str = "本文\n") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "件名", SENDER, RECIPIENT
    message.set_content(text)
    return message


def _certificate(folder: Path) -> ssl.SSLContext:
    """A server's certificate that nobody vouches for, as mail servers often have."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(timezone.utc)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
                   .sign(key, hashes.SHA256()))
    pem = folder / "server.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.fixture
def encrypting(tmp_path: Path) -> Iterator[MailServer]:
    """A server that takes mail only after STARTTLS."""
    server = MailServer(tls_context=_certificate(tmp_path), require_starttls=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of somebody who takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def _serve_once(listener: socket.socket, *answers: bytes) -> None:
    """Sends the answers one by one, each after what the other side said, and hangs up."""
    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            for answer in answers:
                connection.sendall(answer)
                connection.recv(65536)
    threading.Thread(target=serve, daemon=True).start()


def test_s08_tls_is_used_where_it_is_offered(encrypting: MailServer) -> None:
    PostOffice("127.0.0.1", encrypting.port).hand_over(_mail(), SENDER, RECIPIENT)
    assert encrypting.secure == [True]


def test_s08_a_server_without_tls_gets_the_mail_too(server: MailServer) -> None:
    assert PostOffice("127.0.0.1", server.port).hand_over(_mail(), SENDER, RECIPIENT) == "250 taken"
    assert server.secure == [False]


@pytest.mark.parametrize("text", [".\n..\n.com\n", "no end of line", "\n", "a\n.\nb\n"])
def test_s08_lines_of_dots_arrive_as_they_were_written(server: MailServer, text: str) -> None:
    PostOffice("127.0.0.1", server.port).hand_over(_mail(text), SENDER, RECIPIENT)
    part = server.mails[0].get_body(("plain",))
    assert part is not None and part.get_content().splitlines() == text.splitlines()


@pytest.mark.parametrize(("answers", "for_good", "answered"), [
    ((b"554 go away\r\n",), False, False),
    ((b"220 hi\r\n", b"250 ok\r\n", b"451 later\r\n"), False, True),
    ((b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"550 nobody\r\n"), True, True),
    ((b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"554 no mail today\r\n"), True, True),
    ((b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n"), False, False),
], ids=["greeting", "sender", "recipient", "data", "line drops before the mail"])
def test_s08_whatever_happens_before_the_mail_itself_leaves_no_doubt(answers: tuple[bytes, ...], for_good: bool,
                                                                     answered: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        _serve_once(listener, *answers)
        with pytest.raises(NotTaken) as told:
            PostOffice("127.0.0.1", listener.getsockname()[1], 5).hand_over(_mail(), SENDER, RECIPIENT)
    assert (told.value.for_good, told.value.answered) == (for_good, answered)


def test_s08_no_answer_to_the_mail_is_a_doubt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        _serve_once(listener, b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")
        with pytest.raises(Doubtful):
            PostOffice("127.0.0.1", listener.getsockname()[1], 5).hand_over(_mail(), SENDER, RECIPIENT)


def test_s08_a_server_that_says_nothing_is_given_up(silent: int) -> None:
    with pytest.raises(NotTaken) as told:
        PostOffice("127.0.0.1", silent, 0.2).hand_over(_mail(), SENDER, RECIPIENT)
    assert not told.value.answered and not told.value.for_good


@pytest.mark.parametrize("address", ["", "nobody", "a@b>c", "和倉@nanao.example", "a b@c", "a@b\r\nRCPT TO:<x@y>"])
def test_s08_what_is_no_address_is_never_spoken_to_a_server(address: str) -> None:
    with pytest.raises(NotTaken) as told:
        PostOffice("127.0.0.1", 9).hand_over(_mail(), SENDER, address)
    assert told.value.for_good
