"""The keys of all documents. Composite keys are built here and nowhere else."""
from __future__ import annotations

from moyai_shim.composite_key import create_composite_key as _key


def roster() -> str:
    """Codes of the active municipalities."""
    return _key("directory.roster", [])


def municipality(code6: str) -> str:
    """A municipality, pending, active or left."""
    return _key("directory.municipality", [code6])


def msp(msp_id: str) -> str:
    """Which municipality an MSP belongs to."""
    return _key("directory.msp", [msp_id])


def vote(kind: str, ref: str, hash: str, code6: str) -> str:
    """One municipality's vote on one content of a proposal."""
    return _key("directory.vote", [kind, ref, hash, code6])


def site(code6: str, site_id: str) -> str:
    """A shelter, office, hub or warehouse."""
    return _key("directory.site", [code6, site_id])


def item(item_code: str) -> str:
    """A catalogue item."""
    return _key("directory.item", [item_code])


def account(account_id: str) -> str:
    """An account."""
    return _key("directory.account", [account_id])


def actor_key(account_id: str, key_id: str) -> str:
    """A public key of an account."""
    return _key("directory.key", [account_id, key_id])


def blocked(msp_id: str, fingerprint: str) -> str:
    """A blocked certificate."""
    return _key("directory.blocked", [msp_id, fingerprint])


def drill(code6: str, drill_id: str) -> str:
    """A municipality's part in a drill, whose id is the scope of its records."""
    return _key("directory.drill", [code6, drill_id])


def site_status(scope: str, code6: str, site_id: str) -> str:
    """Open or not, and the head-count."""
    return _key("relief.site_status", [scope, code6, site_id])


def need(scope: str, need_id: str) -> str:
    """A need."""
    return _key("relief.need", [scope, need_id])


def offer(scope: str, offer_id: str) -> str:
    """An offer."""
    return _key("relief.offer", [scope, offer_id])


def dispatch(scope: str, need_id: str, dispatch_id: str) -> str:
    """A request for dispatch, under its need so that a peer can add up a need's dispatches."""
    return _key("relief.dispatch", [scope, need_id, dispatch_id])


def dispatches_of(scope: str, need_id: str) -> tuple[str, list[str]]:
    """Object type and first parts of the keys of a need's dispatches; for queries."""
    return "relief.dispatch", [scope, need_id]


def package(scope: str, package_id: str) -> str:
    """A box."""
    return _key("relief.package", [scope, package_id])


def consignment(scope: str, consignment_id: str) -> str:
    """Boxes that left together."""
    return _key("relief.consignment", [scope, consignment_id])


def discrepancy(scope: str, package_id: str, discrepancy_id: str) -> str:
    """A difference between what was sent and what was received."""
    return _key("relief.discrepancy", [scope, package_id, discrepancy_id])


def arrival(scope: str, code6: str, site_id: str, arrival_id: str) -> str:
    """A box that no receipt fits."""
    return _key("relief.arrival", [scope, code6, site_id, arrival_id])


def intake(scope: str, code6: str, item: str) -> str:
    """Whether a municipality takes an item, or anything (`*`)."""
    return _key("relief.intake", [scope, code6, item])


def device(device_id: str) -> str:
    """A meter, car or plant."""
    return _key("devices.device", [device_id])


def tag(epoch: str, tag: str) -> str:
    """The device that has a uniqueness tag; absent where it is free."""
    return _key("devices.tag", [epoch, tag])


def batch(code6: str, slot: str, bridge: str, n: int) -> str:
    """An anchored batch of readings."""
    return _key("devices.batch", [code6, slot, bridge, str(n)])


def batch_head(code6: str, bridge: str) -> str:
    """A bridge's latest batch."""
    return _key("devices.batch_head", [code6, bridge])


def substitution(code6: str, substitution_id: str) -> str:
    """Values that were set, not measured."""
    return _key("devices.substitution", [code6, substitution_id])


def totals(code6: str, cohort: str, month: str, page: int, version: int) -> str:
    """A page of monthly totals; each version stays."""
    return _key("devices.totals", [code6, cohort, month, str(page), str(version)])


def use(code6: str, cohort: str, month: str, page: int) -> str:
    """What the rows of a page of totals were claimed for."""
    return _key("devices.use", [code6, cohort, month, str(page)])


def mail(code6: str, mail_id: str, n: int) -> str:
    """A sending (n = 0) or a later bounce of it."""
    return _key("evidence.mail", [code6, mail_id, str(n)])
