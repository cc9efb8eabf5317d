"""Error pages: what happened in one sentence, and a way on."""
from __future__ import annotations

import secrets
from typing import NamedTuple

from flask import Flask, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from structlog.typing import FilteringBoundLogger
from werkzeug.exceptions import HTTPException

from moyai_webui.presentation.navigation import home_endpoint


class Words(NamedTuple):
    title: str
    sentence: str
    kind: str = "warn"


WORDS: dict[int, Words] = {
    400: Words("送れませんでした", "画面を開いてから時間がたったか、内容が欠けています。前の画面を読み直して、もう一度送ってください。"),
    403: Words("この画面は開けません", "あなたの役割では使えない画面です。必要なときは、自治体の管理者に頼んでください。"),
    404: Words("見つかりません", "このページや記録はありません。番号やアドレスをもう一度確かめてください。"),
    405: Words("見つかりません", "このページは、この方法では開けません。前の画面からもう一度進んでください。"),
    409: Words("記録していません", "訓練と本番を切りかえたか、訓練が終わったため、この入力は使えません。もう一度、画面を開いてください。"),
    413: Words("ファイルが大きすぎます", "一度に送れるのは5MBまでです。ファイルを分けてください。"),
    429: Words("続けて送られました", "短い時間に何度も送られたため、止めています。15分たってから試してください。"),
    500: Words("画面を作れませんでした", "こちらの不具合です。入力した内容は記録されていないことがあります。記録の一覧で確かめてください。", "stop"),
    503: Words("いまは使えません", "準備をしています。少したってから開いてください。", "stop"),
}


def install(app: Flask, log: FilteringBoundLogger) -> None:
    """Answers every error with a page."""
    @app.errorhandler(HTTPException)
    def told(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if status < 400:
            return error  # a redirect that werkzeug raises
        return _page(status)

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> ResponseReturnValue:
        return _page(400)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> ResponseReturnValue:
        number = secrets.token_hex(4)
        log.error("page failed", number=number, endpoint=request.endpoint, exc_info=error)
        return _page(500, number)


def _page(status: int, number: str = "") -> tuple[str, int]:
    words = WORDS.get(status) or WORDS[500 if status >= 500 else 400]
    if current_user.is_authenticated:
        way = (url_for(home_endpoint(current_user)), "はじめの画面に戻る")
    else:
        way = (url_for("portal.start"), "はじめの画面に戻る")
    return render_template("error.html", title=words.title, sentence=words.sentence, kind=words.kind, number=number,
                           way=way, plain=True), status
