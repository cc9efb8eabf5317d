"""Who gets what into a broker: devices below their own topic, nobody else anything."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moyai_client.errors import MoyaiError

from moyai_bridge.device_certificates import AlreadyEnrolled
from tests.contract.scene import random_id
from tests.network.broker_site import NOT_AUTHORISED, BrokerSite, Client, Pair, until
from tests.network.consortium import RunningConsortium

OSHIMA, NANAO = "133612", "172022"


@pytest.fixture(scope="module")
def site(consortium: RunningConsortium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerSite]:
    """大島町's broker, without its bridge: the tests are the bridge."""
    made = BrokerSite(consortium, OSHIMA, tmp_path_factory.mktemp("devices"))
    consortium.stop("meters")
    done = consortium.moyai("network", "start", made.program)
    assert done.returncode == 0, done.stderr
    yield made
    consortium.stop("meters")


@pytest.fixture(scope="module")
def pair(site: BrokerSite) -> Pair:
    return site.device()


@pytest.fixture(scope="module")
def other(site: BrokerSite) -> Pair:
    return site.device()


@pytest.fixture
def bridge(site: BrokerSite) -> Iterator[Client]:
    """Receives all that gets in."""
    with site.client(site.bridge) as client:
        for topic in ("$share/bridges/m/+/registers", "$share/bridges/m/+/echonet", "m/#"):
            assert client.subscribe(topic) == 1
        yield client


def nothing_got_in(bridge: Client, device: Client, device_id: str) -> bool:
    """Whether what the device publishes next is the first that the bridge receives: the broker keeps the order."""
    before = len(bridge.received)
    assert device.publish(f"m/{device_id}/registers", b"marker") == 0
    return bridge.wait_received(before + 1)[before] == (f"m/{device_id}/registers", b"marker")


def test_a_device_writes_its_readings_and_reads_what_is_durable(site: BrokerSite, bridge: Client, pair: Pair) -> None:
    with site.client(pair) as device:
        assert device.subscribe(f"m/{pair.name}/durable") == 1
        assert device.publish(f"m/{pair.name}/registers", b'{"seq": 1}') == 0
        assert device.publish(f"m/{pair.name}/echonet", b"\x10\x81") == 0
        assert bridge.publish(f"m/{pair.name}/durable", b'{"seq": 1}') == 0
        assert device.wait_received(1) == [(f"m/{pair.name}/durable", b'{"seq": 1}')]
    assert {(f"m/{pair.name}/registers", b'{"seq": 1}'), (f"m/{pair.name}/echonet", b"\x10\x81")} <= set(
        bridge.wait_received(2))


@pytest.mark.parametrize("topic", [
    "m/{other}/registers", "m/{other}/echonet", "m/{other}/durable", "m/{own}/durable", "m/{own}/registers/x",
    "m/{own}", "m/bridge-1/registers", "registers", "$share/bridges/m/{own}/registers"])
def test_another_topic_gets_nothing_in(site: BrokerSite, bridge: Client, pair: Pair, other: Pair, topic: str) -> None:
    with site.client(pair) as device:
        answer = device.publish(topic.format(own=pair.name, other=other.name))
        assert answer == NOT_AUTHORISED
        assert nothing_got_in(bridge, device, pair.name)


def test_mqtt_3_1_1_acknowledges_what_it_throws_away(site: BrokerSite, bridge: Client, pair: Pair,
                                                     other: Pair) -> None:
    """MQTT 3.1.1 has no word for a refusal: a device must not take the broker's acknowledgement for a reading's."""
    with site.client(pair, version=mqtt.MQTTv311) as device:
        assert device.publish(f"m/{other.name}/registers") == 0
        assert nothing_got_in(bridge, device, pair.name)


def test_a_device_reads_nothing_of_others(site: BrokerSite, bridge: Client, pair: Pair, other: Pair) -> None:
    with site.client(pair) as curious, site.client(other) as device:
        for topic in ("#", "m/#", f"m/{other.name}/registers", f"$share/bridges/m/{other.name}/registers"):
            curious.subscribe(topic)
        assert device.publish(f"m/{other.name}/registers", b"secret") == 0
        assert (f"m/{other.name}/registers", b"secret") in bridge.wait_received(1)
        assert bridge.publish(f"m/{other.name}/durable", b"secret") == 0
        curious.subscribe(f"m/{pair.name}/durable")
        assert bridge.publish(f"m/{pair.name}/durable", b"own") == 0
        curious.wait_received(1)
        assert {payload for topic, payload in curious.received if topic != f"m/{pair.name}/durable"} == set()


def test_another_s_certificate_makes_a_device_that_other_one(
        site: BrokerSite, bridge: Client, pair: Pair, other: Pair) -> None:
    with site.client(other, client_id=pair.name) as thief:
        assert thief.publish(f"m/{pair.name}/registers") == NOT_AUTHORISED
        assert nothing_got_in(bridge, thief, other.name)


def test_nobody_takes_over_another_s_session(site: BrokerSite, bridge: Client, pair: Pair, other: Pair) -> None:
    """The name in the certificate is the client id, whatever a client calls itself."""
    with site.client(pair) as victim:
        with site.client(other, client_id=pair.name):
            assert nothing_got_in(bridge, victim, pair.name)
        assert victim.lost == []


def certified_by_itself(site: BrokerSite, name: str, issuer: x509.Name | None = None) -> Pair:
    """A certificate that somebody made at home, in the name of the device CA if wanted."""
    key, home_ca = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or subject)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
                   .sign(home_ca if issuer else key, hashes.SHA256()))
    return site.pair(name, certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def test_only_the_own_device_ca_s_certificates_are_let_in(site: BrokerSite, pair: Pair, tmp_path_factory:
                                                          pytest.TempPathFactory) -> None:
    home = site.consortium.state.home(OSHIMA)
    root = x509.load_pem_x509_certificate(home.device_ca.read_bytes())
    foreign = BrokerSite(site.consortium, NANAO, tmp_path_factory.mktemp("foreign")).device()
    service = home.service("bridge")
    strangers = {
        "no certificate": None,
        "self-signed": certified_by_itself(site, pair.name),
        "signed in the device CA's name": certified_by_itself(site, pair.name, root.subject),
        "another municipality's device": foreign,
        "the municipality's bridge service": Pair("bridge-1", service / "certificate.pem",
                                                  service / "private_key.pem"),
        "the broker's own": Pair("bridge-1", home.broker / "tls" / "server.crt", home.broker / "tls" / "server.key"),
    }
    assert site.lets_in(pair)
    assert {stranger for stranger, shown in strangers.items() if site.lets_in(shown)} == set()


@pytest.mark.parametrize("version", [mqtt.MQTTv5, mqtt.MQTTv311])
def test_a_revoked_device_is_out_at_once_its_open_session_too(site: BrokerSite, bridge: Client, pair: Pair,
                                                              version: int) -> None:
    revoked, next_one = site.device(), site.device()
    with site.client(revoked, version=version) as held, site.client(pair) as device:
        assert held.subscribe(f"m/{revoked.name}/durable") in (0, 1)
        assert held.publish(f"m/{revoked.name}/registers", b"before") == 0
        bridge.wait_received(1)
        site.access.revoke(revoked.name)
        # Knocking with the revoked certificate too early would end the session that is held.
        site.access.revoke(next_one.name)
        until(lambda: not site.lets_in(next_one))
        assert held.publish(f"m/{revoked.name}/registers", b"after") == (
            NOT_AUTHORISED if version == mqtt.MQTTv5 else 0)
        bridge.publish(f"m/{revoked.name}/durable", b'{"seq": 9}')
        assert nothing_got_in(bridge, device, pair.name)
        assert held.received == [] and held.lost == []
    assert not site.lets_in(revoked) and site.lets_in(pair)


def test_a_device_revoked_at_the_ca_alone_is_out_at_the_next_refresh(site: BrokerSite) -> None:
    revoked = site.device()
    assert site.lets_in(revoked)
    assert site.certificates.revoke(revoked.name)
    site.access.refresh()
    until(lambda: not site.lets_in(revoked))
    assert revoked.name in site.settings.broker_access_file.read_text()


def test_a_device_gets_one_certificate(site: BrokerSite, pair: Pair) -> None:
    with pytest.raises(AlreadyEnrolled):
        site.certificates.enrol(pair.name)
    revoked = site.device()
    site.certificates.revoke(revoked.name)
    with pytest.raises(MoyaiError):
        site.certificates.enrol(revoked.name)
    with pytest.raises(ValueError, match="not a device id"):
        site.certificates.enrol("bridge-1")
    assert not site.certificates.revoke(random_id())


def test_a_large_packet_gets_nothing_in_and_breaks_the_connection(site: BrokerSite, bridge: Client, pair: Pair) -> None:
    with site.client(pair, version=mqtt.MQTTv311) as device:
        assert device.publish(f"m/{pair.name}/registers", b"x" * 9000) is None
        assert device.lost
    with site.client(pair) as device:
        assert nothing_got_in(bridge, device, pair.name)


def test_mqtt_5_says_when_nobody_listens(site: BrokerSite, pair: Pair) -> None:
    """Acknowledged and thrown away: 16, "no matching subscribers", where no bridge has a session."""
    with site.client(site.bridge):
        pass  # A clean start ends the session of whoever was the bridge before.
    with site.client(pair) as device:
        assert device.publish(f"m/{pair.name}/registers") == 16


def test_the_log_names_neither_devices_nor_what_they_say(site: BrokerSite, bridge: Client, pair: Pair) -> None:
    """A line with a device's id and where it came from would tell a home's address."""
    with site.client(pair) as device:
        assert device.publish(f"m/{pair.name}/registers", b"consumption") == 0
        bridge.wait_received(1)
    said = "\n".join(site.consortium.log(site.program))
    assert "Mosquitto" in said or "OpenSSL" in said
    assert pair.name not in said and "consumption" not in said


def test_the_broker_may_open_as_many_connections_as_the_system_allows(site: BrokerSite) -> None:
    limits = Path(f"/proc/{site.consortium.pids(site.program)[0]}/limits").read_text("utf-8")
    (line,) = (line for line in limits.splitlines() if line.startswith("Max open files"))
    soft, hard = line.split()[3:5]
    assert soft == hard
