"""The pages: one module a use case, named like its transaction; the address is the transaction's name too."""
from __future__ import annotations

import importlib
import pkgutil

from flask import Flask

from moyai_webui.pages import blueprints


def register(app: Flask) -> None:
    """Imports every page module, so that each adds its route, and hangs the parts into the application."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    for blueprint in (blueprints.portal, blueprints.directory, blueprints.relief, blueprints.eco,
                      blueprints.consortium):
        app.register_blueprint(blueprint)
