"""The web server of `make run`: loaded while the story is played, it opens when the launcher lets go of the gate."""

import os

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from config.celery import app as celery_app

__all__ = ["application", "celery_app"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
call_command("collectstatic", interactive=False, verbosity=0)  # before the middleware looks which files there are
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - loads all views, which the first visitor would wait for
with os.fdopen(int(os.environ["GATE"])) as gate:
    gate.read()
