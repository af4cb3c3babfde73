import ipaddress
import os
import socket

import pytest
from hypothesis import HealthCheck, settings

# An ordinary run is the same each time; `make proof-short` and `make proof` look further, at random.
ORDINARY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
settings.register_profile("ordinary", max_examples=25, derandomize=True, **ORDINARY)
settings.register_profile("short", max_examples=500, **ORDINARY)
settings.register_profile("proof", max_examples=20_000, **ORDINARY)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "ordinary")


def _is_here(address):
    if not isinstance(address, tuple):
        return True  # a socket in the file system
    host = address[0]
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _no_network():
    """A test that reaches beyond this machine fails, here and not only where there is no network."""
    connect = socket.socket.connect

    def connect_here(self, address):
        if not _is_here(address):
            raise AssertionError(f"a test tried to reach {address!r}")
        return connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield


def pytest_sessionfinish(session):
    """Where everything is required, a test that was skipped has not passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("REQUIRE_ALL") == "1" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
