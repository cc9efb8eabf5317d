"""Whether the network really works: an endorsement by every municipality, through every gateway."""
from __future__ import annotations

from typing import Callable

from fabric_protos.gateway import gateway_pb2
from moyai_client.errors import refusal_in
from moyai_client.identity import Identity
from moyai_client.profile import GatewayEndpoint, Profile
from moyai_client.proposal import new_proposal
from moyai_client.transport import RpcFailure, Transport

from moyai_network.definition import Consortium, Municipality
from moyai_network.layout import State
from moyai_network.waiting import wait_for

PROBE = (b"directory.get_roster", b"{}")
"""A query any service may ask; before the first member is registered the contract answers that there is no roster."""
_CALL_SECONDS = 10.0


class Probe:
    """Asks for endorsements as one municipality's service, through its own gateway."""

    def __init__(self, consortium: Consortium, municipality: Municipality, state: State,
                 chaincode: str | None = None) -> None:
        profile = Profile.load(state.home(municipality.code).profile("webui"))
        self._consortium = consortium
        self._chaincode = chaincode or consortium.chaincode
        self._answers = _refused if chaincode is None else _answered_at_all
        self._identity = Identity.load(profile.msp_id, profile.certificate, profile.private_key)
        self._endpoint: GatewayEndpoint = profile.own_gateway
        self._transport = Transport((profile.own_gateway,))
        self.trouble = ""
        """What the last attempt that failed was told."""

    def endorsed_by_all(self) -> bool:
        """Whether the contract services of all municipalities just answered through this gateway.

        Where the contract refuses, the gateway stops at the first one: then each is asked by itself.
        """
        members = [municipality.msp_id for municipality in self._consortium.municipalities]
        try:
            return self._answered(members) or all(self._answered([member]) for member in members)
        except RpcFailure as failure:
            details = "; ".join(f"{detail.msp_id}: {detail.message}" for detail in failure.details)
            self.trouble = f"{failure.message} {details}".strip()
            return False

    def close(self) -> None:
        """Ends the connection."""
        self._transport.close()

    def _answered(self, members: list[str]) -> bool:
        """Whether the contract answered: endorsed by all `members`, or refused by the one asked."""
        proposal = new_proposal(self._identity, self._consortium.channel, self._chaincode, PROBE)
        request = gateway_pb2.EndorseRequest(
            transaction_id=proposal.transaction_id, channel_id=self._consortium.channel,
            proposed_transaction=proposal.signed, endorsing_organizations=members)
        try:
            self._transport.call(self._endpoint, "Endorse", request, _CALL_SECONDS)
        except RpcFailure as failure:
            refusals = [detail for detail in failure.details if self._answers(detail.message)]
            if not refusals:
                raise
            return len(members) == 1 and refusals[0].msp_id == members[0]
        return True


def _refused(message: str) -> bool:
    """Whether the contract of `moyai` said no."""
    return refusal_in(message) is not None


def _answered_at_all(message: str) -> bool:
    """Whether some contract answered: a status, or the error its runtime made of an exception."""
    return message.startswith(("chaincode response ", "error in simulation: transaction returned with failure"))


def wait_until_endorsed(consortium: Consortium, state: State, *, seconds: float, watch: Callable[[], object],
                        chaincode: str | None = None) -> None:
    """Returns when every gateway has got an answer of all municipalities' contract services.

    NetworkError says which gateway has not after `seconds`; `watch` is called before each attempt and may raise.
    Of a `chaincode` other than the consortium's own any answer will do.
    """
    for municipality in consortium.municipalities:
        probe = Probe(consortium, municipality, state, chaincode)

        def endorsed() -> bool:
            watch()
            return probe.endorsed_by_all()
        try:
            wait_for(endorsed, seconds=seconds, interval=0.1, failure=lambda: (
                f"The gateway of {municipality.name} gets no endorsement of all municipalities: {probe.trouble}"))
        finally:
            probe.close()
