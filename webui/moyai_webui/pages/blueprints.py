"""The parts of the address space. An endpoint is called like its transaction: `relief.register_need`."""
from __future__ import annotations

from flask import Blueprint

portal = Blueprint("portal", __name__)
directory = Blueprint("directory", __name__, url_prefix="/directory")
relief = Blueprint("relief", __name__, url_prefix="/relief")
eco = Blueprint("eco", __name__, url_prefix="/eco")
consortium = Blueprint("consortium", __name__, url_prefix="/consortium")
