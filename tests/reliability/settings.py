"""Settings of the processes that a reliability run starts: a clone's URL comes in, and the one switch of the negative
control (R02) can be read here and nowhere else."""

from config.settings import *  # noqa: F403
from config.settings import env

WITHOUT_LOCKS = env.bool("WITHOUT_LOCKS", default=False)
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
LOGGING_CONFIG = None
