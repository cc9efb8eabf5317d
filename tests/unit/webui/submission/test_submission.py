"""A command is stored before it is sent, sent once whatever happens, and its outcome is told truly."""
from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from moyai_client import Invalidated, NotSent, OutcomeUnknown
from moyai_contracts.api import directory, relief, schema

from moyai_webui.home import Submission
from moyai_webui.store.submissions import SubmissionStore
from moyai_webui.submission import BUSY_FOR, FOR_ITSELF, LedgerSubmissions
from tests.contract.channel import NANAO
from tests.contract.scene import ulid
from tests.unit.webui.submission.desk import FORM, Desk, raising


def test_a_command_is_recorded_and_what_was_typed_is_forgotten(desk: Desk) -> None:
    op = ulid()
    done = desk.submit(desk.command(), op)
    assert (done.state, done.account, done.user_id, done.page) == (
        "recorded", desk.actor.account, "CLERK", "/relief/register_need")
    assert done.block == desk.story.channel.height - 1 and len(done.tx_id) == 64
    assert done.recorded_at == desk.now and done.transaction == "relief.register_need"
    assert desk.on_the_chain(op) == 1
    row = desk.stored(op)
    assert (row.form, row.envelope) == ({}, None)


def test_the_projection_s_height_goes_along_with_the_question(desk: Desk) -> None:
    """So that the client asks once more where the own peer is behind what the page showed."""
    desk.submit(desk.command(), ulid())
    assert desk.ledger.heights == [desk.projected.store.cursor() + 1]


def test_requests_for_one_offer_go_one_after_the_other(desk: Desk) -> None:
    offer_id = desk.story.offer()
    command = relief.RequestDispatch((desk.story.line(desk.story.need(), offer_id, 5),))
    desk.submissions.submit(command, desk.actor, user_id="CLERK", op=ulid())
    assert desk.ledger.calls[0] == f"lane offer {offer_id}"


def test_the_same_op_twice_is_the_same_submission(desk: Desk) -> None:
    op, command = ulid(), desk.command()
    assert desk.submit(command, op) == desk.submit(command, op)
    assert desk.on_the_chain(op) == 1


def test_two_clicks_at_once_record_once(desk: Desk) -> None:
    op, command = ulid(), desk.command()
    outcomes: list[Submission] = []
    clicks = [threading.Thread(target=lambda: outcomes.append(desk.submit(command, op))) for _ in range(4)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert desk.on_the_chain(op) == 1
    assert {outcome.state for outcome in outcomes} <= {"recorded", "pending"}
    assert desk.submissions.submission(op) == desk.submit(command, op)


def test_another_content_under_a_used_op_is_refused_and_the_first_stays(desk: Desk) -> None:
    op = ulid()
    first = desk.submit(desk.command(10), op)
    second = desk.submit(desk.command(20), op, FORM | {"quantity": "20"})
    assert (second.state, second.refusal) == ("refused", "id_reused")
    assert desk.submissions.submission(op) == first
    assert second.op != op and desk.submissions.submission(second.op) == second, "it has a receipt of its own"
    assert second.form == FORM | {"quantity": "20"} and desk.submissions.resume() == 0


def test_the_same_form_twice_is_the_same_submission_though_its_content_moved(desk: Desk) -> None:
    """What a command takes from the records, such as a revision, may be different at the second click."""
    op = ulid()
    assert desk.submit(desk.command(10), op) == desk.submit(desk.command(20), op)
    assert desk.on_the_chain(op) == 1


def test_a_refusal_keeps_what_was_typed_and_says_why(desk: Desk) -> None:
    op = ulid()
    line = desk.story.need_line(10, site=desk.story.cast.closed)
    refused = desk.submit(relief.RegisterNeed((line,)), op)
    assert (refused.state, refused.refusal, refused.form) == ("refused", "site_closed", FORM)
    assert desk.submissions.submission(op) == refused and desk.on_the_chain(op) == 0


def test_a_refused_command_may_be_sent_again_under_its_op(desk: Desk) -> None:
    op = ulid()
    command = relief.RegisterNeed((desk.story.need_line(10, site=desk.story.cast.closed),))
    assert desk.submit(command, op).state == "refused"
    desk.story.submit("clerk", relief.SetSiteStatus(NANAO, desk.story.cast.closed, True))
    assert desk.submit(command, op).state == "recorded"


def test_what_was_typed_in_vain_is_forgotten_after_a_day(desk: Desk) -> None:
    op, recorded = ulid(), ulid()
    desk.submit(relief.RegisterNeed((desk.story.need_line(10, site=desk.story.cast.closed),)), op)
    desk.submit(desk.command(), recorded)
    desk.later(hours=23)
    desk.submissions.tidy()
    assert desk.submissions.submission(op) is not None
    desk.later(hours=2)
    desk.submissions.tidy()
    assert desk.submissions.submission(op) is None
    assert desk.submissions.submission(recorded) is not None, "a receipt stays"


def test_parameters_of_a_refusal_are_kept(desk: Desk) -> None:
    story = desk.story
    command = relief.RequestDispatch((story.line(story.need(100), story.offer(30), 60),))
    refused = desk.submissions.submit(command, desk.actor, user_id="CLERK", op=ulid())
    assert (refused.refusal, refused.params["available"]) == ("offer_short", 30)


def test_what_was_not_sent_is_tried_again_by_the_worker(desk: Desk) -> None:
    op = ulid()
    desk.ledger.before["prepare"].append(raising(NotSent("all peers away")))
    waiting = desk.submit(desk.command(), op)
    assert (waiting.state, waiting.doubtful, waiting.form) == ("pending", False, FORM)
    worker = desk.another_process()
    assert worker.resume() == 0, "not at once"
    desk.later(seconds=3)
    assert worker.resume() == 1
    assert desk.submissions.submission(op).state == "recorded"  # type: ignore[union-attr]
    assert desk.on_the_chain(op) == 1
    worker.close()


def test_a_doubtful_outcome_stays_pending_and_the_same_bytes_go_again(desk: Desk) -> None:
    """The orderer took it, the answer was lost: once on the chain, whatever is tried."""
    op = ulid()
    desk.ledger.after["finish"].append(raising(OutcomeUnknown("", b"", "no answer")))
    pending = desk.submit(desk.command(), op)
    assert (pending.state, pending.doubtful) == ("pending", True)
    assert desk.stored(op).envelope is not None
    desk.projected.project()  # the block is read: nothing has to be sent any more
    before = list(desk.ledger.calls)
    settled = desk.submissions.submission(op)
    assert settled is not None and (settled.state, settled.doubtful) == ("recorded", False)
    assert settled.block == desk.story.channel.height - 1 and desk.ledger.calls == before
    assert desk.on_the_chain(op) == 1


def test_an_envelope_that_was_lost_is_sent_again_unchanged(desk: Desk) -> None:
    op = ulid()
    desk.ledger.before["finish"].append(raising(OutcomeUnknown("", b"", "orderer died")))
    assert desk.submit(desk.command(), op).doubtful
    envelope = desk.stored(op).envelope
    sent: list[bytes] = []
    finish = desk.ledger.finish
    desk.ledger.finish = lambda envelope, tx_id: (  # type: ignore[method-assign]
        sent.append(envelope), finish(envelope, tx_id))[1]
    desk.later(seconds=3)
    desk.submissions.resume()
    assert sent == [envelope] and desk.ledger.calls.count("prepare") == 1
    assert desk.submissions.submission(op).state == "recorded"  # type: ignore[union-attr]


def test_a_lost_race_is_endorsed_afresh(desk: Desk) -> None:
    op = ulid()
    desk.ledger.before["finish"].append(raising(Invalidated("MVCC_READ_CONFLICT")))
    assert desk.submit(desk.command(), op).state == "recorded"
    assert [call for call in desk.ledger.calls if not call.startswith("lane")] == [
        "prepare", "finish", "prepare", "finish"]


def test_a_race_that_is_lost_again_and_again_waits_for_the_worker(desk: Desk) -> None:
    op = ulid()
    desk.ledger.before["finish"] += [raising(Invalidated("MVCC_READ_CONFLICT"))] * 5
    assert desk.submit(desk.command(), op).state == "pending"
    assert desk.stored(op).envelope is None, "an invalidated envelope is never sent again"
    desk.later(seconds=3)
    desk.submissions.resume()
    assert desk.submissions.submission(op).state == "recorded"  # type: ignore[union-attr]


@pytest.mark.parametrize("crash", ["before prepare", "before finish", "after finish"])
def test_a_process_that_dies_leaves_a_command_that_another_one_ends(desk: Desk, crash: str) -> None:
    """kill -9 at each step: the row says how far it came, a later process goes on, and the chain has it once."""
    op = ulid()

    class Killed(BaseException):
        pass

    when, step = crash.split()
    (desk.ledger.before if when == "before" else desk.ledger.after)[step].append(raising(Killed()))  # type: ignore
    desk.submissions._store.add(Submission(  # as `submit` does it first
        op, "relief.register_need", schema.to_json(desk.command()), desk.actor.account, "CLERK", "pending", desk.now,
        role=desk.actor.role, office=desk.actor.office), desk.now + FOR_ITSELF)
    with pytest.raises(Killed):
        desk.submissions.advance(op)
    worker = desk.another_process()
    desk.later(seconds=10)
    assert worker.resume() == 0, "the dead process may still be at it"
    desk.later(seconds=BUSY_FOR.total_seconds())
    if crash == "after finish":
        desk.projected.project()
    assert worker.resume() == 1
    assert desk.submissions.submission(op).state == "recorded"  # type: ignore[union-attr]
    assert desk.on_the_chain(op) == 1
    worker.close()


def test_an_earlier_result_counts_as_recorded(desk: Desk) -> None:
    """The command stands on the ledger already, sent by a process that forgot it."""
    op, command = ulid(), desk.command()
    desk.story.channel.access(NANAO, "webui").submit(command, desk.story["clerk"].actor, op=op)
    done = desk.submit(command, op)
    assert done.state == "recorded" and desk.ledger.calls.count("finish") == 0
    assert desk.on_the_chain(op) == 1


def test_a_slow_ledger_does_not_hold_the_page(desk: Desk) -> None:
    op, release = ulid(), threading.Event()
    desk.ledger.before["prepare"].append(lambda: release.wait(10) or None)
    impatient = LedgerSubmissions(SubmissionStore(desk.projected.database, NANAO),
                                  desk.ledger, patience=0.05)  # type: ignore[arg-type]
    shown = impatient.submit(desk.command(), desk.actor, user_id="CLERK", op=op)
    assert (shown.state, shown.doubtful) == ("pending", False)
    release.set()
    impatient.close()
    found = desk.submissions.submission(op)
    assert found is not None and found.state == "recorded"


def test_an_unknown_op_is_no_submission(desk: Desk) -> None:
    assert desk.submissions.submission(ulid()) is None


def test_another_municipality_s_op_settles_nothing(desk: Desk) -> None:
    """An op is chosen by its sender: only our own transactions tell about our own commands."""
    op = ulid()
    desk.ledger.before["prepare"].append(raising(NotSent("away")))
    desk.submit(desk.command(), op)
    desk.story.submit("oshima_clerk", relief.SetSiteStatus("133612", desk.story.cast.foreign_site, True), op=op)
    desk.projected.project()
    found = desk.submissions.submission(op)
    assert found is not None and found.state == "pending"


def test_s12_a_command_goes_to_the_scope_its_form_was_drawn_in(desk: Desk) -> None:
    drill = ulid()
    desk.story.submit("admin", directory.OpenDrill(drill, "秋の訓練"))
    trainee = replace(desk.actor, scope=drill)
    told = [desk.submissions.submit(command, trainee, user_id="CLERK", op=ulid())
            for command in (relief.SetSiteStatus(NANAO, desk.story.cast.shelter, True, 30), desk.command())]
    told.append(desk.submit(desk.command(), ulid()))
    assert [(each.state, each.scope) for each in told] == [("recorded", drill)] * 2 + [("recorded", "live")]
    assert [desk.scope_on_the_chain(each.op) for each in told] == [drill, drill, "live"]
