"""A real server in a process of its own, on a free port of this machine, as `offramp demo` and `offramp serve` run it.

Its output goes to files, so that they can be searched. The invariant: the process is ended when the test is.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.web.installation import Installation

# What the two commands do once they have their settings; the demonstration's own keys are the desk's affair.
RUN = """
import os, sys
from pathlib import Path
from offramp.cli.server import run
from offramp.settings import read_settings
run(read_settings(Path(sys.argv[1]), os.environ, demonstration=sys.argv[2] == "demonstration"))
"""
PATIENCE = 30


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, its process, and the files that its output goes to."""

    host: str
    port: int
    process: subprocess.Popen[bytes]
    output: tuple[Path, ...]

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def client(self, address: str = "127.0.0.1") -> httpx2.Client:
        """Return a client without cookies that comes from this address."""
        return httpx2.Client(base_url=self.url, transport=httpx2.HTTPTransport(local_address=address))

    def said(self) -> str:
        return "".join(path.read_text() for path in self.output)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def serving(
    place: Installation,
    environment: Mapping[str, str] | None = None,
    first: str = "",
    *,
    door: Path | None = None,
) -> Iterator[Server]:
    """Serve an installation; the process gets this environment and nothing of ours but the path.

    `first` is Python that it runs before anything else, such as `import x; x.PATIENCE = 1`.
    `door` is the unix socket where the environment names one.
    """
    port, folder = free_port(), place.folder.parent
    temporary = place.folder / "temporary"
    temporary.mkdir(exist_ok=True)
    output = (folder / "stdout", folder / "stderr")
    mode = "demonstration" if place.demonstration else "live"
    own = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(temporary),
        "OFFRAMP_PORT": str(port),
        **(environment or {}),
    }
    with output[0].open("wb") as out, output[1].open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-c", f"{first}\n{RUN}", str(place.config), mode],
            stdout=out,
            stderr=err,
            env=own,
            cwd=folder,
        )
    server = Server("127.0.0.1", port, process, output)
    try:
        _wait(server, door)
        yield server
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(server: Server, door: Path | None) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.process.poll() is None:
        if door:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as visitor:
                visitor.connect(str(door))
                return
        else:
            with contextlib.suppress(httpx2.TransportError), server.client() as client:
                client.get("/health").raise_for_status()
                return
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {server.said()}")
