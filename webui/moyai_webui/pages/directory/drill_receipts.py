"""The words of receipts about drills."""
from __future__ import annotations

from flask import url_for

from moyai_webui.home import Submission
from moyai_webui.presentation.receipts import Receipt, Way, describes
from moyai_webui.reading import Reading


@describes("directory.open_drill")
def _opened(submission: Submission, reading: Reading) -> Receipt:
    fields = submission.fields
    return Receipt("訓練を始めました", "右上のメニューの「訓練に入る」から、訓練の画面に入れます。", [("名前", fields["title"])], [
        Way(url_for("directory.open_drill"), "訓練の一覧を見る", "list"), Way(url_for("directory.manage"), "管理に戻る")],
        backs=[Way(url_for("directory.close_drill", drill=fields["drill_id"]), "この訓練を終える")])


@describes("directory.close_drill")
def _closed(submission: Submission, reading: Reading) -> Receipt:
    return Receipt("訓練を終えました", "訓練の記録は、画面に出なくなりました。", ways=[
        Way(url_for("relief.office"), "状況に戻る", "home"), Way(url_for("directory.manage"), "管理に戻る")])
