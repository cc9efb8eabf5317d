"""What the ledger says of a device holds at the broker: the program `access` follows it."""
from __future__ import annotations

from collections.abc import Iterator

import pytest
from moyai_contracts.api.devices import RetireDevice, RevokeDevice

from tests.contract.channel import NANAO
from tests.contract.devices_story import DevicesStory
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene
from tests.network.broker_site import NOT_AUTHORISED, BrokerSite, Client, Pair, until
from tests.network.consortium import RunningConsortium

AT_ONCE_SECONDS = 10.0
"""From the receipt; half a second where the machine has nothing else to do."""
ACCESS, CA = f"access-{NANAO}", f"ca-{NANAO}"


@pytest.fixture(scope="module")
def site(consortium: RunningConsortium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerSite]:
    """七尾市's broker with the program `access`, and without its bridge."""
    made = BrokerSite(consortium, NANAO, tmp_path_factory.mktemp("devices"))
    consortium.stop("meters")
    for program in (made.program, ACCESS):
        done = consortium.moyai("network", "start", program)
        assert done.returncode == 0, done.stderr
    yield made
    consortium.stop("meters")


@pytest.fixture(scope="module")
def story(consortium: RunningConsortium) -> Iterator[DevicesStory]:
    channel = FabricChannel(consortium.state.root).bootstrap()
    yield DevicesStory(Scene(channel))
    channel.close()


@pytest.fixture
def bridge(site: BrokerSite) -> Iterator[Client]:
    with site.client(site.bridge) as client:
        assert client.subscribe("$share/bridges/m/+/registers") == 1
        yield client


def registered(site: BrokerSite, story: DevicesStory) -> Pair:
    """A meter on the ledger, with the certificate that stands there."""
    pair = site.device()
    story.submit(story.registration(device_id=pair.name))
    return pair


def denied(client: Client, pair: Pair) -> bool:
    return client.publish(f"m/{pair.name}/registers") == NOT_AUTHORISED


@pytest.mark.parametrize("command", [RevokeDevice, RetireDevice])
def test_e01_a_device_that_ends_on_the_ledger_is_out_at_the_broker(
        site: BrokerSite, story: DevicesStory, bridge: Client, command: type) -> None:
    pair, other = registered(site, story), registered(site, story)
    with site.client(pair) as held, site.client(other) as device:
        assert held.publish(f"m/{pair.name}/registers") == 0
        story.submit(command(device_id=pair.name, reason="key copied"))
        until(lambda: denied(held, pair), AT_ONCE_SECONDS)
        assert device.publish(f"m/{other.name}/registers") == 0
    until(lambda: not site.lets_in(pair), AT_ONCE_SECONDS)
    assert site.lets_in(other)


def test_e01_a_revoked_device_is_denied_while_the_device_ca_is_away(
        site: BrokerSite, story: DevicesStory, bridge: Client) -> None:
    pair = registered(site, story)
    with site.client(pair) as held:
        assert held.publish(f"m/{pair.name}/registers") == 0
        site.consortium.stop(CA)
        try:
            story.submit(RevokeDevice(pair.name, "key copied"))
            until(lambda: denied(held, pair), AT_ONCE_SECONDS)
            assert site.lets_in(pair)
        finally:
            site.consortium.start(CA)
    until(lambda: not site.lets_in(pair))


def test_e01_what_happened_while_the_program_was_down_is_made_up_for(
        site: BrokerSite, story: DevicesStory, bridge: Client) -> None:
    pair = registered(site, story)
    site.consortium.stop(ACCESS)
    story.submit(RevokeDevice(pair.name, "key copied"))
    with site.client(pair) as held:
        assert held.publish(f"m/{pair.name}/registers") == 0
        site.consortium.start(ACCESS)
        until(lambda: denied(held, pair))
    until(lambda: not site.lets_in(pair))
