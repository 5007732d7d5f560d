"""The processes that make a desk, as command lines: web server, worker, beat."""

import http.client
import sys
from collections.abc import Mapping

WEB_THREADS = 8


def desk_commands(
    *, port: int, host: str = "", listener: int | None = None, web_workers: int = 2, task_workers: int = 1
) -> Mapping[str, list[str]]:
    """The web server listens at `host` and `port`; or, behind a page that shows the start, on the socket `listener`."""
    if listener is None:
        application, bind = "config.wsgi", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    else:
        application, bind = "config.gated_wsgi", f"fd://{listener}"
    web = {
        "bind": bind,
        "worker-class": "gthread",
        "workers": str(web_workers),
        "threads": str(WEB_THREADS),
        "timeout": "60",
        "graceful-timeout": "10",
        "max-requests": "10000",
        "max-requests-jitter": "1000",
        "log-level": "warning",
    }
    worker = {"concurrency": str(task_workers), "loglevel": "WARNING", "hostname": f"desk-{port}@%h"}
    beat = {"loglevel": "WARNING", "pidfile": "", "max-interval": "5"}
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "config.celery"]
    return {
        "web": [sys.executable, "-m", "gunicorn", application, "--preload", *_switches(web)],
        "worker": [*celery, "worker", "--without-gossip", "--without-mingle", *_switches(worker)],
        "beat": [*celery, "beat", *_switches(beat)],
    }


def is_ready(host: str, port: int) -> bool:
    """Does the web server say that it can serve?"""
    connection = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=2)  # noqa: S104
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _switches(options: Mapping[str, str]) -> list[str]:
    return [f"--{name}={value}" for name, value in options.items()]
