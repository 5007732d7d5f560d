"""The libraries for statistics take seconds and memory: the pages must not load them."""

import os
import subprocess
import sys

HEAVY = ("statsmodels", "statsforecast", "scipy", "sklearn", "pandas")
LOAD = """
import sys, django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
print(",".join(name for name in sys.argv[1].split(",") if name in sys.modules))
"""


def test_no_page_loads_the_libraries_for_statistics():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.test_settings"}
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD, ",".join(HEAVY)], env=environment, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == ""
