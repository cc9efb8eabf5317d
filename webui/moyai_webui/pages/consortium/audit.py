"""P6: what the independent second reader of the ledger found last."""
from __future__ import annotations

from flask.typing import ResponseReturnValue

from moyai_webui.access import ADMINISTRATORS, roles
from moyai_webui.audit import last_audit
from moyai_webui.pages.blueprints import consortium
from moyai_webui.pages.serving import settings, show


@consortium.get("/audit")
@roles(*ADMINISTRATORS)
def audit() -> ResponseReturnValue:
    return show("audit.html", audit=last_audit(settings().state))
