"""Measure on SQLite, then on a throw-away PostgreSQL; or on DATABASE_URL alone, where it is set.

    make bench                              2,000 invented cases on each
    BENCH_CASES=20000 make bench            more of them; BENCH_ROUNDS for longer medians
    BENCH_PLANS=overdue make bench          the plans of the queries of some pages instead; "all" of all
    DATABASE_URL=... make bench             on a database that is kept: it is filled only if it is empty

Never on real data: it saves ratings and opens records. A database with people of its own is refused.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

CHILD = [sys.executable, "-m", "bench.run"]
ON_POSTGRESQL = [sys.executable, "scripts/postgres.py", *CHILD]


def main():
    if os.environ.get("DATABASE_URL", "").strip():
        return _run("the database of DATABASE_URL", CHILD)
    with tempfile.TemporaryDirectory(prefix="ips-bench-") as directory:
        url = f"sqlite:///{Path(directory) / 'bench.sqlite3'}"
        failed = _run("SQLite", CHILD, DATABASE_URL=url)
    return _run("PostgreSQL", ON_POSTGRESQL) or failed


def _run(name, command, **environment):
    print(f"\n--- {name}", flush=True)
    return subprocess.run(command, env=os.environ | environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
