"""The SMTP sink in a process of its own, so that measuring a sender does not measure the server as well."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event

from aiosmtpd.controller import Controller

from tests.kit.smtp_sink import SmtpSink, free_port


@contextmanager
def sink_process() -> Iterator[int]:
    """The port of a sink that takes everything and forgets it."""
    port = free_port()
    spawn = multiprocessing.get_context("spawn")
    ready, stop = spawn.Event(), spawn.Event()
    process = spawn.Process(target=_serve, args=(port, ready, stop), daemon=True)
    process.start()
    try:
        if not ready.wait(20):
            raise RuntimeError("The mail sink did not start.")
        yield port
    finally:
        stop.set()
        process.join(5)


def _serve(port: int, ready: Event, stop: Event) -> None:
    sink = SmtpSink(port=port)
    controller = Controller(sink, hostname=sink.host, port=port)
    controller.start()
    ready.set()
    while not stop.wait(1):
        sink.received.clear()
    controller.stop()
