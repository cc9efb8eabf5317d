"""The page that lists the caught mails, and shows one as text or as it is meant to look."""
from __future__ import annotations

from flask import Flask, Response, abort, render_template
from flask.typing import ResponseReturnValue

from moyai_webui.mailbox.folder import Caught, Folder
from moyai_webui.presentation import formats

PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'"
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox"


def create_page(folder: Folder) -> Flask:
    """The application; it serves this machine only and knows no users."""
    app = Flask(__name__)
    app.jinja_env.filters["moment"] = formats.moment

    @app.get("/")
    def mails() -> ResponseReturnValue:
        return render_template("mailbox.html", mails=folder.mails())

    @app.get("/mails/<name>")
    def mail(name: str) -> ResponseReturnValue:
        return render_template("mail.html", mail=_found(folder, name))

    @app.get("/mails/<name>/html")
    def html(name: str) -> ResponseReturnValue:
        # Links of the mail open beside the frame that it is shown in.
        body = _found(folder, name).body("html").replace("<head>", '<head><base target="_blank">', 1)
        return Response(body, headers={"Content-Security-Policy": MAIL_POLICY})

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    return app


def _found(folder: Folder, name: str) -> Caught:
    mail = folder.mail(name)
    if mail is None:
        abort(404)
    return mail
