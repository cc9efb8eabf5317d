"""Why a match is proposed, in words."""
from __future__ import annotations

from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import day, number
from moyai_webui.suggestions.problem import Demand, Proposal


def reasons(proposal: Proposal, demand: Demand) -> tuple[str, ...]:
    """Sentences on priority, date, distance and fairness, in this order."""
    return (*_urgency(demand), *_date(proposal, demand), *_distance(proposal), _share(demand))


def _urgency(demand: Demand) -> tuple[str, ...]:
    return (f"優先度は{vocabulary.PRIORITIES[demand.priority]}です。",) if demand.priority != "normal" else ()


def _date(proposal: Proposal, demand: Demand) -> tuple[str, ...]:
    if demand.due is None:
        return ()
    if proposal.late_days:
        return (f"発送できる日が、期限の{day(demand.due)}より{proposal.late_days}日あとです。",)
    return (f"期限の{day(demand.due)}までに発送できます。",)


def _distance(proposal: Proposal) -> tuple[str, ...]:
    if proposal.distance_km is None:
        return ()
    if proposal.distance_km == 0:
        return ("同じ自治体の中にあります。",)
    return (f"送り主まで約{number(proposal.distance_km)}kmです。",)


def _share(demand: Demand) -> str:
    if demand.held == 0:
        return "まだ1つも確保されていません。"
    whole = demand.held + demand.missing
    if demand.headcount:
        return f"確保は{number(whole)}のうち{number(demand.held)}、1人あたり{demand.held / demand.headcount:.2g}です。"
    return f"確保は{number(whole)}のうち{number(demand.held)}です。"
