"""One settings file; everything that differs between machines comes from the environment.

The variables are listed in docs/operations.md. A variable that is set but empty counts as unset.
"""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from audit.chain import keys_from

from .secret import local_audit_keys, local_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent


class NonEmptyEnv(Env):
    ENVIRON = {name: value for name, value in os.environ.items() if value.strip()}


env = NonEmptyEnv()

IPS_ENV = env.str("IPS_ENV", default="local")
if IPS_ENV not in ("local", "production"):
    raise ImproperlyConfigured(f"IPS_ENV is {IPS_ENV!r}; it must be 'local' or 'production'.")
PRODUCTION = IPS_ENV == "production"

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or ("" if PRODUCTION else local_secret_key(BASE_DIR))
# Sign the record of who did and who saw: id:hex[,id:hex…], the first for new rows.
try:
    AUDIT_KEYS = keys_from(env.str("AUDIT_KEYS", default=""))
except ValueError as why:
    if "AUDIT_KEYS" in env.ENVIRON:
        raise ImproperlyConfigured(f"AUDIT_KEYS: {why}") from None
    AUDIT_KEYS = {} if PRODUCTION else local_audit_keys(BASE_DIR)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Where a link in a mail leads to.
_HERE = f"127.0.0.1:{env.int('PORT', default=8000)}"
SITE_URL = env.str(
    "SITE_URL",
    default=f"https://{[*ALLOWED_HOSTS, ''][0].lstrip('.')}" if PRODUCTION else f"http://{_HERE}",
).rstrip("/")
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=PRODUCTION)
# Encrypt what second factors are made from; the first does, the others still open what is older.
SECOND_FACTOR_KEYS = env.list("SECOND_FACTOR_KEYS", default=[SECRET_KEY])
# Single sign-on: the name on the button, the issuer's address, and what it gave us as its client.
OIDC_NAME = env.str("OIDC_NAME", default="your directory")
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
# In which words it says that it asked for a second factor (claims `amr` and `acr`).
OIDC_SECOND_FACTOR_AMR = env.list("OIDC_SECOND_FACTOR_AMR", default=["mfa"])
OIDC_SECOND_FACTOR_ACR = env.list("OIDC_SECOND_FACTOR_ACR", default=[])

if len({bool(OIDC_ISSUER), bool(OIDC_CLIENT_ID), bool(OIDC_CLIENT_SECRET)}) > 1:
    raise ImproperlyConfigured("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together.")

if PRODUCTION:
    unsafe = [
        sentence
        for wrong, sentence in [
            (DEBUG, "DEBUG must be off."),
            (len(SECRET_KEY) < 50, "SECRET_KEY must be set, to 50 random characters or more."),
            (not ALLOWED_HOSTS, "ALLOWED_HOSTS must name the hosts that are served."),
            ("*" in ALLOWED_HOSTS, "ALLOWED_HOSTS must not be '*'."),
            ("DATABASE_URL" not in env.ENVIRON, "DATABASE_URL must name the database."),
            (not AUDIT_KEYS, "AUDIT_KEYS must be set, as id:hex with 64 hexadecimal digits or more."),
            ("AUDIT_ANCHORS" not in env.ENVIRON, "AUDIT_ANCHORS must name a file outside the database."),
            (not SECOND_FACTOR_REQUIRED, "SECOND_FACTOR_REQUIRED must be on."),
            (
                any(len(key) < 50 for key in SECOND_FACTOR_KEYS),
                "SECOND_FACTOR_KEYS must each be 50 random characters or more.",
            ),
            (
                OIDC_ISSUER and not OIDC_ISSUER.startswith("https://"),
                "OIDC_ISSUER must begin with https://.",
            ),
            (not SITE_URL.startswith("https:"), "SITE_URL must begin with https://."),
            (
                not all(origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS),
                "CSRF_TRUSTED_ORIGINS must begin with https://.",
            ),
        ]
        if wrong
    ]
    if unsafe:
        raise ImproperlyConfigured("Not started, the settings are unsafe: " + " ".join(unsafe))

INSTALLED_APPS = [
    "audit",
    "staff",
    "cases",
    "cans",
    "approvals",
    "reports",
    "exchange",
    "guidance",
    "ips",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_filters",
    "django_htmx",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ips.middleware.NoStoreMiddleware",
    "ips.headers.HeadersMiddleware",
    "ips.middleware.NoSessionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "ips.middleware.DenialMiddleware",
    "ips.middleware.ScriptMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "staff.sessions.SessionLimitsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "staff.second_factor.SecondFactorMiddleware",
    "staff.policy.PolicyMiddleware",
    "ips.middleware.NotNowMiddleware",
    "ips.once.OnceMiddleware",
]

ROOT_URLCONF = "ips.urls"
WSGI_APPLICATION = "ips.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ips.context_processors.navigation",
                "ips.context_processors.sign_in",
                "ips.context_processors.session",
            ],
        },
    },
]

# Database

SQLITE_OPTIONS = {
    # A transaction takes the write lock when it begins: one that reads first and writes later
    # would otherwise fail at once with "database is locked", whatever the timeout.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # synchronous: NORMAL loses acknowledged writes in a power cut.
    # recursive_triggers: without it REPLACE walks past the triggers that refuse a change.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
    ),
}

STATEMENT_TIMEOUT = env.int("STATEMENT_TIMEOUT", default=30)  # seconds; 0 is none, for long maintenance
POSTGRESQL_OPTIONS = {
    "options": (
        f"-c statement_timeout={STATEMENT_TIMEOUT}s -c lock_timeout=10s "
        "-c idle_in_transaction_session_timeout=60s -c synchronous_commit=on "
        "-c jit=off"  # compiling took seconds where the overdue report takes 40 ms
    ),
    # A link that hangs is not cut by statement_timeout, which the server keeps: the client must.
    "connect_timeout": 4,
    "tcp_user_timeout": 10_000,  # milliseconds
    "keepalives": 1,
    "keepalives_idle": 10,  # seconds
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
# Kept, on SQLite too: the last connection that closes there writes the whole log back into the file.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["OPTIONS"] = POSTGRESQL_OPTIONS | DATABASES["default"].get("OPTIONS", {})
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
else:
    raise ImproperlyConfigured("DATABASE_URL must begin with 'postgres://' or 'sqlite:///'.")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Where the record's heads are said outside the database; on a person's own machine beside it.
AUDIT_ANCHORS = env.str(
    "AUDIT_ANCHORS", default=str(BASE_DIR / f"{DATABASES['default'].get('NAME') or 'default'}.anchors")
)

# Shared by all processes, as sign-in throttling needs; `manage.py createcachetable` makes the table.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        # Above this many, entries are thrown out: never so few that somebody could crowd out a throttle.
        "OPTIONS": {"MAX_ENTRIES": 500_000},
    },
}

# A file to import stays in memory, for it is stored nowhere, and comes back in the page that was made of it,
# a third larger. What is larger than a page elsewhere, the proxy refuses.
FILE_UPLOAD_MAX_MEMORY_SIZE = 21_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 28_000_000
# Without scripts the ratings of a whole CANS are one form: up to four fields a row, 34 rows a caregiver. This
# is room for thirty of them; Django's own limit, 1000, is passed by seven.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Language and time: due dates are calendar dates in the agencies' own zone.

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/Chicago"
USE_I18N = False
USE_TZ = True

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "ips.static.StaticFiles"},
}

# Sign-in

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
MESSAGE_STORAGE = "staff.sessions.Messages"

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "staff.passwords.OwnWordsValidator"},
]

ACCOUNT_ADAPTER = "staff.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60  # seconds; see staff/step_up.py
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Wrong passwords are counted in staff/throttle.py; here are all visits of the page, and wrong codes.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "10/5m/key"}

MFA_ADAPTER = "staff.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "staff.forms.codes.GiveForm",
    "reauthenticate": "staff.forms.codes.AgainForm",
    "add_webauthn": "staff.forms.passkeys.AddForm",
    "authenticate_webauthn": "staff.forms.passkeys.GiveForm",
    "login_webauthn": "staff.forms.passkeys.SignInForm",
    "reauthenticate_webauthn": "staff.forms.passkeys.AgainForm",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # a clock that is half a minute off, or somebody who types slowly
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody proves an address here; an administrator enters it

SOCIALACCOUNT_ADAPTER = "staff.single_sign_on.SocialAccountAdapter"
# The way to the provider is a link: our policy lets a form lead nowhere else, and `state` is checked.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "staff.single_sign_on.Provider",
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER},
            }
        ],
    },
}

# Sessions stay in the database: a session that was ended must be over in every process at once.
SESSION_ENGINE = "staff.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds; how long a sign-in lasts at most
SESSION_IDLE_AGE = 15 * 60  # seconds
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "ips.views.csrf_failure"

# What the browser is told

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# How many proxies in front may be believed about the caller's address and about https.
PROXIES = env.int("PROXIES", default=1 if PRODUCTION else 0)
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # a load balancer asks over plain http
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrftoken"

# Mail: to the terminal on a person's own machine.

vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:25" if PRODUCTION else "consolemail://"))
MAIL_VARIABLES_UNSET = [name for name in ("EMAIL_URL", "DEFAULT_FROM_EMAIL") if name not in env.ENVIRON]
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ips-cans@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=4)  # seconds; whoever returns a CANS waits for it once

# Log: to standard error, and nothing about a person: no bodies, no query strings, no names.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Replaces Django's own handlers, one of which would send whole requests by mail.
    "loggers": {"django": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}
