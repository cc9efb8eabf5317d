"""People, sites and items for the suite: each made afresh, so that a ledger with a history serves as well."""
from __future__ import annotations

import secrets
from typing import Any

from ulid import ULID

from moyai_client.actor_key import ActorKey
from moyai_client.blocks import Transaction
from moyai_client.errors import Refused
from moyai_client.ledger import Receipt
from moyai_contracts.api import Actor, Command, relief
from moyai_contracts.api.directory import (
    AccountLine, ConfirmKey, ItemLine, OpenAccount, RegisterKey, SaveItem, SaveSite, SiteLine)
from moyai_contracts.api.identifiers import CROCKFORD
from tests.contract.channel import NANAO, Channel, Submission, send


def random_id() -> str:
    """An account id: 26 random symbols."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(26))


def ulid() -> str:
    """A fresh ULID."""
    return str(ULID())


class Scene:
    """Sends commands on a channel and sets up what they need."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._handed_out: set[str] = set()

    def submit(self, code6: str, service: str, command: Command, *, actor: Actor | None = None,
               keys: tuple[ActorKey, ...] = (), op: str | None = None, scope: str | None = None) -> Receipt:
        """Records a command of a municipality's service."""
        return send(self.channel, Submission(code6, service, command, op or ulid(), actor, keys, scope))

    def refusal(self, code6: str, service: str, command: Command, *, actor: Actor | None = None,
                keys: tuple[ActorKey, ...] = (), op: str | None = None) -> Refused:
        """The refusal that a command meets; it is an error of the test if it meets none."""
        try:
            receipt = self.submit(code6, service, command, actor=actor, keys=keys, op=op)
        except Refused as refusal:
            return refusal
        raise AssertionError(f"{command} was not refused: {receipt}")

    def evaluate(self, code6: str, name: str, /, **arguments: Any) -> Any:
        """The answer of a query, asked by a municipality's web UI."""
        return self.channel.access(code6, "webui").evaluate(name, arguments)

    def transaction(self, receipt: Receipt) -> Transaction:
        """A receipt's transaction as it stands in its block."""
        assert receipt.block_number is not None, "an earlier result has no transaction of its own"
        return next(each for each in self.channel.transactions(receipt.block_number) if each.tx_id == receipt.tx_id)

    def event(self, receipt: Receipt) -> dict[str, Any]:
        """The data of a receipt's event."""
        event = self.transaction(receipt).event
        assert event is not None
        return dict(event.payload["data"])

    def administer(self, code6: str, command: Command, *, op: str | None = None) -> Receipt:
        """Records a command of the administrator, signed with the confirmed key."""
        actor, key = self.channel.administrator(code6)
        return self.submit(code6, "console", command, actor=actor, keys=(key,), op=op)

    def official(self, code6: str, role: str, office: str | None = None) -> Actor:
        """A new official's account."""
        line = AccountLine(random_id(), (role,), office or code6, "institution")
        self.administer(code6, OpenAccount((line,)))
        return Actor(line.account_id, role, line.office)

    def supporter(self, code6: str, party: str = "company") -> Actor:
        """A new supporter, who opened the account alone."""
        line = AccountLine(random_id(), ("P",), code6, party)
        self.submit(code6, "webui", OpenAccount((line,)))
        return Actor(line.account_id, "P", code6)

    def key(self, actor: Actor, *, confirmed: bool = False) -> ActorKey:
        """A new key of an account; the console confirms it if asked to."""
        code6 = actor.office[:6]
        key = ActorKey.generate(actor.account)
        self.submit(code6, "webui", RegisterKey(key.public), actor=actor)
        if confirmed:
            self.submit(code6, "console", ConfirmKey(actor.account, key.key_id))
        return key

    def site(self, code6: str, *, is_open: bool = True, kind: str = "shelter") -> str:
        """A new site, a shelter unless said otherwise."""
        actor, _ = self.channel.administrator(code6)
        site_id = f"T-{secrets.token_hex(8)}"
        line = SiteLine(site_id, 0, kind, "試験避難所", "試験町1-1")
        self.submit(code6, "webui", SaveSite((line,)), actor=actor)
        if is_open:
            self.submit(code6, "webui", relief.SetSiteStatus(code6, site_id, True, 100), actor=actor)
        return site_id

    def item(self, code6: str, **fields: Any) -> str:
        """A new item of a municipality's own catalogue."""
        code = self.free_item(code6)
        actor, _ = self.channel.administrator(code6)
        self.submit(code6, "webui", SaveItem((item_line(code, **fields),)), actor=actor)
        return code

    def free_item(self, prefix: str) -> str:
        """An item code that is not taken; `000000` for one of the common catalogue."""
        for _ in range(100):
            code = f"{prefix}-{secrets.randbelow(10_000):04}"
            if code not in self._handed_out and not self.exists("directory.get_item", item_code=code):
                self._handed_out.add(code)
                return code
        raise AssertionError(f"{prefix} has no free item code")

    def exists(self, query: str, /, **arguments: Any) -> bool:
        """Whether a document stands on the ledger."""
        try:
            self.evaluate(NANAO, query, **arguments)
        except Refused as refusal:
            assert refusal.code == "not_found", refusal
            return False
        return True


def item_line(code: str, rev: int = 0, **fields: Any) -> ItemLine:
    """An item of food, unless said otherwise."""
    values = {"name": "試験品", "category": "food", "base_unit": "個", "perishable": False} | fields
    return ItemLine(code, rev, **values)
