"""S11: what somebody decides about the own account: mails, language, sessions that are open."""
from __future__ import annotations

import dataclasses

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from moyai_webui.access import SIGNED_IN, roles
from moyai_webui.accounts import SECRET, end_session, person
from moyai_webui.forms.fields import Choice
from moyai_webui.forms.form import PageForm
from moyai_webui.pages.blueprints import portal
from moyai_webui.pages.serving import home, identity, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import now


class MeForm(PageForm):
    mail_choice = Choice("お知らせのメール", choices=list(vocabulary.MAIL_CHOICES.items()))
    language = Choice("ことば", choices=list(vocabulary.LANGUAGES.items()))


class EndSessionForm(PageForm):
    pass


@portal.route("/me", methods=["GET", "POST"])
@roles(*SIGNED_IN)
def me() -> ResponseReturnValue:
    user = person().user
    form = MeForm(mail_choice=user.mail_choice, language=user.language)
    if form.validate_on_submit():
        home().save_user(dataclasses.replace(user, mail_choice=form.mail_choice.data, language=form.language.data))
        return redirect(url_for("portal.me", saved=1), 303)
    sessions = identity().sessions
    own = sessions.find(session[SECRET], now())
    return show("me.html", form, user=user, sessions=sessions.of(user.user_id, now()), own=own,
                factor=identity().factors.factor(user.user_id), saved="saved" in request.args)


@portal.post("/me/end_session")
@roles(*SIGNED_IN)
def end_open_session() -> ResponseReturnValue:
    """Ends one session, or all but this one, or all (then one has to sign in again)."""
    user_id, wanted = person().user.user_id, request.form.get("session", "")
    if wanted == "others":
        identity().sessions.end_all(user_id, but=session[SECRET])
    elif wanted == "all":
        identity().sessions.end_all(user_id)
        end_session(identity(), now())
        return redirect(url_for("portal.start"), 303)
    else:
        identity().sessions.end_one(user_id, wanted)
    return redirect(url_for("portal.me"), 303)
