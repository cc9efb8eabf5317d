"""E3: a resident's own electricity: made, used, used at home, by day, month and year."""
from __future__ import annotations

import csv
import io

from flask import Response, request
from flask.typing import ResponseReturnValue

from moyai_webui.access import MEMBERS, roles
from moyai_webui.accounts import person
from moyai_webui.energy import KINDS, Figures, Period, figures, whole
from moyai_webui.metering import DeviceFilter
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.serving import metering, show
from moyai_webui.presentation.energy_charts import generation_chart, use_chart
from moyai_webui.presentation.formats import jst, now, today
from moyai_webui.presentation.template_context import as_of_words

MOST_DEVICES = 20


@eco.get("/")
@roles(*MEMBERS)
def home() -> ResponseReturnValue:
    period = _period()
    lines = _lines(period)
    devices = metering().devices(DeviceFilter(account=person().account, size=MOST_DEVICES)).rows
    known = [line for line in lines if line.used is not None or line.generated is not None]
    return show("energy.html", period=period, kinds=KINDS, lines=lines, known=known, sum=whole(period, lines),
                charts=(use_chart(period, lines), generation_chart(period, lines)), devices=devices,
                as_of=as_of_words(metering().as_of()))


@eco.get("/usage.csv")
@roles(*MEMBERS)
def usage() -> ResponseReturnValue:
    """The table of the page, in kWh."""
    period = _period()
    held = io.StringIO()
    rows = csv.writer(held)
    rows.writerow(("開始", "終了", "発電kWh", "使用kWh", "自家消費kWh", "売った電気kWh", "買った電気kWh", "欠測", "補正"))
    for line in _lines(period):
        amounts = (line.generated, line.used, line.self_used, line.sold, line.bought)
        rows.writerow((jst(line.begin).isoformat(), jst(line.end).isoformat(),
                       *("" if amount is None else f"{amount / 1000:.3f}" for amount in amounts), line.missing,
                       line.substituted))
    return Response("\ufeff" + held.getvalue(), mimetype="text/csv",
                    headers={"Content-Disposition": f'attachment; filename="electricity-{period.on}.csv"'})


def _period() -> Period:
    return Period.read(request.args.get("by", ""), request.args.get("on", ""), today())


def _lines(period: Period) -> tuple[Figures, ...]:
    """Of hours, days and months that have begun: what lies ahead has no figures."""
    lines = figures(period, metering().counted(person().account, period.edges))
    return tuple(line for line in lines if line.begin <= now())
