"""Settings of the test suite: a fast hasher, emails in memory, and the embedded test servers in `.data/test/`.

The servers are joined before the settings are read. The test cluster does not wait for the disk, its databases are
clones of one migrated template (tests/kit/databases.py), and each process has a logical Redis database of its own.
"""

import atexit
import contextlib
import os

from config.embedded import DATA_DIR as EMBEDDED_DATA_DIR
from config.embedded import Membership
from config.embedded.slots import RedisSlot

TEST_DATA_DIR = EMBEDDED_DATA_DIR / "test"
_servers = contextlib.ExitStack()
atexit.register(_servers.close)


def _join(name: str) -> dict[str, str]:
    membership = Membership(name, TEST_DATA_DIR, durable=False, report=lambda *_: None)
    _servers.callback(membership.leave)
    return membership.urls


_postgres, _redis = _join("postgres"), _join("redis")
TEST_SUPERUSER_URL = _postgres["DATABASE_SUPERUSER_URL"]
TEST_REDIS_URL = _redis["REDIS_URL"]
os.environ |= {
    "DATABASE_URL": _postgres["DATABASE_URL"],
    "DATABASE_OWNER_URL": _postgres["DATABASE_OWNER_URL"],
    "REDIS_URL": _servers.enter_context(RedisSlot(TEST_DATA_DIR, TEST_REDIS_URL)).url,
    "DEBUG": "true",
    "EMAIL_URL": "",
    "SITE_URL": "http://127.0.0.1:8000",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1],testserver",
    "STATIC_ROOT": str(TEST_DATA_DIR / "static"),
    "CONN_MAX_AGE": "0",
    "LOG_LEVEL": "WARNING",
}
for _name in ("SECRET_KEY", "TIME_ZONE", "DEFAULT_FROM_EMAIL", "METRICS_ENABLED", "ADMIN_PATH", "BEHIND_TLS_PROXY"):
    os.environ.pop(_name, None)

from config.settings import *  # noqa: E402, F403 - the settings read the environment that was just prepared
from config.settings import STATIC_ROOT  # noqa: E402

STATIC_ROOT.mkdir(parents=True, exist_ok=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
EMAIL_FILE_PATH = TEST_DATA_DIR / "mail"
