"""Every address of the web UI with arguments that lead somewhere, for tests that walk them all."""
from __future__ import annotations

from datetime import timedelta

from flask import Flask

from moyai_webui.home import Services
from moyai_webui.presentation.formats import now, today
from moyai_webui.rows import Dispatch, Package
from tests.unit.webui.pages import world
from tests.unit.webui.pages.invented_ledger import TRANSACTION_ID
from tests.unit.webui.pages.memory_metering import HOME, gap_of, reading_of
from tests.unit.webui.pages.memory_services import MemoryReading


def addresses(app: Flask, services: Services) -> dict[str, str]:
    """Endpoint → an address that exists in `world`. A rule without an entry fails the tests that walk them."""
    read = services.reading
    known = {**_front(read), **_signing_in(services), **_master_data(), **_needs_and_totals(read), **_matching(read),
             **_eco(), **boxes_and_phones(read.all_dispatches[0], read.all_packages[0])}
    missing = {rule.endpoint for rule in app.url_map.iter_rules()} - known.keys()
    assert not missing, f"no address to try for {sorted(missing)}"
    return known


def _front(read: MemoryReading) -> dict[str, str]:
    """Start, tracking, records, proofs, mails."""
    box = read.all_packages[0]
    return {
        "static": "/static/moyai.css", "portal.start": "/", "portal.about": "/about", "portal.sign_in": "/sign_in",
        "portal.sign_out": "/sign_out", "portal.find_package": f"/t?code={box.package_id}",
        "portal.track": f"/t/{box.package_id}", "portal.records": "/records",
        "portal.record": f"/records/{world.package_id(3)}",
        "portal.proof_file": f"/records/{box.package_id}/proofs/{TRANSACTION_ID}",
        "portal.certificate_pdf": f"/records/{box.package_id}/certificate.pdf", "portal.verify": "/verify",
        "portal.verify_from_paper": "/VERIFY", "portal.certificates": "/verify/certificates.zip",
        "portal.recorded": "/recorded/01JH0000000000000000000000", "portal.mails": "/mails",
        "portal.send_mail_again": "/mails/M4/again", "portal.choose_scope": "/scope",
        "consortium.audit": "/consortium/audit",
    }


def _signing_in(services: Services) -> dict[str, str]:
    """Sessions, accounts, keys, day codes."""
    read = services.reading
    account = f"account={read.all_accounts[1].account_id}"
    key = f"account={read.all_keys[0].account_id}&key={read.all_keys[0].key_id}"
    reset, enrolment, confirmation = _links(services)
    return {
        "portal.sign_in_code": "/sign_in/code", "portal.day_code": f"/sign_in/day_code?site={world.SANNO}",
        "portal.confirm_address": f"/confirm_address?ticket={confirmation}",
        "portal.address_confirmed": "/confirm_address/done", "relief.offer_waiting": "/relief/offer_waiting",
        "portal.reset_password": "/reset_password", "portal.set_password": f"/set_password?ticket={reset}",
        "portal.set_password_done": "/set_password/done", "portal.sign": "/sign/01JH0000000000000000000000",
        "portal.me": "/me", "portal.end_open_session": "/me/end_session", "portal.authenticator": "/me/authenticator",
        "portal.remove_authenticator": "/me/remove_authenticator", "directory.accounts": "/directory/accounts",
        "directory.open_account": "/directory/open_account",
        "directory.change_account": f"/directory/change_account?{account}",
        "directory.suspend_account": f"/directory/suspend_account?{account}",
        "directory.resume_account": f"/directory/resume_account?{account}",
        "directory.close_account": f"/directory/close_account?{account}", "directory.keys": "/directory/keys",
        "directory.enrol_device": "/directory/enrol_device",
        "directory.register_key": f"/directory/register_key?ticket={enrolment}",
        "directory.registered_key": "/directory/registered_key/00112233445566aa",
        "directory.confirm_key": f"/directory/confirm_key?{key}",
        "directory.revoke_key": f"/directory/revoke_key?{key}", "directory.day_codes": "/directory/day_codes",
        "directory.day_code_sheet": f"/directory/day_codes/{world.SANNO}",
    }


def _master_data() -> dict[str, str]:
    """Sites, items, drills, policy."""
    return {
        "directory.manage": "/directory/", "directory.sites": "/directory/sites",
        "directory.save_site": f"/directory/save_site?site={world.SANNO}",
        "directory.sites_csv": "/directory/sites.csv", "directory.items": "/directory/items",
        "directory.items_csv": "/directory/items.csv", "directory.save_item": "/directory/save_item",
        "directory.import_items": "/directory/import_items",
        "directory.import_items_preview": "/directory/import_items/none",
        "directory.retire_site": f"/directory/retire_site?site={world.SANNO}",
        "directory.import_sites": "/directory/import_sites",
        "directory.import_preview": "/directory/import_sites/none", "directory.open_drill": "/directory/open_drill",
        "directory.close_drill": f"/directory/close_drill?drill={world.DRILL}",
        "directory.set_policy": "/directory/set_policy",
    }


def _needs_and_totals(read: MemoryReading) -> dict[str, str]:
    """What is needed, what came, and the sums of both."""
    need, box = read.all_needs[0], read.all_packages[0]
    return {
        "relief.home": "/relief/", "relief.office": "/relief/office", "relief.needs": "/relief/needs",
        "relief.needs_filter": "/relief/needs/filter", "relief.need": f"/relief/needs/{need.need_id}",
        "relief.register_need": "/relief/register_need?item=000000-0201",
        "relief.change_need": f"/relief/change_need?need={need.need_id}",
        "relief.close_need": f"/relief/close_need?need={need.need_id}",
        "relief.reopen_need": f"/relief/reopen_need?need={need.need_id}",
        "relief.set_site_status": f"/relief/set_site_status?site={world.SANNO}",
        "relief.confirm_needs": f"/relief/confirm_needs?site={world.SANNO}", "relief.needs_file": "/relief/needs.csv",
        "relief.scan": "/relief/scan", "relief.receive_package": f"/relief/receive_package?code={box.package_id}",
        "relief.arrivals": "/relief/arrivals", "relief.totals": "/relief/totals",
        "relief.totals_csv": "/relief/totals.csv?by=site", "relief.totals_workbook": "/relief/totals.xlsx",
        "relief.totals_pdf": "/relief/totals.pdf", "relief.totals_edxl": "/relief/totals.edxl.zip",
        "relief.open_shelters": "/relief/open_shelters", "relief.open_shelters_csv": "/relief/open_shelters.csv",
    }


def _matching(read: MemoryReading) -> dict[str, str]:
    """Offers, requests, differences."""
    need, blanket, dispatch = read.all_needs[0], read.all_needs[1], read.all_dispatches[0]
    difference, free = read.all_discrepancies[0], read.all_offers[1].offer_id
    two = f"need={dispatch.need_id}&dispatch={dispatch.dispatch_id}"
    pair = f"package={difference.package_id}&discrepancy={difference.discrepancy_id}"
    return {
        "relief.offers": "/relief/offers", "relief.offer": f"/relief/offers/{free}",
        "relief.register_offer": f"/relief/register_offer?need={need.need_id}",
        "relief.change_offer": f"/relief/change_offer?offer={free}",
        "relief.withdraw_offer": f"/relief/withdraw_offer?offer={free}",
        "relief.request_dispatch": f"/relief/request_dispatch?offer={free}&need={blanket.need_id}",
        "relief.propose_dispatch": f"/relief/propose_dispatch?offer={free}&need={blanket.need_id}",
        "relief.approve_dispatch": "/relief/approve_dispatch",
        "relief.reject_dispatch": f"/relief/reject_dispatch?{two}", "relief.offers_file": "/relief/offers.xlsx",
        "relief.set_intake": "/relief/set_intake", "relief.suggestions": "/relief/suggestions",
        "relief.dispatches": "/relief/dispatches",
        "relief.dispatch": f"/relief/dispatches/{dispatch.need_id}/{dispatch.dispatch_id}",
        "relief.decline_dispatch": f"/relief/decline_dispatch?{two}",
        "relief.cancel_dispatch": f"/relief/cancel_dispatch?{two}",
        "relief.issue_label": f"/relief/issue_label?package={world.package_id(2)}",
        "relief.label": f"/relief/packages/{world.package_id(2)}/label.pdf",
        "relief.ship_consignment": f"/relief/ship_consignment?{two}",
        "relief.acknowledge_discrepancy": f"/relief/acknowledge_discrepancy?{pair}",
        "relief.resolve_discrepancy": f"/relief/resolve_discrepancy?{pair}",
    }


def _eco() -> dict[str, str]:
    """Meters and what they counted."""
    shown = reading_of(HOME, 1).key.name
    return {
        "eco.home": "/eco/", "eco.usage": "/eco/usage.csv", "eco.devices": "/eco/devices",
        "eco.register_device": "/eco/register_device",
        "eco.device_file": "/eco/device_file/01JH0000000000000000000000",
        "eco.revoke_device": f"/eco/revoke_device?device={HOME}",
        "eco.retire_device": f"/eco/retire_device?device={HOME}", "eco.readings": "/eco/readings",
        "eco.renew_tag": "/eco/renew_tag", "eco.totals": "/eco/totals", "eco.month_totals": "/eco/totals/2026-10",
        "eco.correct_totals": "/eco/correct_totals?month=2026-10&page=1",
        "eco.record_substitution": f"/eco/record_substitution?device={HOME}&at={gap_of(HOME, 5)}",
        "eco.device": f"/eco/devices/{HOME}", "eco.reading": f"/eco/readings/{HOME}/{shown}",
        "eco.reading_proof": f"/eco/readings/{HOME}/{shown}/proof.json",
    }


def _links(services: Services) -> tuple[str, str, str]:
    """Links that work: for a new password, for a phone's key; and today's number of a shelter."""
    at, hour = now(), timedelta(hours=1)
    tickets, person = services.identity.tickets, services.reading.all_accounts[0]
    services.identity.shifts.make_code(world.SANNO, today(), "office", at)
    enrolled = {"account": person.account_id, "role": "A", "office": person.office, "owner": person.label}
    return (tickets.issue("password", next(iter(services.home.users)), at, hour),
            tickets.issue("register_key", "", at, hour, enrolled),
            tickets.issue("confirmation", next(iter(services.home.users)), at, hour))


def boxes_and_phones(dispatch: Dispatch, box: Package) -> dict[str, str]:
    """What happens to boxes on their way, and what phones keep of it."""
    two = f"need={dispatch.need_id}&dispatch={dispatch.dispatch_id}"
    return {
        "relief.arrivals_file": "/relief/arrivals.csv",
        "relief.sheets": "/relief/sheets", "relief.sheet": "/relief/sheets/receipts.pdf",
        "relief.scanned": f"/relief/scan/{box.package_id}",
        "relief.record_arrival": f"/relief/record_arrival?label={box.package_id}",
        "relief.hand_over_package": "/relief/hand_over_package",
        "relief.redirect_package": f"/relief/redirect_package?package={box.package_id}",
        "relief.report_lost": f"/relief/report_lost?package={box.package_id}",
        "relief.correct_receipt": f"/relief/correct_receipt?package={world.package_id(3)}",
        "relief.recall_dispatch": f"/relief/recall_dispatch?{two}",
        "relief.repack_dispatch": f"/relief/repack_dispatch?{two}",
        "relief.labels_of": f"/relief/labels.pdf?package={world.package_id(2)}",
        "relief.choose_paper": f"/relief/dispatches/{dispatch.need_id}/{dispatch.dispatch_id}/labels",
        "relief.labels": f"/relief/dispatches/{dispatch.need_id}/{dispatch.dispatch_id}/labels.pdf",
        "portal.queue": "/me/queue", "portal.offline": "/me/offline", "portal.snapshot": "/me/snapshot.json",
        "portal.send_queued": "/queue/01JH0000000000000000000000", "portal.queued": "/queue/01JH0000000000000000000000",
        "portal.service_worker": "/service-worker.js",
    }
