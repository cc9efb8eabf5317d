"""What the pages share: the services of the application, showing a form, sending a command, finding a record."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from flask import Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from werkzeug.datastructures import Headers

from moyai_webui.accounts import person
from moyai_webui.forms.form import PageForm, typed_values
from moyai_webui.forms.identifiers import is_op
from moyai_webui.home import Home, Services, Submission, Submissions, form_sha256
from moyai_webui.identity import Identity
from moyai_webui.metering import Metering
from moyai_webui.proofs import Proofs
from moyai_webui.reading import Reading
from moyai_webui.settings import Settings

Found = TypeVar("Found")
FormClass = TypeVar("FormClass", bound=PageForm)

PAGE_SIZE, PHONE_PAGE_SIZE = 50, 20


def services() -> Services:
    return current_app.extensions["moyai"]


def reading() -> Reading:
    return services().reading


def home() -> Home:
    return services().home


def submissions() -> Submissions:
    return services().submissions


def proofs() -> Proofs:
    return services().proofs


def metering() -> Metering:
    """The meters, or the page that says they cannot be asked."""
    return services().metering or abort(503)


def identity() -> Identity:
    """What signing in is built upon."""
    return services().identity or abort(503)


def settings() -> Settings:
    return current_app.extensions["moyai_settings"]


def found(record: Found | None) -> Found:
    """The record, or the page that says there is none."""
    if record is None:
        not_found()
    return record


def not_found() -> NoReturn:
    abort(404)


def is_phone(headers: Headers) -> bool:
    """Whether the browser says that it is a phone's."""
    return headers.get("Sec-CH-UA-Mobile") == "?1" or "Mobi" in headers.get("User-Agent", "")


def page_size() -> int:
    """Rows of a page of a list: fewer on a phone."""
    return PHONE_PAGE_SIZE if is_phone(request.headers) else PAGE_SIZE


def page_number() -> int:
    """The page of a list asked for in the address, from 1."""
    return min(max(request.args.get("page", 1, type=int), 1), 10_000)


def opened(form_class: type[FormClass], **defaults: Any) -> FormClass:
    """A form as it is first shown, as it was sent, or (`?again=<op>`) as it was typed before a refusal.

    Values in the address, such as a corrected quantity, win over what was typed. A form that is sent a second time
    unchanged leads to the receipt of the first time: to look at the records again would find its own traces in them.
    """
    _lead_to_receipt()
    typed = typed_before()
    typed |= {name: request.args[name] for name in request.args.keys() & typed.keys()}
    return form_class(typed or None, **defaults)


def typed_before() -> dict[str, str]:
    """What the person had typed into the form that `?again=` names; empty without one."""
    earlier = submissions().submission(again) if (again := request.args.get("again")) else None
    return dict(earlier.form) if earlier is not None and earlier.user_id == _user_id() else {}


def _lead_to_receipt() -> None:
    """Ends the request where this very form was sent before and not refused."""
    op = request.form.get("op", "") if request.method == "POST" else ""
    earlier = submissions().submission(op) if is_op(op) else None
    if earlier is None or earlier.user_id != _user_id() or earlier.state == "refused":
        return
    if (earlier.page, earlier.form_sha256) == (address(), form_sha256(typed_values())):
        abort(redirect(url_for("portal.recorded", op=op), 303))


def _user_id() -> str | None:
    """Of whoever is signed in."""
    return current_user.user.user_id if current_user.is_authenticated else None


def address() -> str:
    """This page's own, with its query."""
    return request.full_path.rstrip("?")


def show(template: str, form: PageForm | None = None, **context: Any) -> ResponseReturnValue:
    """A page; with complaints in its form it is answered as 422."""
    status = 422 if form is not None and form.problems else 200
    return render_template(template, form=form, **context), status


def as_file(content: bytes, kind: str, name: str) -> Response:
    """Something to keep, under this name."""
    return Response(content, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})


def send_parts(form: PageForm, commands: Sequence[Any], *roles: str) -> ResponseReturnValue:
    """The commands of one form, each under an operation of its own; leads to the receipt of all."""
    ops = [form.op.data] + [form.new_id(f"command {number}") for number in range(2, len(commands) + 1)]
    first, *others = [submit(command, *roles, op=op).op for op, command in zip(ops, commands, strict=True)]
    return redirect(url_for("portal.recorded", op=first, also=others), 303)


def send(form: PageForm, command: Any, *roles: str, signed: bool = False) -> ResponseReturnValue:
    """Hands the command to the ledger and leads to its receipt.

    `signed`: the ledger asks for the actor's own key (grades k and K), so the command waits at /sign for a device
    that has one.
    """
    if signed:
        me = person()
        held = submissions().hold(command, me.actor(*roles), until="unsigned", user_id=me.user.user_id,
                                  op=str(form.op.data), page=address(), form=typed_values())
        return redirect(url_for("portal.sign", op=held.op), 303)
    outcome = submit(command, *roles, op=str(form.op.data))
    return redirect(url_for("portal.recorded", op=outcome.op), 303)


def submit(command: Any, *roles: str, op: str) -> Submission:
    """Hands the command over; the answer's `op` is another one where `op` was taken by other content."""
    me = person()
    return submissions().submit(command, me.actor(*roles), user_id=me.user.user_id, op=op,
                                page=address(), form=typed_values())
