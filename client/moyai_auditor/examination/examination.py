"""Walks the chain block by block through every copy of it, judges each block, and replays what is valid."""
from __future__ import annotations

from collections import Counter, defaultdict
from typing import Callable, Iterable, Protocol, Sequence

from hfc.protos.common import common_pb2

from moyai_auditor.examination import orderer_notes
from moyai_auditor.examination.blocks import COMMIT_HASH, Block, Unreadable
from moyai_auditor.examination.canaries import Canaries
from moyai_auditor.examination.channel_configuration import Configuration, NotAuthorised
from moyai_auditor.examination.comparison import differences
from moyai_auditor.examination.envelope import CONFIG, open_envelope
from moyai_auditor.examination.findings import Findings
from moyai_auditor.examination.times import Claim, implausible
from moyai_auditor.examination.verdict import VALID, Judge, Opened, Reason, code_name
from moyai_auditor.examination.world_state import WorldState


class Source(Protocol):
    """One copy of the chain, with the numbers of its first block and behind its last one."""

    label: str
    first: int
    height: int

    def block(self, number: int) -> Block | None:
        """One block, None where the copy lacks it. Raises Unreadable."""


class Replay(Protocol):
    """Takes in what is valid, and judges it by rules of its own."""

    def read(self, number: int, transactions: Sequence[tuple[int, Opened]]) -> None:
        """One block's valid transactions with their places in it."""


class Examination:
    """One walk through the chain. `transactions` counts by validation code."""

    def __init__(self, sources: Sequence[Source], findings: Findings, replay: Replay,
                 canaries: Canaries | None = None) -> None:
        self.sources = sources
        self.findings = findings
        self.state = WorldState()
        self.configuration: Configuration | None = None
        self.transactions: Counter[str] = Counter()
        self.blocks = 0
        self.genesis_hash = ""
        self.replayed_until = -1
        self._replay = replay
        self._canaries = canaries
        self._judge = Judge(self.state)
        self._claims: list[Claim] = []
        self._header_hashes: dict[str, bytes] = {}
        self._is_whole = True

    @property
    def height(self) -> int:
        """Number behind the last block of any copy."""
        return max((source.height for source in self.sources), default=0)

    def run(self, progress: Callable[[int, int, int], None], latest: int | None = None) -> None:
        """Walks from the first block to the last; `progress` hears blocks done, blocks in all, transactions done;
        `latest` is the time of reading in UTC seconds, where the chain is live."""
        for number in range(self.height):
            self._block(number)
            progress(number + 1, self.height, sum(self.transactions.values()))
        self.findings.looked("timestamp", len(self._claims))
        for claim, sentence in implausible(self._claims, latest):
            self.findings.add("timestamp", sentence, block=claim.block, transaction=claim.transaction,
                              tx_id=claim.tx_id)

    def last_header_hash(self, label: str) -> bytes:
        """Hash of the last header of a copy, for comparison with what its peer says."""
        return self._header_hashes.get(label, b"")

    # One block in every copy

    def _block(self, number: int) -> None:
        copies = dict(self._copies(number))
        groups: dict[tuple[bytes, bytes], list[str]] = defaultdict(list)
        for label, block in copies.items():
            groups[block.header_hash, block.content_hash].append(label)
        for labels in groups.values():
            self._check_links(number, labels, copies[labels[0]], everywhere=len(groups) == 1)
        if not groups:
            self._is_whole = False
            self._header_hashes.clear()
            return
        order = sorted(groups, key=lambda key: (key[1] != copies[groups[key][0]].data_hash, -len(groups[key])))
        reference = copies[groups[order[0]][0]]
        if len(copies) > 1:
            self.findings.looked("peers_agree")
        for key in order[1:]:
            for sentence, place in differences(reference, copies[groups[key][0]]):
                self.findings.add("peers_agree", sentence, block=number, transaction=place,
                                  peer=", ".join(groups[key]))
        try:
            self._judge_block(reference, list(copies.items()))
        except Exception as error:
            # Whoever tampers with a block must not be able to end the audit: what no check expected is told as well.
            self._is_whole = False
            self.findings.add("reading", f"the block cannot be judged: {error!r}", block=number)
        for label in copies:
            self._header_hashes[label] = copies[label].header_hash

    def _copies(self, number: int) -> Iterable[tuple[str, Block]]:
        for source in self.sources:
            if not source.first <= number < source.height:
                continue
            self.findings.looked("reading")
            try:
                block = source.block(number)
            except Unreadable as error:
                self.findings.add("reading", f"the block cannot be read: {error}", block=number, peer=source.label)
                continue
            if block is None:
                self.findings.add("reading", "the block is missing", block=number, peer=source.label)
            else:
                yield source.label, block

    def _check_links(self, number: int, labels: list[str], block: Block, *, everywhere: bool) -> None:
        peer = "" if everywhere and len(labels) == len(self.sources) else ", ".join(labels)
        self.findings.looked("chain")
        self.findings.looked("data_hash")
        previous = b"" if number == 0 else self._header_hashes.get(labels[0])
        if block.number != number:
            self.findings.add("chain", f"the header says {block.number}", block=number, peer=peer)
        if previous is not None and block.previous_hash != previous:
            self.findings.add("chain", "the header does not continue the block before it", block=number, peer=peer)
        if block.data_hash != block.content_hash:
            self.findings.add("data_hash", "the content is not what the header names", block=number, peer=peer)

    # Its content and notes

    def _judge_block(self, block: Block, copies: list[tuple[str, Block]]) -> None:
        self.blocks += 1
        if self.configuration is None and not self._begin(block):
            return
        assert self.configuration is not None
        former = self.configuration
        opened = [self._judge.open(data, former) for data in block.data]
        if self._canaries is not None:
            self._canaries.search(block.number, zip(block.data, opened), self.findings)
        is_config = any(one.envelope is not None and one.envelope.kind == CONFIG for one in opened)
        self._check_notes(copies, former, block.number if is_config else former.block)
        if is_config and block.number > 0:
            self._reconfigure(block, opened[0])
        flags = self._verdicts(block, opened, copies)
        self._check_commit_hash(block.number, flags, copies)
        for number, one in enumerate(opened):
            self._judge.use_number(one)
            if one.envelope is not None and one.creator is not None:
                self._claims.append(Claim(block.number, number, one.envelope.tx_id, one.envelope.at))
        if block.data_hash != block.content_hash:
            self._is_whole = False

    def _begin(self, block: Block) -> bool:
        self.genesis_hash = block.header_hash.hex()
        try:
            envelope = open_envelope(block.data[0] if block.data else b"")
            if block.number or envelope.kind != CONFIG:
                raise Unreadable("the chain does not begin with a configuration")
            self.configuration = Configuration.first(envelope)
        except (Unreadable, KeyError) as error:
            self.findings.add("configuration", f"nothing can be judged: {error}", block=block.number)
            return False
        return True

    def _reconfigure(self, block: Block, opened: Opened) -> None:
        assert self.configuration is not None
        self.findings.looked("configuration")
        if len(block.data) != 1 or opened.envelope is None or opened.envelope.kind != CONFIG:
            self.findings.add("configuration", "a configuration shares its block", block=block.number)
            return
        try:
            self.configuration.authorise(opened.envelope)
        except (NotAuthorised, Unreadable) as error:
            self.findings.add("configuration", str(error), block=block.number, transaction=0)
        try:
            self.configuration = self.configuration.change(opened.envelope, block.number)
        except Unreadable as error:
            self.findings.add("configuration", str(error), block=block.number, transaction=0)

    def _check_notes(self, copies: list[tuple[str, Block]], configuration: Configuration, last_config: int) -> None:
        for label, block in copies:
            self.findings.looked("orderer_signature")
            self.findings.looked("metadata")
            self.findings.looked("last_config")
            for check, sentence in orderer_notes.complaints(block, configuration, last_config):
                self.findings.add(check, sentence, block=block.number, peer=label if len(self.sources) > 1 else "")

    def _verdicts(self, block: Block, opened: list[Opened], copies: list[tuple[str, Block]]) -> bytes:
        """Judges the transactions in their order; returns the verdicts that the copies give."""
        flags = self._flags(block, copies)
        valid = []
        for number, one in enumerate(opened):
            flag = flags[number] if number < len(flags) else -1
            self.transactions[code_name(flag)] += 1
            self._judge_transaction(block.number, number, one, flag)
            if flag == VALID:
                self._judge.take(one, (block.number, number))
                valid.append((number, one))
        if self._is_whole:
            self._replay.read(block.number, valid)
            self.replayed_until = block.number
        return flags

    def _flags(self, block: Block, copies: list[tuple[str, Block]]) -> bytes:
        found: dict[bytes, list[str]] = defaultdict(list)
        for label, copy in copies:
            found[copy.flags].append(label)
        flags = max(found, key=lambda one: (len(one) == len(block.data), len(found[one])))
        for other, labels in found.items():
            if len(other) != len(block.data):
                self.findings.add("validation_code", f"{len(other)} verdicts stand for {len(block.data)} transactions",
                                  block=block.number, peer=", ".join(labels))
            elif other != flags:
                number = next(place for place, code in enumerate(other) if code != flags[place])
                self.findings.add("peers_agree", f"transaction {number} is {code_name(other[number])} here and "
                                  f"{code_name(flags[number])} elsewhere", block=block.number, transaction=number,
                                  peer=", ".join(labels))
        return flags

    def _judge_transaction(self, block: int, number: int, opened: Opened, flag: int) -> None:
        for check in ("envelope", "creator_signature", "transaction_id", "proposal", "endorsement_policy",
                      "read_version", "validation_code", "certificate_time"):
            self.findings.looked(check)
        self.findings.looked("endorsement", len(opened.endorsed.endorsements) if opened.endorsed else 0)
        reasons = list(opened.reasons)
        if opened.is_valid and self._is_whole and (stale := self._judge.stale(opened)):
            reasons.append(stale)
        tx_id = opened.envelope.tx_id if opened.envelope else ""
        if flag == VALID:
            for reason in (*reasons, *_expired(opened)):
                self.findings.add(reason.check, reason.sentence, block=block, transaction=number, tx_id=tx_id)
            return
        codes = frozenset(code for reason in reasons for code in reason.codes)
        if flag not in codes and (codes or self._is_whole):
            because = next((reason.sentence for reason in reasons if reason.codes), "nothing is wrong with it")
            self.findings.add("validation_code", f"it counts as {code_name(flag)}, yet {because}", block=block,
                              transaction=number, tx_id=tx_id)

    def _check_commit_hash(self, number: int, flags: bytes, copies: list[tuple[str, Block]]) -> None:
        # The chain of commit hashes begins with block 1.
        expected = b"" if number == 0 else self.state.commit(flags)
        note = bytes(common_pb2.Metadata(value=expected).SerializeToString())
        for label, block in copies:
            if self._is_whole:
                self.findings.looked("commit_hash")
                if block.note(COMMIT_HASH) != note:
                    self.findings.add("commit_hash", "the noted state is not what the blocks make of it", block=number,
                                      peer=label if len(self.sources) > 1 else "")


def _expired(opened: Opened) -> Iterable[Reason]:
    """Certificates that were not valid at the time the transaction claims; Fabric looks only when it endorses."""
    if opened.envelope is None or opened.creator is None:
        return
    for identity in (opened.creator, *opened.endorsers):
        if not identity.is_valid_at(opened.envelope.at):
            yield Reason("certificate_time", frozenset(), f"a certificate of {identity.msp_id} was not valid then")
