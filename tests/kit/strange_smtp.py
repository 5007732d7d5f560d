"""What mail servers with bad manners have in common: a thread for each sender, and a place to stop."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar


class StrangeServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 50

    def __init__(self, conversation: type[socketserver.BaseRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), conversation)
        self.stopped = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Speaker(socketserver.StreamRequestHandler):
    server: StrangeServer

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def drip(self) -> None:
        """One byte every tenth of a second, never a whole line."""
        while not self.server.stopped.wait(0.1):
            self.wfile.write(b"2")


Strange = TypeVar("Strange", bound=StrangeServer)


@contextmanager
def serving(server: Strange) -> Iterator[Strange]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
