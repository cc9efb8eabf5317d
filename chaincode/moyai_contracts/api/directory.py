"""Commands of the context `directory`: municipalities, sites, items, accounts, keys, certificates, drills."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any

from moyai_contracts.api import canonical
from moyai_contracts.api.command import ROLES, AccountId, Command, Date, Ulid, transaction
from moyai_contracts.api.identifiers import CODE6_PATTERN, ITEM_PATTERN, OFFICE_PATTERN, SITE_PATTERN
from moyai_contracts.api.schema import Length, OneOf, Pattern, Range, Text

Code6 = Annotated[str, Pattern(CODE6_PATTERN)]
SiteId = Annotated[str, Pattern(SITE_PATTERN)]
ItemCode = Annotated[str, Pattern(ITEM_PATTERN)]
"""`000000-0101` is common to all, `172022-0001` one municipality's own."""
KeyId = Annotated[str, Pattern(r"[0-9a-f]{16}")]
MspId = Annotated[str, Pattern(r"[A-Za-z0-9.-]{1,40}")]
Sha256 = Annotated[str, Pattern(r"[0-9a-f]{64}")]
Revision = Annotated[int, Range(0, 10**9)]
Reason = Annotated[str, Text(200, public=True)]

COMMON = "000000"
"""Stands for a municipality in the codes of the common catalogue."""

SITE_KINDS = ("shelter", "office", "hub", "warehouse")
CATEGORIES = ("food", "blanket", "infant_milk", "infant_diaper", "adult_diaper", "portable_toilet", "toilet_paper",
              "sanitary_product", "other")
"""The eight kinds that the state sends unasked, and the rest."""
VOTE_KINDS = ("municipality", "item")
REF_PATTERN = r"[0-9]{6}(-[0-9]{4})?"
"""A municipality's or an item's code."""
DISPATCH_APPROVALS = ("none", "office")
PARTIES = ("person", "company", "municipality", "institution")
ATTESTATION_PATTERN = r"[a-z][a-z0-9_]{0,19}"
"""What an office may vouch for, such as `age_65`: yes or no, never the fact behind it."""


def vote_hash(document: dict[str, Any]) -> str:
    """What a vote on a document names: SHA-256 of its bytes on the ledger, lower hex."""
    return hashlib.sha256(canonical.encode(document)).hexdigest()


@transaction("directory.register_municipality", event="directory.municipality_registered",
             data="code6 name msp_id status")
class RegisterMunicipality(Command):
    """A municipality asks to take part; the very first one is active at once."""
    code6: Code6
    name: Annotated[str, Text(40, 1)]
    msp_id: MspId


@transaction("directory.cast_vote", event="directory.vote_cast", data="kind ref hash choice")
class CastVote(Command):
    """One municipality's voice on a proposed document; `ref` its code, `hash` its `vote_hash`."""
    kind: Annotated[str, OneOf(VOTE_KINDS)]
    ref: Annotated[str, Pattern(REF_PATTERN)]
    hash: Sha256
    choice: Annotated[str, OneOf(("yes", "no"))]


@transaction("directory.activate_municipality", event="directory.municipality_activated", data="code6")
class ActivateMunicipality(Command):
    """Counts the votes of the roster and admits a pending municipality."""
    code6: Code6


@transaction("directory.deactivate_municipality", event="directory.municipality_deactivated", data="code6")
class DeactivateMunicipality(Command):
    """Counts the votes of the roster and lets a municipality go."""
    code6: Code6


@transaction("directory.set_policy", event="directory.policy_set", data="code6 dispatch_approval")
class SetPolicy(Command):
    """Whether a shelter may ask for dispatch alone (`none`) or its office approves (`office`)."""
    dispatch_approval: Annotated[str, OneOf(DISPATCH_APPROVALS)]
    rev: Revision


@dataclass(frozen=True)
class SiteLine:
    """A site as it shall be; `rev` 0 makes a new one. Coordinates in microdegrees, WGS 84."""
    site_id: SiteId
    rev: Revision
    kind: Annotated[str, OneOf(SITE_KINDS)]
    name: Annotated[str, Text(100, 1)]
    address: Annotated[str, Text(200)]
    kana: Annotated[str, Text(100)] | None = None
    district: Annotated[str, Text(100)] | None = None
    town_id: Annotated[str, Text(20)] | None = None
    lat: Annotated[int, Range(-90_000_000, 90_000_000)] | None = None
    lon: Annotated[int, Range(-180_000_000, 180_000_000)] | None = None
    capacity_indoor: Annotated[int, Range(0, 10_000_000)] | None = None
    capacity_outdoor: Annotated[int, Range(0, 10_000_000)] | None = None
    capacity_text: Annotated[str, Text(100)] | None = None
    phone: Annotated[str, Pattern(r"[0-9()+-]{1,20}")] | None = None
    hazards: Annotated[tuple[bool, ...], Length(8, 8)] | None = None
    """Whether it stands in flood, landslide, storm surge, earthquake, tsunami, large fire, inland water, volcano."""


@transaction("directory.save_site", event="directory.site_saved", data="new changed same")
class SaveSite(Command):
    """Adds or changes sites of the own municipality; all or nothing."""
    sites: Annotated[tuple[SiteLine, ...], Length(100)]


@transaction("directory.retire_site", event="directory.site_retired", data="site_id")
class RetireSite(Command):
    """A site takes no new needs any more."""
    site_id: SiteId
    rev: Revision


@dataclass(frozen=True)
class Pack:
    """A packing unit: 1 箱 = `per` base units."""
    name: Annotated[str, Text(20, 1)]
    per: Annotated[int, Range(1, 1_000_000)]


@dataclass(frozen=True)
class Attribute:
    """What an item may be told apart by, such as size, kind, allergy."""
    key: Annotated[str, Pattern(r"[a-z_]{1,20}")]
    values: Annotated[tuple[Annotated[str, Text(30, 1)], ...], Length(50)]


@dataclass(frozen=True)
class Ratio:
    """The exact number n/d."""
    n: Annotated[int, Range(0, 10**9)]
    d: Annotated[int, Range(1, 10**9)]


@dataclass(frozen=True)
class ItemLine:
    """A catalogue item as it shall be; `per_person` is pieces a person and day, an assumption of the office."""
    item_code: ItemCode
    rev: Revision
    name: Annotated[str, Text(40, 1)]
    category: Annotated[str, OneOf(CATEGORIES)]
    base_unit: Annotated[str, Text(10, 1)]
    perishable: bool
    packs: Annotated[tuple[Pack, ...], Length(10, 0)] = ()
    attributes: Annotated[tuple[Attribute, ...], Length(10, 0)] = ()
    per_person: Ratio | None = None
    same_as: ItemCode | None = None
    retired: bool | None = None


@transaction("directory.save_item", event="directory.item_saved", data="new changed same")
class SaveItem(Command):
    """Adds or changes items of the own municipality's catalogue."""
    items: Annotated[tuple[ItemLine, ...], Length(100)]


@transaction("directory.propose_item", event="directory.item_proposed", data="new changed same")
class ProposeItem(Command):
    """Proposes items of the common catalogue; the members vote on each."""
    items: Annotated[tuple[ItemLine, ...], Length(100)]


@transaction("directory.activate_item", event="directory.item_activated", data="item_codes")
class ActivateItem(Command):
    """Counts the votes of the roster and takes proposed items into the common catalogue."""
    item_codes: Annotated[tuple[ItemCode, ...], Length(20)]


@dataclass(frozen=True)
class AccountLine:
    """A new account. `display_name` is the name of an institution, never of a person."""
    account_id: AccountId
    roles: Annotated[tuple[Annotated[str, OneOf(ROLES)], ...], Length(4)]
    office: Annotated[str, Pattern(OFFICE_PATTERN)]
    party: Annotated[str, OneOf(PARTIES)]
    display_name: Annotated[str, Text(60, public=True)] | None = None


@transaction("directory.open_account", event="directory.account_opened", data="accounts")
class OpenAccount(Command):
    """Opens accounts under random ids."""
    accounts: Annotated[tuple[AccountLine, ...], Length(100)]


@transaction("directory.change_account", event="directory.account_changed", data="account_id roles office")
class ChangeAccount(Command):
    """Gives an account other roles, another office or name; what is absent stays."""
    account_id: AccountId
    rev: Revision
    roles: Annotated[tuple[Annotated[str, OneOf(ROLES)], ...], Length(4)] | None = None
    office: Annotated[str, Pattern(OFFICE_PATTERN)] | None = None
    display_name: Annotated[str, Text(60, public=True)] | None = None


@transaction("directory.suspend_account", event="directory.account_suspended", data="account_id reason")
class SuspendAccount(Command):
    """The account may do nothing until it is resumed."""
    account_id: AccountId
    reason: Reason


@transaction("directory.resume_account", event="directory.account_resumed", data="account_id reason")
class ResumeAccount(Command):
    """Lifts a suspension."""
    account_id: AccountId
    reason: Reason


@transaction("directory.close_account", event="directory.account_closed", data="account_id reason")
class CloseAccount(Command):
    """Ends an account for ever."""
    account_id: AccountId
    reason: Reason


@transaction("directory.attest_account", event="directory.account_attested",
             data="account_id flag valid_from valid_until?")
class AttestAccount(Command):
    """An office vouches that an account meets a condition from one day to another, both included; a later word on
    the same condition replaces the earlier one."""
    account_id: AccountId
    flag: Annotated[str, Pattern(ATTESTATION_PATTERN)]
    valid_from: Date
    valid_until: Date | None = None


@transaction("directory.register_key", event="directory.key_registered", data="account_id key_id")
class RegisterKey(Command):
    """The actor's account gets a key, of grade `self` until another confirms it."""
    public: Annotated[str, Pattern(r"0[23][0-9a-f]{64}")]
    """Compressed P-256 point, 33 bytes, lower hex."""


@transaction("directory.confirm_key", event="directory.key_confirmed", data="account_id key_id")
class ConfirmKey(Command):
    """A second administrator, or the console, vouches for a key."""
    account_id: AccountId
    key_id: KeyId


@transaction("directory.revoke_key", event="directory.key_revoked", data="account_id key_id")
class RevokeKey(Command):
    """A lost or retired key; whatever it signs from now on is refused."""
    account_id: AccountId
    key_id: KeyId


@transaction("directory.block_certificate", event="directory.certificate_blocked", data="msp_id fingerprint reason")
class BlockCertificate(Command):
    """A stolen service certificate ends in the next block. `fingerprint` = SHA-256 of its DER."""
    fingerprint: Sha256
    reason: Reason


@transaction("directory.unblock_certificate", event="directory.certificate_unblocked", data="msp_id fingerprint reason")
class UnblockCertificate(Command):
    """Lifts a block."""
    fingerprint: Sha256
    reason: Reason


@transaction("directory.open_drill", event="directory.drill_opened", data="code6 drill_id title")
class OpenDrill(Command):
    """A drill begins: `drill_id` is the scope of its commands in `relief`. Another municipality takes part by
    opening the same id."""
    drill_id: Ulid
    title: Annotated[str, Text(40, 1, public=True)]
    starts_on: Date | None = None
    ends_on: Date | None = None
    sites: Annotated[tuple[SiteId, ...], Length(100)] | None = None
    """Own sites that take part; absent: all."""


@transaction("directory.close_drill", event="directory.drill_closed", data="code6 drill_id")
class CloseDrill(Command):
    """A drill ends for the own municipality, for ever; its records are shown no more."""
    drill_id: Ulid
