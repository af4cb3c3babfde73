"""Ports of this machine that no other process is given while a test needs them."""

import contextlib
import socket


@contextlib.contextmanager
def reserved_port():
    """Bound and not listening: whoever calls is refused, until a server of ours listens there."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # or no server of ours could
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
