"""The application factory: settings and services in, a Flask application out."""
from __future__ import annotations

import structlog
from flask import Flask
from flask_wtf import CSRFProtect
from moyai_client import program_log

from moyai_webui import access, accounts, error_pages, live, pages, scope, security_headers
from moyai_webui.home import Services
from moyai_webui.pages.portal.sign_in import limiter
from moyai_webui.presentation import template_context
from moyai_webui.settings import Settings
from moyai_webui.suggestions import weights
from moyai_webui.suggestions.board import Board

LARGEST_UPLOAD = 5 * 1024 * 1024  # bytes; a list of ten thousand shelters has four million


def create_application(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """The web UI of one municipality. Without arguments it reads the environment and opens database and ledger."""
    program_log.configure()
    settings = settings or Settings()  # type: ignore[call-arg]
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret.read_bytes(),
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        MAX_FORM_MEMORY_SIZE=LARGEST_UPLOAD,
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,  # an asset's address carries its content's hash
        SESSION_COOKIE_NAME=f"moyai_{settings.municipality}",  # three web UIs on one host share cookies
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        WTF_CSRF_TIME_LIMIT=None,  # a form may lie open for a night; the token ends with the session
        WTF_CSRF_SSL_STRICT=settings.secure,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["moyai"] = services or _open_services(settings)
    app.extensions["moyai_settings"] = settings
    app.extensions["moyai_suggestions"] = Board(weights.load(settings.suggestion_weights))
    CSRFProtect(app)
    limiter.init_app(app)
    accounts.install(app, app.extensions["moyai"].home, app.extensions["moyai"].identity)
    scope.install(app)
    pages.register(app)
    access.guard(app)
    live.install(app, app.extensions["moyai"].reading)
    error_pages.install(app, structlog.get_logger("moyai_webui"))
    security_headers.secure(app, https=settings.secure)
    template_context.install(app)
    return app


def _open_services(settings: Settings) -> Services:
    from moyai_webui.services import open_services  # the store brings SQL along, which tests of pages do without
    return open_services(settings)
