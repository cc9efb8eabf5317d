"""The MQTT broker of a municipality: mosquitto.conf, and what each client may do there."""
from __future__ import annotations

from moyai_network.definition import Municipality
from moyai_network.layout import Home, State
from moyai_network.rendering.certificates import bridge_client

ACCESS_FILE, RULES_FILE, CRL_FILE, PID_FILE = "access.acl", "rules.acl", "revoked.pem", "mosquitto.pid"

LARGEST_PACKET = 8192
"""Bytes of a whole MQTT packet; a message with all registers of a device is a twentieth of it."""


def mosquitto(municipality: Municipality, state: State) -> str:
    """mosquitto.conf, for Mosquitto 2.0."""
    home = state.home(municipality.code)
    return "\n".join((*_listener(municipality, home), "", *_store(home), "", *_limits(), "", *_log(home), ""))


def rules(municipality: Municipality) -> str:
    """Who may read and write which topic; whoever was revoked is denied in lines that follow (access.acl)."""
    bridges = [line for name in municipality.bridge_names for line in (
        f"user {bridge_client(name)}",
        "topic read m/+/registers",
        "topic read m/+/echonet",
        "topic write m/+/durable",
        "")]
    return "\n".join((*bridges,
                      "# A device (%u: the name in its certificate) below its own topic alone.",
                      "pattern write m/%u/registers",
                      "pattern write m/%u/echonet",
                      "pattern read m/%u/durable",
                      ""))


def _listener(municipality: Municipality, home: Home) -> tuple[str, ...]:
    tls = home.broker / "tls"
    return (
        f"listener {municipality.ports.broker} {municipality.host}",
        "tls_version tlsv1.2",
        f"certfile {tls / 'server.crt'}",
        f"keyfile {tls / 'server.key'}",
        "# Clients are known by certificates of the device CA, and by nothing else. The name in a certificate is user",
        "# name and client id: nobody takes over another's session.",
        f"cafile {home.device_ca}",
        f"crlfile {home.broker / CRL_FILE}",
        "require_certificate true",
        "use_identity_as_username true",
        "use_username_as_clientid true",
        "allow_anonymous false",
        f"acl_file {home.broker / ACCESS_FILE}",
        "# Root would become the system's user mosquitto, who may not read these files.",
        "user root",
    )


def _store(home: Home) -> tuple[str, ...]:
    return (
        "# The whole store is written anew after every change, else a kill -9 loses all that was acknowledged. What is",
        "# acknowledged while it is written may still be lost: devices keep a reading until `durable` names it.",
        "persistence true",
        f"persistence_location {home.broker / 'data'}/",
        "autosave_on_changes true",
        "autosave_interval 1",
        "# Sessions of bridges and devices that are gone for good.",
        "persistent_client_expiration 1m",
    )


def _limits() -> tuple[str, ...]:
    return (
        f"max_packet_size {LARGEST_PACKET}",
        "# A bridge names a smaller window of its own.",
        "max_inflight_messages 1000",
        "# Half-hours of 100,000 homes that wait for a bridge.",
        "max_queued_messages 500000",
        "max_keepalive 3600",
        "allow_zero_length_clientid false",
    )


def _log(home: Home) -> tuple[str, ...]:
    return (
        "# No payloads, and no lines of who came from where: with a device's id they would tell a home's address.",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "connection_messages false",
        "log_timestamp_format %Y-%m-%dT%H:%M:%S",
        "sys_interval 0",
        f"pid_file {home.broker / PID_FILE}",
    )
