"""P6: a record is checked when somebody asks, handed on as PDF or file, and verified by anyone with only that."""
from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from cryptography import x509
from pypdf import PdfReader, PdfWriter
from werkzeug.test import TestResponse

from moyai_client.proof import dump
from moyai_webui.home import Services
from tests.unit.client.proof.invented_consortium import MSP_IDS, Forge, municipality, somebody
from tests.unit.client.proof.test_proof_of_readings import proof_of
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser
from tests.unit.webui.pages.invented_ledger import COMMAND, TRANSACTION_ID, InventedLedger

RECORD = f"/records/{world.package_id(3)}"
PROOF = f"{RECORD}/proofs/{TRANSACTION_ID}"


@pytest.fixture
def office(signed_in: Callable[[str], Browser]) -> Browser:
    return signed_in("office")


@pytest.fixture
def ledger(services: Services) -> InventedLedger:
    return services.proofs._ledger


def verify(visitor: Browser, content: bytes, name: str = "proof.json") -> TestResponse:
    return visitor.send("/verify", {"file": (io.BytesIO(content), name)})


def test_looking_at_a_record_asks_nobody_and_claims_nothing(office: Browser, ledger: InventedLedger) -> None:
    page = office.get(RECORD).text
    assert not ledger.asked and "正しい記録です" not in page and "いま確かめる" in page


def test_a_record_is_checked_when_asked(office: Browser) -> None:
    page = office.get(f"{RECORD}?check=1").text
    assert "正しい記録です" in page
    assert "七尾市の署名が、公開されている証明書と合っています" in page
    assert "八王子市、七尾市が、内容を確かめて署名しています" in page
    assert "八王子市、七尾市、大島町が、有効な記録だと答えました" in page


def test_where_too_few_answer_nothing_is_green(office: Browser, ledger: InventedLedger) -> None:
    ledger.away = True
    page = office.get(f"{RECORD}?check=1").text
    assert "確かめられませんでした" in page and "正しい記録です" not in page
    assert office.get(PROOF).status_code == 503 and office.get(f"{RECORD}/certificate.pdf").status_code == 503


def test_only_transactions_of_the_record_are_handed_out(office: Browser, ledger: InventedLedger) -> None:
    assert office.get(f"{RECORD}/proofs/{'0' * 64}").status_code == 404 and not ledger.asked


def test_the_file_is_verified_by_a_visitor(office: Browser, visitor: Browser) -> None:
    page = verify(visitor, office.get(PROOF).data)
    assert page.status_code == 200 and "正しい記録です" in page.text
    assert "受取" in page.text and "七尾市" in page.text and TRANSACTION_ID in page.text


def test_the_certificate_is_a_pdf_that_carries_its_proofs(office: Browser, visitor: Browser) -> None:
    pdf = office.get(f"{RECORD}/certificate.pdf").data
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert "証 明 書" in text and "液体ミルク" in text
    page = verify(visitor, pdf, "certificate.pdf")
    assert "すべて書き換えられていません" in page.text and TRANSACTION_ID in page.text


def test_a_reading_is_verified_too(visitor: Browser, ledger: InventedLedger) -> None:
    page = verify(visitor, dump(proof_of(0, 3)))
    assert "この値は、まとめて記録された値の1つです" in page.text


@pytest.mark.parametrize("forged", [
    Forge(arguments=COMMAND, witnesses=[somebody("NanaoMSP", "peer")]), Forge(arguments=COMMAND, code=11),
    Forge(arguments=COMMAND, authorities=[municipality(msp_id, 1) for msp_id in MSP_IDS]),
], ids=["one of three answers", "the peers call it invalid", "an invented consortium"])
def test_what_does_not_hold_is_said_so(visitor: Browser, forged: Forge) -> None:
    page = verify(visitor, dump(forged.proof()))
    assert "一致しません" in page.text and "正しい記録です" not in page.text


def test_a_changed_file_does_not_match(office: Browser, visitor: Browser) -> None:
    content = json.loads(office.get(PROOF).data)
    content["transaction_id"] = "0" * 64
    page = verify(visitor, json.dumps(content, separators=(",", ":"), sort_keys=True).encode())
    assert "一致しません" in page.text


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"{}", b"%PDF-1.7 not really", b"x" * 100_000])
def test_what_is_no_proof_is_answered_with_what_to_do(visitor: Browser, content: bytes) -> None:
    page = verify(visitor, content)
    assert page.status_code == 422 and "選んでください" in page.text and "正しい記録です" not in page.text


def test_a_pdf_without_proofs_is_no_proof(visitor: Browser) -> None:
    writer, pdf = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(pdf)
    assert verify(visitor, pdf.getvalue(), "a.pdf").status_code == 422


def test_without_peers_a_file_is_neither_right_nor_wrong(visitor: Browser, ledger: InventedLedger) -> None:
    file = dump(Forge(arguments=COMMAND).proof())
    ledger.away = True
    page = verify(visitor, file)
    assert "いま確かめられません" in page.text and "正しい記録です" not in page.text


def test_a_number_leads_to_its_record_and_a_code_to_its_box(visitor: Browser) -> None:
    assert "正しい記録です" in visitor.get(f"/verify?code={TRANSACTION_ID}").text
    assert visitor.get(f"/verify?code={world.package_id(3)}").location == f"/t/{world.package_id(3)}"
    assert "見つかりません" in visitor.get("/verify?code=abc").text


def test_the_public_certificates_are_those_of_the_municipalities(visitor: Browser) -> None:
    archive = zipfile.ZipFile(io.BytesIO(visitor.get("/verify/certificates.zip").data))
    assert {name: x509.load_pem_x509_certificate(archive.read(name)) for name in archive.namelist()} == {
        f"certificates/{msp_id}.pem": municipality(msp_id).certificate for msp_id in world.MSP_IDS.values()}
