"""The application's own settings, with one empty page more and static files collected apart."""

import os

from ips.settings import *

ROOT_URLCONF = "bench.urls"
STATIC_ROOT = os.environ["BENCH_STATIC_ROOT"]
LOGGING["root"]["level"] = LOGGING["loggers"]["django"]["level"] = "WARNING"
