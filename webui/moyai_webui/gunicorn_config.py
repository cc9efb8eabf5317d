"""How gunicorn serves a web UI: `gunicorn --config python:moyai_webui.gunicorn_config --bind ADDRESS`.

Threads wait for the ledger, processes use the cores. No control socket: gunicorn would open one in the home folder.
"""
from __future__ import annotations

wsgi_app = "moyai_webui.application:create_application()"
worker_class = "gthread"
workers = 2
threads = 8
timeout = 60
graceful_timeout = 15  # below the 20 seconds after which the supervisor kills
keepalive = 5
control_socket_disable = True
