"""S11: somebody gets an account: on the ledger role and office, in the home database name, address and time."""
from __future__ import annotations

from datetime import datetime, time, timedelta

from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from moyai_client.directory import new_account_id
from moyai_contracts.api.directory import AccountLine, OpenAccount
from moyai_webui.access import ADMINISTRATORS, roles
from moyai_webui.accounts import normal_login
from moyai_webui.forms.fields import Choice, Code, Day, Line, Select
from moyai_webui.forms.form import PageForm
from moyai_webui.home import User
from moyai_webui.mail.post_office import is_address
from moyai_webui.pages.blueprints import directory
from moyai_webui.pages.serving import home, opened, reading, send, settings, show
from moyai_webui.presentation.formats import JST, now, today

ROLES = [("A", "管理者"), ("C", "担当者"), ("S", "避難所担当"), ("M", "住民")]
EXPLAINED = {"A": "アカウントと設定も扱う人", "C": "本部で物資を扱う人", "S": "避難所ごとに1つ", "M": "脱炭素の会員"}
MAIL_WORDS = "メールアドレスを、name@example.jpのような形で入れてください"


class OpenAccountForm(PageForm):
    account_id = HiddenField()
    role = Choice("役割", choices=ROLES)
    site = Select("避難所など")
    name = Line("名前")
    login = Code("サインインに使うメールアドレスか職員番号")
    mail = Code("メールアドレス")
    until = Day("有効期限")


@directory.route("/open_account", methods=["GET", "POST"])
@roles(*ADMINISTRATORS)
def open_account() -> ResponseReturnValue:
    form = opened(OpenAccountForm, role="C", account_id=new_account_id())
    form.site.choices = site_choices()
    for field in (form.name, form.login, form.mail):
        field.flags.required = True
    if form.validate_on_submit():
        user, party = _user(form), "person" if form.role.data == "M" else "institution"
        command = OpenAccount((AccountLine(form.account_id.data or "", user.roles, user.office, party),))
        if not form.problems and form.fits(command):
            home().save_user(user)
            return send(form, command, *ADMINISTRATORS, signed=form.role.data != "M")
    return show("open_account.html", form, explained=EXPLAINED)


def site_choices() -> list[tuple[str, str]]:
    sites = reading().sites(settings().municipality, size=500).rows
    return [("", "市役所・町役場の全体"), *((site.place.site_id, site.place.name) for site in sites)]


def office_of(role: str, site_id: str) -> str:
    """The office an account with a role acts for."""
    own = settings().municipality
    return f"{own}/{site_id}" if site_id and role in "SC" else own


def end_of_day(day: Day) -> datetime | None:
    """The end of a day in Japan, None where none was chosen."""
    return datetime.combine(day.data + timedelta(days=1), time(), JST) if day.data else None


def _user(form: OpenAccountForm) -> User:
    """The person as she will sign in, with the complaints in the form."""
    role, login, mail = form.role.data or "", normal_login(form.login.data or ""), form.mail.data or ""
    known = home().user_by_login(login)
    if known is not None and known.account != form.account_id.data and reading().account(known.account):
        form.complain("login", "このサインインは、もう使われています")
    if not form.name.data:
        form.complain("name", "名前を入れてください")
    if len(login) < 3:
        form.complain("login", "メールアドレスか職員番号を入れてください")
    if not is_address(mail):
        form.complain("mail", MAIL_WORDS)
    if role == "S" and not form.site.data:
        form.complain("site", "避難所担当の避難所を選んでください")
    complain_of_day(form.until, form)
    return User(user_id=known.user_id if known else form.new_id("user"), login=login, password_hash="",
                name=form.name.data or "", account=form.account_id.data or "", roles=(role,),
                office=office_of(role, form.site.data or ""), mail=mail, valid_until=end_of_day(form.until),
                registered_at=now())


def complain_of_day(day: Day, form: PageForm) -> None:
    if getattr(day, "typed", "") and (day.data is None or day.data < today()):
        form.complain(day.name, "有効期限を、今日より後の日で入れてください")
