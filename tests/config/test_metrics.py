"""/metrics is there only where it is wanted, and needs no login: Prometheus has none."""

import pytest
from django.urls import Resolver404, resolve

from tests.config.test_start import PRODUCTION, manage

CHANGED = {"METRICS_ENABLED": "true", "EMAIL_URL": "smtp+tls://desk:secret@smtp.example.com:587"}
ASK = """
from django.test import Client
answer = Client().get("/metrics", secure=True, headers={"host": "desk.example.com"})
print(answer.status_code, b"django_http_requests_before_middlewares_total" in answer.content)
"""


def test_metrics_are_read_without_login_where_they_are_on():
    asked = manage("shell", "--no-imports", "-c", ASK, **(PRODUCTION | CHANGED))

    assert (asked.stdout.splitlines()[-1:], asked.returncode) == (["200 True"], 0), asked.stderr


def test_without_metrics_there_is_no_such_page():
    with pytest.raises(Resolver404):
        resolve("/metrics")
