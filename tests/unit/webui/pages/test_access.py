"""Deny by default: every address, walked by every role."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from moyai_webui.home import Services
from tests.unit.webui.pages.addresses import addresses
from tests.unit.webui.pages.conftest import Browser

PUBLIC = {"static", "portal.start", "portal.about", "portal.sign_in", "portal.find_package", "portal.track",
          "portal.sign_in_code", "portal.day_code", "portal.reset_password", "portal.set_password",
          "portal.set_password_done", "portal.confirm_address", "portal.address_confirmed", "relief.offer_waiting",
          "directory.register_key", "directory.registered_key",
          "relief.needs", "relief.needs_filter", "relief.need", "relief.needs_file"}
SIGNED_IN = {"portal.me", "portal.end_open_session", "portal.authenticator", "portal.remove_authenticator",
             "portal.sign", "portal.sign_out", "portal.records", "portal.record", "portal.recorded",
             "directory.keys"}
FOR_NEWCOMERS = {"relief.register_offer"}
EVERYBODY = SIGNED_IN | {"relief.offers", "relief.offer", "relief.dispatch", "relief.label"}
RECEIVING = {"relief.home", "relief.register_need", "relief.change_need", "relief.close_need", "relief.reopen_need",
             "relief.set_site_status", "relief.confirm_needs", "relief.request_dispatch", "relief.cancel_dispatch",
             "relief.scan", "relief.scanned", "relief.receive_package", "relief.record_arrival", "relief.arrivals",
             "relief.hand_over_package",
             "portal.queue", "portal.queued", "portal.send_queued", "portal.snapshot"}
SENDING = {"relief.register_offer", "relief.change_offer", "relief.withdraw_offer", "relief.dispatches",
           "relief.decline_dispatch", "relief.ship_consignment", "relief.acknowledge_discrepancy"}
OFFICE = {"directory.accounts", "directory.day_codes", "directory.day_code_sheet", "relief.office",
          "relief.suggestions", "relief.set_intake", "relief.approve_dispatch", "relief.reject_dispatch",
          "relief.resolve_discrepancy", "directory.manage", "directory.sites", "directory.save_site",
          "directory.import_sites", "directory.import_preview", "portal.mails", "eco.devices", "eco.register_device",
          "eco.device_file", "eco.revoke_device", "eco.retire_device", "eco.readings", "eco.totals",
          "eco.month_totals"}
METERED = {"eco.device", "eco.reading", "eco.reading_proof"}
ADMINISTRATING = {"directory.set_policy", "directory.open_drill", "directory.close_drill",
                  "directory.open_account", "directory.change_account",
                  "directory.suspend_account",
                  "directory.resume_account", "directory.close_account", "directory.enrol_device",
                  "directory.confirm_key", "directory.revoke_key", "consortium.audit"}
# directory.revoke_key: everybody else her own keys alone.
CLERKING = {"eco.renew_tag", "eco.record_substitution", "eco.correct_totals"}
PRINTING = {"relief.issue_label"}
PROPOSING = {"relief.propose_dispatch"}
# What happens to boxes, and what phones and paper keep of it without a network.
RECEIVING |= {"relief.arrivals_file", "relief.sheets", "relief.sheet"}
PUBLIC |= {"portal.offline", "portal.service_worker"}
EVERYBODY |= {"relief.offers_file", "relief.choose_paper", "relief.labels", "relief.labels_of",
              "relief.repack_dispatch"}
OFFICE |= {"relief.redirect_package", "relief.correct_receipt", "relief.recall_dispatch"}
PRINTING |= {"relief.report_lost"}
# Proofs are checked by anybody, and fetched by whoever may see the record; totals and files of the whole operation.
PUBLIC |= {"portal.verify", "portal.verify_from_paper", "portal.certificates", "relief.open_shelters",
           "relief.open_shelters_csv"}
SIGNED_IN |= {"portal.proof_file", "portal.certificate_pdf"}
EVERYBODY |= SIGNED_IN | {"portal.choose_scope"}
OFFICE |= {"portal.send_mail_again", "relief.totals", "relief.totals_csv", "relief.totals_edxl", "relief.totals_pdf",
           "relief.totals_workbook"}
OFFICE |= {"directory.sites_csv", "directory.items", "directory.items_csv"}
ADMINISTRATING |= {"directory.save_item", "directory.import_items", "directory.import_items_preview",
                   "directory.retire_site"}
MAY = {
    "office": PUBLIC | EVERYBODY | RECEIVING | SENDING | OFFICE | METERED | PRINTING | ADMINISTRATING,
    "clerk": CLERKING | PUBLIC | EVERYBODY | RECEIVING | SENDING | OFFICE | METERED | PRINTING,
    "shelter": PUBLIC | EVERYBODY | RECEIVING | PROPOSING,
    "supporter": PUBLIC | EVERYBODY | SENDING | PRINTING,
    "member": PUBLIC | SIGNED_IN | METERED | {"eco.home", "eco.usage"},
}
FOREIGN_OFFERS = {"relief.change_offer", "relief.withdraw_offer", "relief.decline_dispatch", "relief.ship_consignment",
                  "relief.acknowledge_discrepancy", "relief.repack_dispatch"}
FOREIGN_RECORDS = {"supporter": FOREIGN_OFFERS | {"relief.label", "relief.labels", "relief.labels_of",
                                                  "relief.choose_paper", "relief.issue_label", "relief.report_lost"},
                   "office": FOREIGN_OFFERS, "shelter": {"relief.repack_dispatch"}}


def test_s11_a_visitor_sees_what_is_public_and_else_the_sign_in(app: Flask, services: Services,
                                                                visitor: Browser) -> None:
    for endpoint, address in addresses(app, services).items():
        if endpoint in _only_sent(app):  # a form without its token fails before
            continue
        answer = visitor.get(address)
        if endpoint in PUBLIC | FOR_NEWCOMERS:
            assert answer.status_code in (200, 303), endpoint
            # Nobody owes six digits before the password was right.
            assert "/sign_in" not in answer.headers.get("Location", "") or endpoint == "portal.sign_in_code", endpoint
        else:
            assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign_in"), endpoint


@pytest.mark.parametrize("role", MAY)
def test_s11_every_role_opens_what_it_may_and_nothing_else(role: str, app: Flask, services: Services,
                                                           signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in(role)
    foreign = FOREIGN_RECORDS.get("office" if role == "clerk" else role, set())
    for endpoint, address in addresses(app, services).items():
        if endpoint in _only_sent(app):
            continue
        status = browser.get(address).status_code
        if endpoint not in MAY[role] or endpoint in foreign:
            assert status == 403, (role, endpoint)
        elif endpoint in ("portal.recorded", "portal.sign", "directory.import_preview",
                          "directory.import_items_preview", "eco.device_file",
                          "portal.queued", "portal.send_queued"):
            assert status == 404, (role, endpoint)  # somebody else's
        else:
            assert status in (200, 302, 303), (role, endpoint, status)


def _only_sent(app: Flask) -> set[str]:
    """Endpoints that nobody can look at."""
    methods: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        methods.setdefault(rule.endpoint, set()).update(rule.methods or ())
    return {endpoint for endpoint, allowed in methods.items() if "GET" not in allowed}


def test_s11_a_view_without_a_rule_is_refused(app: Flask, signed_in: Callable[[str], Browser]) -> None:
    app._got_first_request = False
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = signed_in("office").get("/forgotten")
    assert answer.status_code == 403 and "secret" not in answer.text


def test_s11_every_view_names_its_rule(app: Flask) -> None:
    assert [name for name, view in app.view_functions.items() if not hasattr(view, "allowed")] == []


def test_s11_no_form_is_accepted_without_its_token(app: Flask, services: Services, office: Browser) -> None:
    posting = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    for endpoint, address in addresses(app, services).items():
        if endpoint in posting:
            assert office.client.post(address).status_code == 400, endpoint
    assert services.submissions.commands == []


def test_s11_a_shelter_acts_for_itself_alone(shelter: Browser, services: Services) -> None:
    other = next(need for need in services.reading.all_needs if need.place.name == "石崎小学校")
    for page in ("change_need", "close_need", "reopen_need"):
        assert shelter.get(f"/relief/{page}?need={other.need_id}").status_code == 403
    for page in ("set_site_status", "confirm_needs"):
        assert shelter.get(f"/relief/{page}?site={other.place.site_id}").status_code == 403
