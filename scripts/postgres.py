"""Run a command against a throw-away PostgreSQL cluster: scripts/postgres.py COMMAND [ARGUMENT ...]

The cluster is made from the newest of Debian's binaries, as root or not, listens on no port, is named
to the command in DATABASE_URL, and is removed when the command ends, also by Ctrl-C. It is for tests:
it does not sync to disk.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "50",
    "log_min_messages": "fatal",
}


class CannotStart(Exception):
    """With a sentence that says what is missing."""


def find_binaries():
    """The directory of initdb and postgres, the newest major version first; None without."""
    packaged = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: -float(path.parts[-3])
    )
    on_path = shutil.which("initdb")
    for initdb in [*packaged, *([Path(on_path).resolve()] if on_path else [])]:
        if (initdb.parent / "postgres").exists():
            return initdb.parent
    return None


def _owner():
    """Whom the server runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            person = pwd.getpwnam(name)
            return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    raise CannotStart("root has no user 'postgres' or 'nobody' to run the server as")


def _wait_until_ready(server, binaries, directory, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        ready = subprocess.run([binaries / "pg_isready", "--quiet", "--host", directory], check=False)
        if ready.returncode == 0:
            return
        time.sleep(0.05)
    raise CannotStart(f"the server did not start:\n{(directory / 'log').read_text()}")


@contextlib.contextmanager
def throw_away_cluster():
    """Yields the URL of an empty database in a running cluster of its own."""
    binaries = find_binaries()
    if binaries is None:
        raise CannotStart("no initdb in /usr/lib/postgresql or on the PATH (apt-get install postgresql)")
    owner = _owner()
    # Not in TMPDIR: that may be closed to the server's user, or too long for a socket's name.
    directory = Path(tempfile.mkdtemp(prefix="ips-postgres-", dir="/tmp"))
    server = None
    try:
        if owner:
            os.chown(directory, owner["user"], owner["group"])
        initdb = [binaries / "initdb", "--pgdata", directory / "data", "--username", "ips"]
        made = subprocess.run(
            [*initdb, "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"],
            cwd=directory,
            capture_output=True,
            text=True,
            check=False,
            **owner,
        )
        if made.returncode:
            raise CannotStart(f"initdb failed:\n{made.stderr}")
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        with (directory / "log").open("w") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", directory / "data", "-k", directory, *options],
                cwd=directory,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the command; the server is stopped below
                **owner,
            )
        _wait_until_ready(server, binaries, directory)
        subprocess.run([binaries / "createdb", "--host", directory, "--username", "ips", "ips"], check=True)
        yield f"postgres://ips@/{directory}/ips"
    finally:
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is kept
            server.wait(timeout=30)
        shutil.rmtree(directory, ignore_errors=True)


def stop_cleanly_on_sigterm():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def main(command):
    if not command:
        return __doc__
    stop_cleanly_on_sigterm()
    try:
        with throw_away_cluster() as url:
            return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode
    except CannotStart as why:
        return f"PostgreSQL: {why}"
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
