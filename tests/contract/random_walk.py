"""Random commands about few things: most could go, many are late, wrong, unsigned or in each other's way."""
from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moyai_client.actor_key import ActorKey
from moyai_client.blocks import Transaction
from moyai_contracts import keys
from moyai_contracts.api import Actor, canonical
from moyai_contracts.api.command import signing_bytes
from moyai_contracts.api.directory import vote_hash
from moyai_contracts.api.evidence import mail_id
from moyai_contracts.api.identifiers import CROCKFORD
from moyai_contracts.api.schema import to_json
from moyai_shim.memory import Endorsed
from tests.contract.authority_table import ALL, Rule, rule_for
from tests.contract.channel import CODES
from tests.contract.memory_channel import MemoryChannel, refused

Fields = dict[str, Any]
SITES = tuple(f"S{number}" for number in range(6))
# Many votes, so that something is decided; few members go, so that there is somebody to vote.
WEIGHTS = {"directory.cast_vote": 15, "directory.activate_item": 6, "directory.propose_item": 2,
           "directory.deactivate_municipality": 1, "directory.activate_municipality": 6,
           "directory.suspend_account": 2, "directory.close_account": 1, "directory.revoke_key": 1}
HEX = "0123456789abcdef"
LOOSE = 0.1
"""How often something is drawn blindly where a fitting value is known."""


@dataclass(frozen=True)
class Sent:
    """A command as it was sent, to be sent again."""

    code6: str
    service: str
    function: str
    text: bytes


class Walk:
    """Draws commands of `directory` and `evidence` and commits what passes, several in a block."""

    def __init__(self, channel: MemoryChannel, seed: int) -> None:
        self.channel = channel
        self.random = random.Random(seed)
        self.tally: Counter[tuple[str, str]] = Counter()
        self.actors = {code6: [channel.administrator(code6)[0]] for code6 in CODES}
        self.signers = {channel.administrator(code6)[0].account: [channel.administrator(code6)[1]] for code6 in CODES}
        self._ids = 0
        self._latest: list[Sent] = []
        self._makers: dict[str, Callable[[str], Fields]] = {
            f"directory.{name.removeprefix('_')}": getattr(self, name) for name in (
                "_cast_vote", "_activate_municipality", "_deactivate_municipality", "_set_policy", "_save_site",
                "_retire_site", "_save_item", "_propose_item", "_activate_item", "_open_account", "_change_account",
                "_suspend_account", "_resume_account", "_close_account", "_register_key", "_confirm_key",
                "_revoke_key", "_block_certificate", "_unblock_certificate", "_attest_account", "_open_drill",
                "_close_drill")}
        self._makers["evidence.record_mail"] = self._record_mail
        self._makers["relief.set_site_status"] = self._set_site_status

    def block(self) -> list[Transaction]:
        """One block of up to five commands that were endorsed on the same state; its transactions."""
        first = self.channel.height
        endorsed = [passed for _ in range(self.random.randint(1, 5)) if (passed := self._send(self._draw()))]
        if endorsed:
            self.channel.ledger.commit(endorsed)
        return self.channel.transactions(first)

    def document(self, key: str) -> Fields | None:
        """A document as it stands."""
        value = self.channel.ledger.state.get(key)
        return canonical.decode(value) if value else None

    # Sending

    def _draw(self) -> Sent:
        if self._latest and self.random.random() < LOOSE:
            return self._latest[-1]
        code6 = self.random.choice(CODES)
        names = sorted(self._makers)
        (function,) = self.random.choices(names, [WEIGHTS.get(name, 3) for name in names])
        content = self._makers[function](code6)
        rule = rule_for(function, content, lambda account: self.document(keys.account(account)))
        message = {"v": 1, "op": self._new_id()} | content
        if function.startswith("relief."):
            message["scope"] = "live"
        actor = self._actor(code6, rule, content)
        if actor is not None:
            message["actor"] = to_json(actor)
            self._sign(function, message, actor, rule)
        if actor is not None and self.random.random() < LOOSE / 3:
            code6 = self.random.choice(CODES)
        service = self._pick(sorted(rule.services if actor else rule.alone), ("webui", "console", "worker", "bridge"))
        return Sent(code6, service, function, canonical.encode(message))

    def _send(self, sent: Sent) -> Endorsed | None:
        endorsed = self.channel.access(sent.code6, sent.service).endorse_raw(sent.function, sent.text)
        if endorsed.response.is_error:
            self.tally[sent.function, refused(endorsed.response).code] += 1
            return None
        self._latest = [sent]
        replayed = canonical.decode(endorsed.response.payload).get("replayed", False)
        self.tally[sent.function, "replayed" if replayed else "done"] += 1
        return None if replayed else endorsed

    def _actor(self, code6: str, rule: Rule, content: Fields) -> Actor | None:
        alone = bool(rule.alone) and (not rule.roles or rule.roles == "P" or self.random.random() < 0.3)
        if alone and self.random.random() > LOOSE:
            return None
        fitting = [actor for actor in self.actors[code6] if actor.role in rule.roles and self._can(actor, rule.grade)]
        own = [actor for actor in self.actors[code6] if self._can(actor, "s")]
        return self._pick(fitting, own or [actor for actors in self.actors.values() for actor in actors])

    def _can(self, actor: Actor, grade: str) -> bool:
        """Whether an account is active and has a key of that grade."""
        account = self.document(keys.account(actor.account))
        is_active = account is not None and account["status"] == "active"
        return is_active and (grade == "s" or bool(self._confirmed(actor)))

    def _confirmed(self, actor: Actor) -> list[ActorKey]:
        documents = {key: self.document(keys.actor_key(actor.account, key.key_id))
                     for key in self.signers.get(actor.account, [])}
        return [key for key, document in documents.items()
                if document and (document["grade"], document["status"]) == ("confirmed", "active")]

    def _sign(self, function: str, message: Fields, actor: Actor, rule: Rule) -> None:
        signers = self.signers.get(actor.account, [])
        if not signers or (rule.grade == "s" and self.random.random() < 0.8) or self.random.random() < LOOSE / 2:
            return
        key = self._pick(self._confirmed(actor), signers)
        message["proof"] = [key.proof(self.channel.now, actor.account)]
        message["proof"][0]["sig"] = key.sign(signing_bytes(function, message))

    # Drawing

    def _pick(self, fitting: Any, anything: Any) -> Any:
        return self.random.choice(fitting if fitting and self.random.random() > LOOSE else anything)

    def _new_id(self) -> str:
        self._ids += 1
        number = self._ids
        return "".join(CROCKFORD[number >> (5 * place) & 31] for place in reversed(range(26)))

    def _rev(self, key: str) -> int:
        document = self.document(key)
        return self._pick([document["rev"] if document else 0], range(4))

    def _account(self, code6: str) -> str:
        own = [actor.account for actor in self.actors[code6]]
        return self._pick(own, [actor.account for actors in self.actors.values() for actor in actors] + ["Z" * 26])

    def _item(self, prefix: str) -> str:
        return f"{self._pick([prefix], [*CODES, '000000'])}-{self.random.randrange(4):04}"

    # One maker a transaction

    def _cast_vote(self, code6: str) -> Fields:
        kind = self.random.choice(("municipality", "item", "item"))
        ref = self.random.choice(CODES) if kind == "municipality" else self._item("000000")
        document = self.document(keys.municipality(ref) if kind == "municipality" else keys.item(ref))
        content = self._pick([vote_hash(document)] if document else [], ["0" * 64])
        return {"kind": kind, "ref": ref, "hash": content, "choice": self._pick(["yes"], ["no"])}

    def _activate_municipality(self, code6: str) -> Fields:
        return {"code6": self.random.choice((*CODES, "999999"))}

    _deactivate_municipality = _activate_municipality

    def _set_policy(self, code6: str) -> Fields:
        return {"dispatch_approval": self.random.choice(("none", "office")), "rev": self._rev(keys.municipality(code6))}

    def _save_site(self, code6: str) -> Fields:
        sites = self.random.sample(SITES, self.random.randint(1, 3))
        return {"sites": [{"site_id": site, "rev": self._rev(keys.site(code6, site)), "kind": "shelter",
                           "name": self.random.choice("東西"), "address": ""} for site in sites]}

    def _retire_site(self, code6: str) -> Fields:
        site = self.random.choice(SITES)
        return {"site_id": site, "rev": self._rev(keys.site(code6, site))}

    def _items(self, prefix: str) -> Fields:
        codes = {self._item(prefix) for _ in range(self.random.randint(1, 2))}
        return {"items": [{"item_code": code, "rev": self._rev(keys.item(code)), "name": self.random.choice("水米"),
                           "category": "food", "base_unit": self._pick("本", "箱"), "perishable": False}
                          for code in sorted(codes)]}

    def _save_item(self, code6: str) -> Fields:
        return self._items(code6)

    def _propose_item(self, code6: str) -> Fields:
        return self._items("000000")

    def _activate_item(self, code6: str) -> Fields:
        return {"item_codes": [self._item("000000")]}

    def _open_account(self, code6: str) -> Fields:
        role = self.random.choice(ALL + "AAAC")
        office = f"{code6}/{self.random.choice(SITES)}" if role == "S" else code6
        line = {"account_id": self._new_id(), "roles": [role], "office": office, "party": "institution"}
        self.actors[code6].append(Actor(line["account_id"], role, office))
        return {"accounts": [line]}

    def _change_account(self, code6: str) -> Fields:
        account_id = self._account(code6)
        document = self.document(keys.account(account_id))
        roles = document["roles"] if document else ["C"]
        return {"account_id": account_id, "rev": self._rev(keys.account(account_id)),
                "roles": self._pick([roles], [["A"], ["C", "X"], ["P"]]), "display_name": self.random.choice("東西")}

    def _suspend_account(self, code6: str) -> Fields:
        return {"account_id": self._account(code6), "reason": self.random.choice(("", "異動"))}

    _resume_account = _close_account = _suspend_account

    def _attest_account(self, code6: str) -> Fields:
        return {"account_id": self._account(code6), "flag": self.random.choice(("age_65", "resident")),
                "valid_from": "2025-04-01"}

    def _open_drill(self, code6: str) -> Fields:
        return self._close_drill(code6) | {"title": self.random.choice(("春", "秋"))}

    def _close_drill(self, code6: str) -> Fields:
        return {"drill_id": f"01{self.random.randrange(8)}".ljust(26, "0")}

    def _register_key(self, code6: str) -> Fields:
        key = ActorKey.generate(self._account(code6))
        self.signers.setdefault(key.account, []).append(key)
        return {"public": key.public}

    def _confirm_key(self, code6: str) -> Fields:
        account_id = self._account(code6)
        signers = self.signers.get(account_id, [])
        return {"account_id": account_id, "key_id": self._pick([key.key_id for key in signers], ["0" * 16])}

    _revoke_key = _confirm_key

    def _block_certificate(self, code6: str) -> Fields:
        return {"fingerprint": self.random.choice(HEX) * 64, "reason": ""}

    _unblock_certificate = _block_certificate

    def _record_mail(self, code6: str) -> Fields:
        cause, site = self.random.choice(HEX) * 64, self.random.choice(SITES)
        n = self.random.choice((0, 0, 1, 2))
        return {"mails": [{"mail_id": mail_id(cause, "offer_registered", site), "n": n, "kind": "offer_registered",
                           "cause_tx": cause, "handed_at": self.channel.now, "outcome": "accepted",
                           "message_id_sha256": "d" * 64, "site": site}]}

    def _set_site_status(self, code6: str) -> Fields:
        return {"code6": code6, "site": self.random.choice(SITES), "open": True}
