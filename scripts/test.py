"""`make test`: every check and every test, on both databases and in Chromium. With the name of a proof,
`make proof` or `make proof-short`: the long properties, and on PostgreSQL what another database could
decide otherwise.

Goes on after a failure, and says in its last lines what failed and what could not run here. With
REQUIRE_ALL=1 what could not run is a failure as well (and so is a skipped test, see tests/conftest.py).
"""

import contextlib
import datetime
import functools
import os
import re
import shutil
import subprocess
import sys
import time
import zoneinfo

import postgres
from chromium import find_chromium

PYTEST = [sys.executable, "-m", "pytest", "-q"]
TWO = ["-n", "2", "--dist", "loadgroup"]
PLAIN = [*PYTEST, *TWO, "-m"]
ON_SQLITE, ON_POSTGRESQL = "not browser", "not browser and not once"
IN_CHROMIUM, WHAT_A_DATABASE_DECIDES = "browser and not closely and not database", "browser and database"
THERE = "tests/browser"  # named as well, so that the thousands of others need not be read
# For each proof the profile of hypothesis, which the other long tests follow, and what PostgreSQL repeats.
RACES = ["tests/test_eight_at_once.py"]
PROOFS = {
    "proof": ("proof", "races and access", [*RACES, "tests/access"]),
    "proof-short": ("short", "races", RACES),
}
# What `make test` has on SQLite alone, in its ordinary length; the scripts' own tests ask no database.
REST = ["env", "HYPOTHESIS_PROFILE=ordinary", *PYTEST, *TWO, "--ignore=tests/browser/unit", "-m"]
REST_IS = "once or (browser and not closely and not database)"
CHICAGO = zoneinfo.ZoneInfo("America/Chicago")
A_STEP = 12 * 60  # seconds that a step of `make test` takes, with room
SUMMARY = re.compile(r"\d+ (passed|failed|errors?|skipped)\b.* in [\d.]+s")


def run(name, command, database_url):
    """Run one step with its output shown; returns (ok, a line for the summary)."""
    print(f"\n--- {name}", flush=True)
    began = time.monotonic()
    environment = os.environ | {"DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1"}
    # What one process compiles, tests with their asserts above all, the others of all steps read.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    counted = None
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            for line in process.stdout:
                print(line, end="", flush=True)
                if SUMMARY.search(line):
                    counted = line.strip(" =\n")
        except BaseException:  # interrupted: the step must not go on alone
            process.terminate()
            raise
    ok = process.returncode == 0
    took = f"in {time.monotonic() - began:.0f}s"
    return ok, f"{'ok    ' if ok else 'FAILED'}  {name}: {counted or took}"


def seconds_to_midnight(now):
    """Until the agencies' next day begins."""
    tomorrow = now.astimezone(CHICAGO).date() + datetime.timedelta(days=1)
    midnight = datetime.datetime.combine(tomorrow, datetime.time.min, CHICAGO)
    return midnight.timestamp() - now.timestamp()


def wait_past_midnight():
    """Tests are collected with days that are told from today's, so a step must not run from one day into
    the next."""
    left = seconds_to_midnight(datetime.datetime.now(datetime.UTC))
    if left < A_STEP:
        print(f"\n--- waiting {left:.0f}s: the tests must begin and end on one day in Chicago", flush=True)
        time.sleep(left + 1)


def tests(database_urls, chromium):
    postgresql = database_urls.get("PostgreSQL")
    yield "checks", ["make", "check"], ""
    yield "tests on SQLite", [*PLAIN, ON_SQLITE], ""
    if postgresql:
        yield "tests on PostgreSQL", [*PLAIN, ON_POSTGRESQL], postgresql
    if chromium:
        yield "Chromium on SQLite", [*PLAIN, IN_CHROMIUM, THERE], ""
        name = "PostgreSQL" if postgresql else "SQLite: what another database might decide"
        yield f"Chromium on {name}", [*PLAIN, WHAT_A_DATABASE_DECIDES, THERE], postgresql or ""


def proofs(database_urls, chromium, name, repeated):
    which = "(proof or hypothesis or closely or database)" + ("" if chromium else " and not browser")
    yield "proofs on SQLite", [*PLAIN, which], ""
    if "PostgreSQL" in database_urls:
        yield f"{name} on PostgreSQL", [*PYTEST, *TWO, *repeated], database_urls["PostgreSQL"]
        yield "the rest on PostgreSQL", [*REST, REST_IS if chromium else "once"], database_urls["PostgreSQL"]


def main(target="test"):
    postgres.stop_cleanly_on_sigterm()
    missing = []
    results = []
    database_urls = {"SQLite": ""}
    chromium = find_chromium()
    if not chromium:
        missing.append("tests in Chromium: no chromium on the PATH (apt-get install chromium)")
    if target in PROOFS:
        os.environ["HYPOTHESIS_PROFILE"], name, repeated = PROOFS[target]
        steps = functools.partial(proofs, chromium=chromium, name=name, repeated=repeated)
    else:
        if not (shutil.which("node") and shutil.which("npm")):
            missing.append("types of static/js: no node and npm on the PATH (apt-get install nodejs npm)")
        steps = functools.partial(tests, chromium=chromium)
    with contextlib.ExitStack() as stack:
        try:
            database_urls["PostgreSQL"] = stack.enter_context(postgres.throw_away_cluster())
        except postgres.CannotStart as why:
            missing.append(f"tests on PostgreSQL: {why}")
        for name, command, database_url in steps(database_urls):
            if name != "checks":
                wait_past_midnight()
            results.append(run(name, command, database_url))

    print(f"\n--- make {target}")
    for _, line in results:
        print(line)
    for sentence in missing:
        print(f"could not run  {sentence}")
    failed = any(not ok for ok, _ in results)
    if missing and os.environ.get("REQUIRE_ALL") == "1":
        print("FAILED: REQUIRE_ALL=1, and not everything could run")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
