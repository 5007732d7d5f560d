import os
import subprocess
import sys

from config.embedded import BASE_DIR
from tests.reliability import r02


def test_the_checker_sees_what_the_locks_prevent_and_the_checks_hold_without_them():
    report = r02.run("S")

    assert report["without_locks_and_checks"]["violations"] > 0
    assert report["without_locks"]["oversold"] == 0
    assert report["without_locks"]["check_violations"] > 0


def test_the_real_settings_do_not_know_the_switch():
    shown = subprocess.run(
        [sys.executable, "-c", "from config import settings; print(hasattr(settings, 'WITHOUT_LOCKS'))"],
        env=os.environ | {"WITHOUT_LOCKS": "true"},
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout == "False\n"
