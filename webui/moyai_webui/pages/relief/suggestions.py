"""S6: which offers would best go to which needs, proposed over all of them; accepted one by one or together."""
from __future__ import annotations

from flask import current_app, request
from flask.typing import ResponseReturnValue

from moyai_webui import scope
from moyai_webui.access import OFFICE, roles
from moyai_webui.pages.blueprints import relief
from moyai_webui.pages.relief.asking import MOST, Pair, command_of, form_of, sent_pairs
from moyai_webui.pages.serving import opened, reading, send, settings, show
from moyai_webui.presentation.formats import now
from moyai_webui.presentation.reasons import reasons
from moyai_webui.presentation.template_context import as_of_words
from moyai_webui.suggestions.board import Board, Suggestions


@relief.route("/suggestions", methods=["GET", "POST"])
@roles(*OFFICE)
def suggestions() -> ResponseReturnValue:
    if request.method == "POST" or request.args.get("again"):
        pairs = sent_pairs()
        form = opened(form_of(pairs))
        if form.validate_on_submit() and (command := command_of(form, pairs)):
            return send(form, command, *OFFICE)
        return show("suggestions.html", form, pairs=pairs, board=None, more=0)
    board = _board()
    pairs, more = _pairs(board)
    return show("suggestions.html", opened(form_of(pairs)), pairs=pairs, board=board, more=more,
                as_of=as_of_words(board.at))


def _board() -> Suggestions:
    board: Board = current_app.extensions["moyai_suggestions"]
    return board.suggestions(scope.current(), reading().as_of().block, now(), reading().material,
                             settings().municipality)


def _pairs(board: Suggestions) -> tuple[tuple[Pair, ...], int]:
    """The proposals for this municipality as they can still be had, and how many more there are."""
    demands = {demand.need_id: demand for demand in board.problem.demands}
    own = [one for one in board.solution.proposals
           if demands[one.need_id].municipality == settings().municipality]
    shown = []
    for one in own[:MOST]:
        offer, need = reading().offer(one.offer_id), reading().need(one.need_id)
        if offer is not None and need is not None and (most := min(offer.free, need.missing)) > 0 \
                and "open" == offer.state == need.state:
            shown.append(Pair(offer, need, min(one.quantity, most), reasons(one, demands[one.need_id])))
    return tuple(shown), max(0, len(own) - MOST)
