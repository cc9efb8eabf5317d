"""`moyai verify FILE`: is what a proof says true? Offline, with nothing but the file and public certificates."""
from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import click

from moyai_client.proof.certificates import Authorities
from moyai_client.proof.files import ReadingProof, TransactionProof, load
from moyai_client.proof.not_proven import NotProven, UnreadableProof
from moyai_client.proof.reading import ReadingFacts, verify_reading
from moyai_client.proof.transaction import TransactionFacts, verify_transaction

WRONG, UNREADABLE = 1, 2


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--certificates", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder with the certificate of each municipality's authority, named <MSP id>.pem.")
def verify(file: Path, folder: Path | None) -> None:
    """Check the proof of a transaction or a reading, offline.

    Exit code 0: it is true. 1: it is not. 2: the file or a certificate cannot be read.
    """
    try:
        proof = load(file.read_bytes())
        trusted = Authorities.in_folder(folder) if folder else None
        facts = _verified(proof, trusted)
    except UnreadableProof as error:
        raise _ended(f"CANNOT BE READ: {error}.", UNREADABLE) from error
    except NotProven as error:
        raise _ended(f"DOES NOT MATCH: {error}.", WRONG) from error
    click.echo("\n".join(_told(facts, trusted is not None)))


def _verified(proof: ReadingProof | TransactionProof, trusted: Authorities | None) -> ReadingFacts | TransactionFacts:
    if isinstance(proof, ReadingProof):
        return verify_reading(proof, trusted)
    return verify_transaction(proof, trusted)


def _ended(sentence: str, code: int) -> click.exceptions.Exit:
    click.echo(sentence, err=True)
    return click.exceptions.Exit(code)


def _told(facts: ReadingFacts | TransactionFacts, is_trusted: bool) -> list[str]:
    transaction = facts.transaction if isinstance(facts, ReadingFacts) else facts
    lines = _of_reading(facts) if isinstance(facts, ReadingFacts) else ["CORRECT: the transaction is on the ledger."]
    lines += _of_transaction(transaction)
    if not is_trusted:
        lines.append("This holds if these are the municipalities' certificates; compare the fingerprints (SHA-256):")
        lines += [f"  {msp_id} {fingerprint}" for msp_id, fingerprint in transaction.fingerprints.items()]
    return lines


def _of_reading(facts: ReadingFacts) -> list[str]:
    reading, batch = facts.reading, facts.batch
    return ["CORRECT: the reading is one of those anchored on the ledger.",
            f"Reading: device {reading.device}, register {reading.register}, {reading.raw} at {_utc(reading.at)}"
            f" by the meter's clock, number {reading.seq}",
            f"Batch: {batch.slot} number {batch.n} of bridge {batch.bridge}, {batch.size} readings, root {batch.root}"]


def _of_transaction(facts: TransactionFacts) -> list[str]:
    told = "which holds nothing else" if facts.is_alone else "by the word of whoever made this file"
    return [f"Transaction: {facts.transaction_id}",
            f"  {facts.function} on channel {facts.channel}, signed by {facts.sender}, {_utc(facts.at)} by its clock",
            f"  endorsed by peers of {', '.join(facts.endorsers)}",
            f"  found valid on {_utc(facts.asked_at)} by peers of {', '.join(facts.witnesses)}",
            f"  in block {facts.block_number}, {told}"]


def _utc(seconds: int) -> str:
    """The time, as far as a calendar has it."""
    try:
        return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, OSError, ValueError):
        return f"second {seconds}"
