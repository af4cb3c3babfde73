"""Measure on SQLite, then on a throw-away PostgreSQL; or on DATABASE_URL alone, where it is set.

    make bench                              5,000 invented cases on each, and what a tenth of them costs
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
    failed = False
    for name, command, url in (
        ("SQLite", CHILD, "sqlite:///{}/{}.sqlite3"),
        ("PostgreSQL", ON_POSTGRESQL, ""),
    ):
        with tempfile.TemporaryDirectory(prefix="ips-bench-") as directory:
            medians = str(Path(directory) / "medians.json")
            if not os.environ.get("BENCH_PLANS"):
                _run(
                    f"{name}, a tenth of the cases",
                    command,
                    DATABASE_URL=url.format(directory, "tenth"),
                    BENCH_MEDIANS_TO=medians,
                )
            whole = {"DATABASE_URL": url.format(directory, "bench"), "BENCH_MEDIANS": medians}
            failed = _run(name, command, **whole) or failed
    return failed


def _run(name, command, **environment):
    print(f"\n--- {name}", flush=True)
    return subprocess.run(command, env=os.environ | environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
