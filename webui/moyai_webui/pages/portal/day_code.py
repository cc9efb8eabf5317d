"""S11: a shift at a shelter: today's number opens the site's own account, and who is on duty is kept here."""
from __future__ import annotations

import secrets

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer

from moyai_webui import known_device
from moyai_webui.access import public
from moyai_webui.accounts import SignedIn, begin_session, is_expired
from moyai_webui.forms.fields import Code, Line, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.home import User
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import home, identity, reading, settings, show
from moyai_webui.presentation.formats import now, today
from moyai_webui.presentation.navigation import home_endpoint

NOT_TODAY = "この番号は今日は使えません"
PAUSED = "5回続けて違いました。15分たってから試すか、本部の印刷物のコードを読み取ってください"


class DayCodeForm(PageForm):
    site = Select("避難所")
    code = Code("当日用の番号")
    name = Line("当番の方のお名前")


@portal.route("/sign_in/day_code", methods=["GET", "POST"])
@public
def day_code() -> ResponseReturnValue:
    site_id, code = read_pass(request.args.get("pass", ""))
    form = DayCodeForm(site=site_id or request.args.get("site", ""), code=code)
    open_sites = reading().sites(settings().municipality, opened=True, size=500).rows
    form.site.choices = [("", "選んでください"), *((site.place.site_id, site.place.name) for site in open_sites)]
    for field in (form.site, form.name):
        field.flags.required = True
    place = reading().site(settings().municipality, site_id) if site_id else None
    if form.validate_on_submit():
        user = _user_for(form, code if site_id and form.site.data == site_id else "")
        if user is not None:
            return _begin(user, form)
    return show("day_code.html", form, place=place)


def make_pass(site_id: str, code: str) -> str:
    """What the printed QR code carries: it cannot be guessed, so it is not counted as a guess."""
    return _serializer().dumps([site_id, today().isoformat(), code])


def read_pass(text: str) -> tuple[str, str]:
    """Site and number of a pass of today; empty where it is none."""
    try:
        site_id, day, code = _serializer().loads(text)
    except (BadSignature, ValueError, TypeError):
        return "", ""
    return (site_id, code) if day == today().isoformat() else ("", "")


def _user_for(form: DayCodeForm, passed: str) -> User | None:
    """The site's account, or None with the reason beside the field."""
    site_id, typed = form.site.data or "", form.code.data or ""
    if not form.name.data:
        form.complain("name", "当番の方のお名前を入れてください")
        return None
    counted_as = known_device.this_device().counted_as(f"day {site_id}")
    if typed != passed and home().locked_until(counted_as, now()) is not None:
        form.complain("code", PAUSED)
        return None
    code = identity().shifts.code(site_id, today())
    user = home().user_of_office(f"{settings().municipality}/{site_id}", "S")
    if code is None or not secrets.compare_digest(code.encode(), typed.encode()) or user is None \
            or not user.active or is_expired(user, now()):
        home().count_wrong_password(counted_as, now())
        form.complain("code", NOT_TODAY)
        return None
    return user


def _begin(user: User, form: DayCodeForm) -> ResponseReturnValue:
    site_id, name = form.site.data or "", (form.name.data or "")[:40]
    secret = begin_session(user, identity(), keep=False, now=now(), on_duty=name)
    identity().shifts.begin(site_id, name, secret, now())
    known_device.remember(known_device.this_device(), f"day {site_id}")
    return redirect(url_for(home_endpoint(SignedIn(user))), 303)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="day code")
