"""The processes that make a desk, as command lines: web server, worker, beat."""

import sys
from collections.abc import Mapping

WEB_THREADS = 8


def desk_commands(*, host: str, port: int, web_workers: int = 2, task_workers: int = 1) -> Mapping[str, list[str]]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "config.celery"]
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return {
        "web": [*python, "gunicorn", "config.wsgi", "--bind", bind, "--worker-class", "gthread"]
        + ["--workers", str(web_workers), "--threads", str(WEB_THREADS), "--timeout", "60", "--graceful-timeout", "10"]
        + ["--max-requests", "10000", "--max-requests-jitter", "1000", "--log-level", "warning"],
        "worker": [*celery, "worker", "--concurrency", str(task_workers), "--loglevel", "WARNING", "--hostname", f"desk-{port}@%h"]
        + ["--without-gossip", "--without-mingle"],
        "beat": [*celery, "beat", "--loglevel", "WARNING", "--pidfile", "", "--max-interval", "5"],
    }
