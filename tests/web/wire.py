"""A client that says what it is told over a socket, at its own pace: no library tidies it up.

The invariant: every byte goes out as given, and what comes back is handed on whole.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.web.process import Server
from tests.web.respondent import FORM

HOST = b"Host: 127.0.0.1\r\n"
POST = b"POST /en/s/help-us HTTP/1.1\r\n" + HOST + f"Content-Type: {FORM}\r\n".encode()
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back over one connection, and whether the server closed it."""

    raw: bytes
    closed: bool

    @property
    def statuses(self) -> list[int]:
        lines = [part.split(b" ", 1)[0] for part in self.raw.split(b"HTTP/1.1 ")[1:]]
        return [int(line) for line in lines]

    @property
    def head(self) -> str:
        return self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").lower()


def talk(server: Server, *pieces: bytes, pause: float = 0.0, patience: float = 0.3) -> Heard:
    """Send the pieces one after the other, and listen until the server closes or says nothing for a while."""
    with contextlib.closing(opened(server)) as line:
        line.settimeout(patience)
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                line.sendall(piece)
                time.sleep(pause)
        return listen(line)


def listen(line: socket.socket) -> Heard:
    raw = b""
    while True:
        try:
            more = line.recv(65536)
        except TimeoutError:
            return Heard(raw, False)
        except ConnectionError:
            return Heard(raw, True)
        if not more:
            return Heard(raw, True)
        raw += more


def opened(server: Server) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=10)


@contextlib.contextmanager
def held(server: Server, number: int, said: bytes = b"") -> Iterator[list[socket.socket]]:
    """Keep that many connections open, each having said this much."""
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(contextlib.closing(opened(server))) for _ in range(number)]
        for line in lines:
            line.sendall(said)
        yield lines


def is_closed(line: socket.socket) -> bool:
    line.settimeout(0)
    try:
        return line.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def memory(server: Server) -> int:
    """Return how much the server has in memory, in KiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def open_files(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
