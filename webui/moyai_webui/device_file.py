"""The file that carries certificate and settings to a device: a zip, made once, for nobody else keeps the key."""
from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from moyai_webui.metering_devices import Enrolment, NewDevice

PAYLOAD_VERSION = 1
NOTE = """もやい：機器 {device_id}

1. device.json：接続先と計器の設定
2. certificate.pem と private_key.pem：この機器だけの証明書と秘密の鍵
3. authority.pem：接続先を確かめるための証明書

private_key.pemは、この機器のほかに置かないでください。機器に入れたら、このファイルを消してください。
なくしたときや、だれかに見られたときは、この機器を失効にして、登録し直してください。
"""


def device_file(enrolment: Enrolment, device: NewDevice) -> bytes:
    """A zip with the settings (JSON), certificate, private key and the broker's authority (PEM), and a note."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("device.json", json.dumps(settings_of(enrolment, device), ensure_ascii=False, indent=1))
        archive.writestr("certificate.pem", enrolment.certificate)
        archive.writestr("private_key.pem", enrolment.private_key)
        archive.writestr("authority.pem", enrolment.authority)
        archive.writestr("README.txt", NOTE.format(device_id=device.device_id))
    return held.getvalue()


def settings_of(enrolment: Enrolment, device: NewDevice) -> dict[str, Any]:
    """What the device must know: where and as whom it connects, its topics, how its counter is to be read."""
    topics = f"m/{device.device_id}"
    return {
        "v": PAYLOAD_VERSION, "device_id": device.device_id,
        "broker": {"host": enrolment.broker_host, "port": enrolment.broker_port, "client_id": device.device_id,
                   "qos": 1},
        "topics": {"registers": f"{topics}/registers", "echonet": f"{topics}/echonet", "durable": f"{topics}/durable"},
        "registers": list(device.registers), "unit": device.unit,
        "coefficient": {"n": device.coefficient[0], "d": device.coefficient[1]}, "digits": device.digits,
    }
