"""Break the product on purpose, one line at a time, and see that a test turns red: `make sabotage`.

Each breakage is made in a copy of the checkout, and its tests are run there on the database where it
matters. Unbroken they all pass, broken one must fail; a breakage that no test notices is a hole.
Names on the command line choose some of them: python -m tests.sabotage "gate" "trigger".
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from scripts import postgres
from tests.breakages import BREAKAGES, POSTGRESQL

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not browser"]
FAILED = 1  # pytest's exit status when tests ran and one failed; others say that they could not run


def main(wanted):
    chosen = [one for one in BREAKAGES if not wanted or any(word in one.name for word in wanted)]
    with ExitStack() as stack:
        copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ips-sabotage-")))
        copy_checkout(copy)
        urls = {"": ""}
        if any(one.database == POSTGRESQL for one in chosen):
            urls[POSTGRESQL] = stack.enter_context(postgres.throw_away_cluster())
        for database, url in urls.items():
            tests = {test for one in chosen if one.database == database for test in one.tests}
            if tests and run(sorted(tests), copy, url):
                return f"Tests fail though nothing is broken: mend them first. {database}"
        unnoticed = [one.name for one in chosen if not is_noticed(one, copy, urls[one.database])]
    print(f"\n{len(chosen) - len(unnoticed)} of {len(chosen)} breakages turned a test red.")
    return 1 if unnoticed else 0


def is_noticed(breakage, copy, url):
    file = copy / breakage.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(breakage.broken(whole), encoding="utf-8")
    status = run(breakage.tests, copy, url)
    file.write_text(whole, encoding="utf-8")
    noticed = status == FAILED
    told = "red" if noticed else f"NOT NOTICED (pytest ended with {status})"
    print(f"{breakage.name}{f', on {breakage.database}' * bool(breakage.database)}: {told}", flush=True)
    return noticed


def run(tests, copy, url):
    environment = os.environ | {"DATABASE_URL": url, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*PYTEST, *tests], cwd=copy, env=environment, capture_output=True, check=False
    ).returncode


def copy_checkout(copy):
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(
        listed, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
