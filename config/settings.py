"""All settings in one file, fed by the environment (docs/configuration.md, `.env.example`).

Without `DATABASE_URL` this is a development machine: embedded PostgreSQL and Redis, a throw-away secret, emails kept in
`.data/mail/`. With `DEBUG` off, a missing or weak secret stops the start.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")
DATA_DIR = Path(env.str("DATA_DIR", default="") or BASE_DIR / ".data")

DEBUG = env.bool("DEBUG", default=not env.str("DATABASE_URL", default=""))
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000" if DEBUG else "").rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
SITE_IS_LOCAL = SITE_HOST in {"127.0.0.1", "localhost", "::1"}
SITE_IS_SECURE = SITE_URL.startswith("https://")
DEVELOPMENT_KEY = "development-only-secret-key-that-must-never-serve-customers"
SECRET_KEY = env.str("SECRET_KEY", default=DEVELOPMENT_KEY if DEBUG else "")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEBUG else [])


def _refuse_unsafe_start() -> None:
    """Stop a production start whose secrets or addresses are missing, weak or wide open; name each of them."""
    problems = []
    is_known = SECRET_KEY.startswith("django-insecure-") or "development-only" in SECRET_KEY
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or is_known:
        problems.append("SECRET_KEY must be set to at least 50 random characters")
    if not ALLOWED_HOSTS or any("*" in host or host.startswith(".") for host in ALLOWED_HOSTS):
        problems.append("ALLOWED_HOSTS must list the exact host names (no * and no leading dot)")
    if not SITE_HOST:
        problems.append("SITE_URL must be the address that customers reach, such as https://desk.example.com")
    elif not SITE_IS_SECURE and not SITE_IS_LOCAL:
        problems.append("SITE_URL must start with https:// on any machine but this one")
    if not env.str("DATABASE_URL", default=""):
        problems.append("DATABASE_URL must name the PostgreSQL database")
    if not env.str("REDIS_URL", default=""):
        problems.append("REDIS_URL must name the Redis server")
    if not env.str("EMAIL_URL", default="") and not SITE_IS_LOCAL:
        problems.append("EMAIL_URL must name the mail server, such as smtp+tls://user:password@smtp.example.com:587")
    if problems:
        raise ImproperlyConfigured("Backorder Desk cannot start: " + "; ".join(problems) + ".")


if DEBUG:
    if not SITE_IS_LOCAL or set(ALLOWED_HOSTS) - {"127.0.0.1", "localhost", "[::1]", "testserver"}:
        raise ImproperlyConfigured("DEBUG is for this machine only: set DEBUG=false to serve other hosts.")
else:
    _refuse_unsafe_start()

# --- Applications -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "backorders",
    "inventory",
    "customers",
    "notifications",
    "config.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.lib.pages.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.lib.sessions.SessionLimitsMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.lib.accounts.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "config.lib.pages.HistoryMiddleware",
    "config.lib.pages.BusyDatabaseMiddleware",
]

METRICS_ENABLED = env.bool("METRICS_ENABLED", default=False)
if METRICS_ENABLED:
    INSTALLED_APPS.append("django_prometheus")
    MIDDLEWARE = [
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        *MIDDLEWARE,
        "django_prometheus.middleware.PrometheusAfterMiddleware",
    ]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
            ],
            "builtins": ["config.lib.template_tags"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# --- Database ---------------------------------------------------------------------------------------------------------


def _database(url: str, *, statement_timeout: str) -> dict[str, object]:
    """One connection's settings: short lock waits, so that a blocked click is told instead of hanging."""
    config = env.db_url_config(url, engine="django.db.backends.postgresql")
    config["HOST"] = unquote(config["HOST"] or "")  # a socket's folder comes percent-encoded
    config["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    config["CONN_HEALTH_CHECKS"] = True
    config.setdefault("OPTIONS", {})
    config["OPTIONS"] |= {
        "connect_timeout": 5,
        "options": f"-c lock_timeout=3s -c statement_timeout={statement_timeout}"
        " -c idle_in_transaction_session_timeout=60s",
    }
    return config


DATABASE_URL = env.str("DATABASE_URL", default="") or "postgresql://127.0.0.1/backorder_desk"
DATABASES = {
    # What the application uses: a role that is neither superuser nor owner of the tables.
    "default": _database(DATABASE_URL, statement_timeout=env.str("STATEMENT_TIMEOUT", default="60s")),
    # What `migrate` uses: the owner of the tables. Filling a new column may take its time.
    "owner": _database(env.str("DATABASE_OWNER_URL", default="") or DATABASE_URL, statement_timeout="0")
    | {"TEST": {"MIRROR": "default"}, "CONN_MAX_AGE": 0},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PGHISTORY_ADMIN_ALL_EVENTS = False
PGHISTORY_APPEND_ONLY = True

# --- Redis and Celery -------------------------------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="") or "redis://127.0.0.1:6379/0"
if REDIS_URL.startswith(("unix://", "redis+socket://")):
    _socket, _, _query = REDIS_URL.partition("://")[2].partition("?")
    CELERY_BROKER_URL = f"redis+socket://{_socket}" + (f"?{_query.replace('db=', 'virtual_host=')}" if _query else "")
    REDIS_URL = f"unix://{_socket}" + (f"?{_query.replace('virtual_host=', 'db=')}" if _query else "")
else:
    CELERY_BROKER_URL = REDIS_URL
CACHES = {
    "default": {
        "BACKEND": "config.lib.steady_cache.SteadyCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "backorder-desk",
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_VISIBILITY_TIMEOUT = 600
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
    "health_check_interval": 15,
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
# One child of a worker: begun anew after a task that left it large, and refused more than that (see config.celery).
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 700_000  # KiB
WORKER_MEMORY_MB = env.int("WORKER_MEMORY_MB", default=2048)
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
DJANGO_STRUCTLOG_CELERY_ENABLED = True

# --- Runs -------------------------------------------------------------------------------------------------------------
SNAPSHOT_DAYS = env.int("SNAPSHOT_DAYS", default=60)  # how long a run can be replayed from what it saw

# --- Email ------------------------------------------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "config.lib.mail.EmlFileBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Backorder Desk <orders@backorder-desk.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
BOUNCE_WEBHOOK_SECRET = env.str("BOUNCE_WEBHOOK_SECRET", default="")  # without one the endpoint does not exist

# --- Login ------------------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["backorders.oversight.sign_in.StaffBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "config.lib.accounts.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nothing is mailed to an address that no account has
ACCOUNT_FORMS = {"change_password": "config.lib.accounts.ChangePasswordForm"}
# Failures are counted, never what succeeds: a whole office signs in from one address at the start of a shift.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "5/15m/key,20/h/ip", "reset_password": "20/h/ip,5/h/key"}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up, so nobody can set up a factor for somebody else's address
MFA_FORMS = {"activate_totp": "config.lib.accounts.ActivateFactorForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Backorder Desk"
SESSION_COOKIE_AGE = 43200
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True

# --- Language and time ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Berlin")
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False  # ids would read 1,234; the filter `quantity` groups what people read

# --- Static files -----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
if DEBUG:
    STATIC_STORAGE = "django.contrib.staticfiles.storage.StaticFilesStorage"
elif SITE_IS_LOCAL:  # compressing for ten seconds pays over a network only
    STATIC_STORAGE = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
else:
    STATIC_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "media"}},
    "staticfiles": {"BACKEND": STATIC_STORAGE},
}

# --- Security ---------------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = SITE_IS_SECURE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_IS_SECURE
if SITE_IS_SECURE:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    CSRF_TRUSTED_ORIGINS = [SITE_URL]
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of ours append to X-Forwarded-For: whose tries are counted (logins, links) is the client that the
# outermost of them saw. With 0 the header, which anybody can write, is not looked at.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=int(BEHIND_TLS_PROXY))
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^healthz$"]
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 5
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}
ADMIN_PATH = env.str("ADMIN_PATH", default="admin/")

# --- Logging ----------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processor": "ext://config.lib.logs.renderer",
            "foreign_pre_chain": "ext://config.lib.logs.shared_processors",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "WARNING"},
        "django.server": {"handlers": ["console"], "propagate": False},
        "celery": {"level": "WARNING"},
        "celery.app.trace": {"level": "CRITICAL"},  # django_structlog tells failed tasks, with their traceback
    },
}
