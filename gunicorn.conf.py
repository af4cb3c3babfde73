"""The server behind `make run` and in production; docs/operations.md lists the variables."""

import os
import sys

address = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"

bind = address
wsgi_app = "ips.wsgi"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 4
preload_app = True  # the code is read once, and the workers share it
timeout = 30  # seconds
graceful_timeout = 10
loglevel = "warning"
control_socket_disable = True  # nothing here is steered through a socket
if os.path.isdir("/dev/shm"):
    worker_tmp_dir = "/dev/shm"  # a heartbeat that waits for a slow disk would stop a worker that is well


def when_ready(server):
    sys.stdout.write(f"IPS CANS is at http://{address}/ (stop it with Ctrl-C)\n")
    sys.stdout.flush()
