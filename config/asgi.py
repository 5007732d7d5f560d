"""The door for ASGI servers."""

import os

from django.core.asgi import get_asgi_application

from config.celery import app as celery_app

__all__ = ["application", "celery_app"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_asgi_application()
