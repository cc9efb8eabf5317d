"""P6: what the independent second reader of the ledger found last."""
from __future__ import annotations

from flask.typing import ResponseReturnValue

from moyai_webui.access import ADMINISTRATORS, roles
from moyai_webui.audit import last_audit
from moyai_webui.pages.blueprints import consortium
from moyai_webui.pages.serving import reading, settings, show
from moyai_webui.presentation.audit_words import AUDIT_CHECKS
from moyai_webui.presentation.formats import now


@consortium.get("/audit")
@roles(*ADMINISTRATORS)
def audit() -> ResponseReturnValue:
    found = last_audit(settings().state)
    return show("audit.html", audit=found, is_old=found is not None and found.is_old(now()), words=AUDIT_CHECKS,
                names={one.code: one.name for one in reading().municipalities()})
