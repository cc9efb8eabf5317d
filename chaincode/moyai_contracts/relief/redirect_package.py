"""S9: boxes go to another site of the own municipality, because theirs was closed or has moved."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import RedirectPackage
from moyai_contracts.relief.boxes import next_serial
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.relief.states import ON_THE_WAY, require_state
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case


def _reads(command: RedirectPackage, code6: str, scope: str) -> Iterable[str]:
    yield keys.site(code6, command.site)
    yield keys.site_status(scope, code6, command.site)
    yield from (keys.package(scope, package_id) for package_id in command.packages)


@use_case(RedirectPackage, roles="AC", reads=_reads)
def redirect_package(tx: Transaction, command: RedirectPackage) -> None:
    """The label of a box that has not left is to be printed anew; one on its way keeps its label.

    Refuses: `bad_argument` (a box twice, or there already), `not_found`, `foreign_record`, `wrong_state`,
    `site_closed` (retired, or a shelter that is not open).
    """
    if len(set(command.packages)) < len(command.packages):
        raise Refusal("bad_argument", field="packages")
    packages = {package_id: tx.movable(keys.package(tx.scope, package_id)) for package_id in command.packages}
    _require_taking(tx, command.site)
    tx.require_cover(command.site)
    told = []
    for package_id, package in packages.items():
        require_receiver(tx, package["to"]["code6"], package["to"]["site"])
        require_state(package, "labelled", *ON_THE_WAY)
        if package["to"]["site"] == command.site:
            raise Refusal("bad_argument", field="site")
        serial = next_serial(package) if package["state"] == "labelled" else package["label_serial"]
        tx.edit(keys.package(tx.scope, package_id), package, to=_place(tx, command), label_serial=serial)
        told.append({"package_id": package_id, "from": package["to"], "serial": serial})
    tx.emit(packages=told, to=_place(tx, command), reason=command.reason)


def _place(tx: Transaction, command: RedirectPackage) -> Document:
    return {"code6": tx.code6, "site": command.site}


def _require_taking(tx: Transaction, site_id: str) -> None:
    site = tx.need_document(keys.site(tx.code6, site_id))
    status = tx.get(keys.site_status(tx.scope, tx.code6, site_id))
    is_open = site["kind"] != "shelter" or (status is not None and status["open"])
    if site["retired"] or not is_open:
        raise Refusal("site_closed")
