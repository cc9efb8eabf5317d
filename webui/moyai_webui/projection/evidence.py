"""Documents of the context `evidence`."""
from __future__ import annotations

from moyai_webui.projection.changes import BlockChanges
from moyai_webui.projection.documents import Written, handles, utc


@handles("evidence.mail")
def mail(changes: BlockChanges, written: Written) -> None:
    document = written.document
    code6, mail_id, n = written.attributes
    changes.save(
        "recorded_mail", code6=code6, mail_id=mail_id, n=int(n), kind=document["kind"],
        cause_tx=document["cause_tx"], account=document.get("account", ""), site=document.get("site", ""),
        handed_at=utc(document["handed_at"]), outcome=document["outcome"])
