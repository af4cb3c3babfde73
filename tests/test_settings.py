import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.db import ConnectionHandler, connection, transaction

from ips import settings as application_settings
from ips.secret import local_audit_keys, local_secret_key

SAFE = {
    "IPS_ENV": "production",
    "SECRET_KEY": "an invented key of more than fifty characters, 0123456789",
    "ALLOWED_HOSTS": "ips.example",
    "DATABASE_URL": "postgres://ips@db.example/ips",
    "AUDIT_KEYS": f"b:{'b2' * 32},a:{'a1' * 32}",
    "AUDIT_ANCHORS": "/var/log/ips/anchors",
}
NAMES = [
    *SAFE,
    "CSRF_TRUSTED_ORIGINS",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_ISSUER",
    "PROXIES",
    "SECOND_FACTOR_KEYS",
    "SECOND_FACTOR_REQUIRED",
    "SITE_URL",
    "STATEMENT_TIMEOUT",
]


def settings_with(expression="True", **variables):
    """Load the settings in a process of their own, with these variables and no others."""
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    return subprocess.run(
        [sys.executable, "-c", f"from ips import settings as s; print({expression})"],
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_on_safe_settings():
    assert settings_with("s.SESSION_COOKIE_NAME, s.DEBUG", **SAFE).stdout == "__Host-sessionid False\n"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEBUG", "1", "DEBUG must be off."),
        ("SECRET_KEY", "", "SECRET_KEY must be set"),
        ("SECRET_KEY", "short", "SECRET_KEY must be set"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS must name the hosts"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must not be '*'."),
        ("DATABASE_URL", "", "DATABASE_URL must name the database."),
        ("SECOND_FACTOR_REQUIRED", "0", "SECOND_FACTOR_REQUIRED must be on."),
        ("SECOND_FACTOR_KEYS", "short", "SECOND_FACTOR_KEYS must each be 50 random characters"),
        ("SECOND_FACTOR_KEYS", f"{'k' * 50},short", "SECOND_FACTOR_KEYS must each be 50"),
        ("OIDC_ISSUER", "https://id.example", "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together."),
        ("OIDC_CLIENT_SECRET", "a secret", "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together."),
        ("CSRF_TRUSTED_ORIGINS", "http://ips.example", "CSRF_TRUSTED_ORIGINS must begin with https://."),
        ("SITE_URL", "http://ips.example", "SITE_URL must begin with https://."),
        ("AUDIT_KEYS", "", "AUDIT_KEYS must be set"),
        ("AUDIT_KEYS", "a:short", "AUDIT_KEYS: A key is an id"),
        ("AUDIT_KEYS", f"a:{'a1' * 32},a:{'b2' * 32}", "AUDIT_KEYS: A key is an id"),
        ("AUDIT_ANCHORS", "", "AUDIT_ANCHORS must name a file"),
        ("DATABASE_URL", "mysql://localhost/ips", "must begin with 'postgres://' or 'sqlite:///'."),
        ("IPS_ENV", "prod", "must be 'local' or 'production'."),
    ],
)
def test_production_refuses_to_start_and_says_why(name, value, sentence):
    refused = settings_with(**SAFE | {name: value})
    assert refused.returncode != 0
    assert sentence in refused.stderr


def test_a_provider_is_asked_over_https_only():
    provider = {"OIDC_CLIENT_ID": "ips", "OIDC_CLIENT_SECRET": "a secret"}
    refused = settings_with(**SAFE, **provider, OIDC_ISSUER="http://id.example")
    assert "OIDC_ISSUER must begin with https://." in refused.stderr
    assert settings_with("s.OIDC_ISSUER", **SAFE, **provider, OIDC_ISSUER="https://id.example").stdout


def test_links_in_mails_lead_to_the_first_host_unless_said_otherwise():
    assert settings_with("s.SITE_URL", **SAFE).stdout == "https://ips.example\n"
    assert settings_with("s.SITE_URL", **SAFE, SITE_URL="https://a.example/").stdout == "https://a.example\n"
    assert settings_with("s.SITE_URL", PORT="8080").stdout == "http://127.0.0.1:8080\n"


def test_what_is_not_said_about_mail_is_known():
    unset = "s.MAIL_VARIABLES_UNSET"
    assert settings_with(unset, **SAFE).stdout == "['EMAIL_URL', 'DEFAULT_FROM_EMAIL']\n"
    assert settings_with(unset, **SAFE, EMAIL_URL="smtp://mail.example").stdout == "['DEFAULT_FROM_EMAIL']\n"


def test_the_check_says_where_mail_goes_where_nobody_decided_it(settings):
    settings.MAIL_VARIABLES_UNSET = ["EMAIL_URL", "DEFAULT_FROM_EMAIL"]
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "localhost", "ips@ips.example"
    (said,) = [found for found in run_checks(include_deployment_checks=True) if found.id == "staff.I001"]
    assert said.msg == (
        "Not set: EMAIL_URL and DEFAULT_FROM_EMAIL. Mail goes to localhost and comes from ips@ips.example."
    )
    assert not said.is_serious()
    settings.MAIL_VARIABLES_UNSET = []
    assert "staff.I001" not in {found.id for found in run_checks(include_deployment_checks=True)}


def test_a_second_factor_is_required_in_production_and_not_on_ones_own_machine():
    assert settings_with("s.SECOND_FACTOR_REQUIRED", **SAFE).stdout == "True\n"
    assert settings_with("s.SECOND_FACTOR_REQUIRED").stdout == "False\n"


def test_production_cookies_belong_to_this_host_and_travel_over_https_only():
    names = "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME"
    flags = "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY"
    loaded = settings_with(f"{names}, {flags}, s.SECURE_HSTS_SECONDS, s.SECURE_SSL_REDIRECT", **SAFE)
    assert loaded.stdout == "__Host-sessionid __Host-csrftoken True True True True 31536000 True\n"


def test_empty_variables_count_as_unset():
    empty = dict.fromkeys(NAMES, "")
    loaded = settings_with("s.DATABASES['default']['NAME'], s.ALLOWED_HOSTS[0], s.DEBUG", **empty)
    assert loaded.stdout.endswith("/db.sqlite3 127.0.0.1 False\n")


def test_the_first_audit_key_is_for_new_rows_and_all_of_them_are_read():
    loaded = settings_with("list(s.AUDIT_KEYS), s.AUDIT_KEYS['b'].hex()", **SAFE)
    assert loaded.stdout == f"['b', 'a'] {'b2' * 32}\n"


def test_a_local_machine_has_a_key_and_anchors_beside_its_database():
    empty = dict.fromkeys(NAMES, "") | {"DATABASE_URL": "sqlite:////tmp/invented.sqlite3"}
    loaded = settings_with("len(s.AUDIT_KEYS['local']), s.AUDIT_ANCHORS", **empty)
    assert loaded.stdout == "32 /tmp/invented.sqlite3.anchors\n"


def test_what_the_address_says_of_postgresql_is_kept_beside_our_time_outs():
    loaded = settings_with(
        "s.DATABASES['default']['OPTIONS']",
        DATABASE_URL="postgres://ips:secret@db.example:6432/ips?sslmode=verify-full",
        STATEMENT_TIMEOUT="0",
    )
    assert "'sslmode': 'verify-full'" in loaded.stdout
    assert "statement_timeout=0s" in loaded.stdout
    assert "tcp_user_timeout" in loaded.stdout


@pytest.mark.django_db
def test_the_database_keeps_what_it_acknowledged(tmp_path):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)
        return
    # The application's own: what tests write goes to no disk.
    as_run = connection.settings_dict | {
        "NAME": tmp_path / "db.sqlite3",
        "OPTIONS": application_settings.SQLITE_OPTIONS,
    }
    with closing(ConnectionHandler({"default": as_run})["default"]) as fresh, fresh.cursor() as cursor:
        for pragma, value in [
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("recursive_triggers", 1),
        ]:
            cursor.execute(f"PRAGMA {pragma}")
            assert cursor.fetchone() == (value,), pragma


@pytest.mark.django_db(transaction=True)
def test_two_writers_who_read_first_wait_for_each_other(django_user_model):
    def read_then_write(number):
        try:
            with transaction.atomic():
                django_user_model.objects.count()
                django_user_model.objects.filter(pk=number).update(last_login=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(read_then_write, range(20)))


def test_passwords_are_hashed_with_argon2():
    assert application_settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


@pytest.mark.parametrize("password", ["fourteen chars", "1q2w3e4r5t6y7u8i9o0p"])
def test_short_and_common_passwords_are_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)


def test_a_long_sentence_needs_no_capitals_or_figures():
    validate_password("the heron waits by the weir")


@pytest.mark.parametrize("local_key", [local_secret_key, local_audit_keys])
def test_all_processes_agree_on_the_local_key(tmp_path, local_key):
    with ThreadPoolExecutor(8) as pool:
        keys = {str(key) for key in pool.map(local_key, [tmp_path] * 40)}
    assert len(keys) == 1
    assert len(keys.pop()) > 50
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_every_answer_carries_the_security_headers(client):
    response = client.get("/healthz")
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in response["Permissions-Policy"]
