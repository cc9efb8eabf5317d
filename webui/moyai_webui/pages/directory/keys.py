"""S11: keys of devices: a phone is enrolled by a ticket that an administrator shows, another one confirms it."""
from __future__ import annotations

import hashlib
import re
from datetime import timedelta

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import HiddenField

from moyai_contracts.api.directory import ConfirmKey, RegisterKey, RevokeKey
from moyai_webui.access import ADMINISTRATORS, SIGNED_IN, public, roles
from moyai_webui.account_rows import ActorKey, AccountFilter
from moyai_webui.accounts import person
from moyai_webui.forms.fields import Line, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.home import Actor
from moyai_webui.identity import Ticket
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.serving import (
    found, home, identity, opened, reading, send, settings, show, submissions)
from moyai_webui.presentation.formats import now
from moyai_webui.presentation.qr import qr
from moyai_webui.presentation.template_context import as_of

ENROLMENT = "register_key"
ENROLMENT_LASTS = timedelta(minutes=30)
POINT = re.compile(r"0[23][0-9a-f]{64}")
SELF_CONFIRMATION = "自分の端末は自分では確認できません。ほかの管理者に頼んでください"


class EnrolForm(PageForm):
    account = Select("だれの端末ですか")


class RegisterKeyForm(PageForm):
    name = Line("端末の呼び名")
    public = HiddenField()


class KeyForm(PageForm):
    pass


@directory.get("/keys")
@roles(*SIGNED_IN)
def keys() -> ResponseReturnValue:
    """All of the municipality for an administrator, the own ones for everybody else."""
    mine = "A" not in current_user.roles
    found_keys = reading().keys(settings().municipality, current_user.account if mine else "")
    return show("keys.html", keys=found_keys, mine=mine, as_of=as_of())


@directory.route("/enrol_device", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def enrol_device() -> ResponseReturnValue:
    """Shows the ticket: whoever opens it on a phone within half an hour makes the key of that account there."""
    form = opened(EnrolForm, account=request.args.get("account", current_user.account))
    accounts = reading().accounts(AccountFilter(settings().municipality, status="active", size=500)).rows
    form.account.choices = [(each.account_id, each.label) for each in accounts]
    wanted = next((each for each in accounts if each.account_id == form.account.data), None)
    if form.validate_on_submit():
        if wanted is not None:
            secret = identity().tickets.issue(ENROLMENT, form.new_id("enrolment"), now(), ENROLMENT_LASTS, {
                "account": wanted.account_id, "role": wanted.roles[0], "office": wanted.office,
                "owner": wanted.label})
            address = f"{settings().public_url.rstrip('/')}{url_for('directory.register_key', ticket=secret)}"
            return show("enrolment_ticket.html", account=wanted, address=address, code=qr(address, "登録のコード"),
                        until=now() + ENROLMENT_LASTS)
        form.complain("account", "だれの端末かを選んでください")
    return show("enrol_device.html", form)


@directory.route("/register_key", methods=["GET", "POST"])
@public
def register_key() -> ResponseReturnValue:
    """Opened on the phone itself, by ticket: its key is made there and only its public part comes here."""
    secret, form = request.args.get("ticket", ""), RegisterKeyForm()
    ticket = identity().tickets.look(ENROLMENT, secret, now())
    if ticket is None:
        return render_template("register_key.html", ticket=None), 410
    form.name.flags.required = True
    if form.validate_on_submit():
        if not form.name.data:
            form.complain("name", "端末の呼び名を入れてください")
        elif not POINT.fullmatch(form.public.data or ""):
            form.complain("op", "この端末では鍵を作れませんでした。ほかのブラウザーで開いてください")
        elif identity().tickets.take(ENROLMENT, secret, now()) is not None:
            return _registered(ticket, form)
    return show("register_key.html", form, ticket=ticket)


@directory.get("/registered_key/<key_id>")
@public
def registered_key(key_id: str) -> ResponseReturnValue:
    """What the phone shows afterwards: the number that the confirming administrator compares."""
    if not re.fullmatch("[0-9a-f]{16}", key_id):
        abort(404)
    return show("registered_key.html", key_id=key_id, refused=request.args.get("refused") == "1")


@directory.route("/confirm_key", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def confirm_key() -> ResponseReturnValue:
    key, form = _key(), opened(KeyForm)
    own = key.account_id == current_user.account
    if form.validate_on_submit():
        if own:
            form.complain("op", SELF_CONFIRMATION)
        else:
            return send(form, ConfirmKey(key.account_id, key.key_id), *ADMINISTRATORS, signed=True)
    return show("confirm_key.html", form, key=key, own=own)


@directory.route("/revoke_key", methods=["GET", "POST"])
@roles(*SIGNED_IN)
def revoke_key() -> ResponseReturnValue:
    """One step, without a signature: the lost phone may hold the only key."""
    key, form = _key(), opened(KeyForm)
    if key.account_id != current_user.account and "A" not in current_user.roles:
        abort(403)
    if form.validate_on_submit():
        return send(form, RevokeKey(key.account_id, key.key_id), *person().roles)
    return show("revoke_key.html", form, key=key)


def _key() -> ActorKey:
    account_id, key_id = request.args.get("account", ""), request.args.get("key", "")
    return found(next((key for key in reading().keys(settings().municipality, account_id)
                       if account_id and key.key_id == key_id), None))


def _registered(ticket: Ticket, form: RegisterKeyForm) -> ResponseReturnValue:
    content, public_point = ticket.content, form.public.data or ""
    key_id = hashlib.sha256(bytes.fromhex(public_point)).hexdigest()[:16]
    home().name_key(content["account"], key_id, (form.name.data or "")[:40])
    actor = Actor(content["account"], content["role"], content["office"])
    outcome = submissions().submit(RegisterKey(public_point), actor, user_id=ticket.user_id, op=str(form.op.data))
    return redirect(url_for("directory.registered_key", key_id=key_id,
                            refused=1 if outcome.state == "refused" else None), 303)
