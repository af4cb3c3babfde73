"""The settings, with what would only make tests slow taken out."""

import os
import tempfile

from ips.settings import *
from ips.settings import DATABASES, SQLITE_OPTIONS, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True  # a file is looked for when it is asked for, and not all of them by each client
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

AUDIT_ANCHORS = f"{tempfile.gettempdir()}/ips-test-{os.getpid()}.anchors"

# Connections of a server thread must not outlive it, or the test database cannot be dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file: two writers in memory would share one connection, and race as no one does in earnest.
    DATABASES["default"]["TEST"] = {"NAME": f"{tempfile.gettempdir()}/ips-test-{os.getpid()}.sqlite3"}
    # Not to disk: no test outlives a power cut, and each transaction would wait for it.
    at_once = {"init_command": SQLITE_OPTIONS["init_command"].replace("synchronous=FULL", "synchronous=OFF")}
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS | at_once
