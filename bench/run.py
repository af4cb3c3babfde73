"""One database: fill it if it is empty, measure, print. In a process of its own, for the settings."""

import gc
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import django
from django.core.management import CommandError, call_command

A_TENTH = 10  # of the cases, in another database: what each page grows by is told from it


def main():
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    with tempfile.TemporaryDirectory(prefix="ips-bench-static-") as static:
        os.environ["BENCH_STATIC_ROOT"] = static
        django.setup()
        call_command("collectstatic", verbosity=0, interactive=False)  # before the application looks for them
        from bench import browser, crowd, measure, plans
        from bench.pages import WrongAnswer

        try:
            cases, rounds = _number("BENCH_CASES", 5000), _number("BENCH_ROUNDS", 31)
            to, smaller = os.environ.get("BENCH_MEDIANS_TO"), os.environ.get("BENCH_MEDIANS", "")
            _fill(cases // A_TENTH if to else cases)
            if wanted := os.environ.get("BENCH_PLANS", "").strip():
                plans.main(wanted)
            elif to:
                Path(to).write_text(json.dumps(measure.medians(rounds)))
            else:
                kept = json.loads(Path(smaller).read_text()) if os.path.exists(smaller) else {}
                measure.main(rounds, kept)
                crowd.main()
                browser.main()
        except (CommandError, WrongAnswer) as why:
            return f"Not measured: {why}"
    return 0


def _fill(cases):
    """The sample and so many invented cases with years of history, unless they are there already."""
    for command, options in (("migrate", {"verbosity": 0}), ("createcachetable", {"verbosity": 0})):
        call_command(command, **options)
    from django.db import connection

    from cases.models import Case
    from ips.sample.history import FIRST_NUMBER

    if Case.objects.filter(number=str(FIRST_NUMBER)).exists():
        return
    wall, cpu = time.monotonic(), time.process_time()
    with open(os.devnull, "w") as nowhere:
        call_command("load_sample", cases=cases, stdout=nowhere)
    print(
        f"load_sample --cases {cases}: {time.monotonic() - wall:.0f} s, of them "
        f"{time.process_time() - cpu:.0f} s of this process's CPU"
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # PostgreSQL would do it by itself, within minutes
    gc.collect()


def _number(name, default):
    text = os.environ.get(name, "").strip()
    if text and not (text.isdecimal() and int(text) > 0):
        raise SystemExit(f"{name} must be a number above 0, not {text!r}.")
    return int(text or default)


if __name__ == "__main__":
    sys.exit(main())
