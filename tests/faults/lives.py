"""One server that lives many times: started, killed, asked to end, and started again over the same files.

Also how a person reaches it: a `Line` waits while the server is down, as somebody does who presses “try again”. The
invariant: when the test ends no server of it is left, and what every life of it said has been kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx2

from offramp.errors import Refusal
from offramp.turns import hold
from tests.web.installation import Installation
from tests.web.process import free_port
from tests.web.respondent import Answer

LAUNCHER = Path(__file__).with_name("launcher.py")
PATIENCE = 60
# What the server may say of a failure: its type and a place in the code.
FAULT = re.compile(r"fault \w+ at \w+:\d+")


class LostError(Exception):
    """The connection ended before the whole answer had come: what was sent may be kept, or not."""


class OverError(Exception):
    """The test is over; nobody sends anything more."""


@dataclass
class Lives:
    """The lives of one server; `url` is where it can be reached now, if it can."""

    place: Installation
    launcher: subprocess.Popen[str]
    url: str = ""
    pid: int = 0
    over: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def output(self) -> Path:
        return self.place.folder.parent / "said.txt"

    def said(self) -> list[str]:
        return self.output.read_text().splitlines() if self.output.exists() else []

    def start(self, for_seconds: float = PATIENCE) -> bool:
        """Start a life; return whether it can be reached. One that is left in peace has to be, in the end."""
        port = free_port()
        self.pid = self._tell({
            "config": str(self.place.config), "port": port, "demonstration": self.place.demonstration,
            "said": str(self.output),
        })  # fmt: skip
        url, end = f"http://127.0.0.1:{port}", time.monotonic() + for_seconds
        while time.monotonic() < end:
            with contextlib.suppress(httpx2.TransportError):
                httpx2.get(f"{url}/health", timeout=PATIENCE).raise_for_status()
                self._reached_at(url)
                return True
            assert Path(f"/proc/{self.pid}/stat").read_text().split()[2] != "Z", self.said()
            time.sleep(0.01)
        assert for_seconds < PATIENCE, f"the server did not start: {self.said()}"
        return False

    def kill(self) -> None:
        """End it with everything that belongs to it, at once."""
        os.killpg(self.pid, signal.SIGKILL)
        self._end()
        # The last worker may end a moment after the one that began it, and keeps its claim until then.
        end = time.monotonic() + PATIENCE
        while not free(self.place):
            assert time.monotonic() < end, "somebody still has the database"
            time.sleep(0.005)

    def workers(self) -> list[int]:
        """Return the processes that the one that was started has started."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def stop(self) -> tuple[int, float]:
        """Ask it to end, as systemd does; return how it ended, and after how many seconds."""
        began = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        ended = self._end()
        return ended, time.monotonic() - began

    def _end(self) -> int:
        ended = self._tell(self.pid)
        self.pid = 0
        self._reached_at("")
        return ended

    def wait_for_url(self) -> str:
        with self._changed:
            assert self._changed.wait_for(lambda: self.url or self.over, 2 * PATIENCE), (
                "the server stays away"
            )
            if self.over:
                raise OverError
            return self.url

    def end(self) -> None:
        """Let nobody send anything more."""
        with self._changed:
            self.over = True
            self._changed.notify_all()

    def _reached_at(self, url: str) -> None:
        with self._changed:
            self.url = url
            self._changed.notify_all()

    def _tell(self, what: object) -> int:
        assert self.launcher.stdin
        assert self.launcher.stdout
        self.launcher.stdin.write(json.dumps(what) + "\n")
        self.launcher.stdin.flush()
        return int(self.launcher.stdout.readline())


def free(place: Installation) -> bool:
    """Tell whether no server has the database."""
    with contextlib.suppress(Refusal):
        os.close(hold(place.settings.database))
        return True
    return False


@contextlib.contextmanager
def living(place: Installation, environment: Mapping[str, str] | None = None) -> Iterator[Lives]:
    """Get ready to serve an installation; the servers get this environment and nothing of ours but the path."""
    temporary = place.folder / "temporary"
    temporary.mkdir(exist_ok=True)
    own = {"PATH": os.environ["PATH"], "TMPDIR": str(temporary), **(environment or {})}
    with subprocess.Popen(
        [sys.executable, "-P", LAUNCHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=own,
        cwd=place.folder.parent,
    ) as launcher:  # fmt: skip
        lives = Lives(place, launcher)
        try:
            yield lives
        finally:
            lives.end()
            if lives.pid:
                lives.kill()
            assert launcher.stdin
            launcher.stdin.close()


@dataclass
class Line:
    """A person's connection: no cookies, one answer at a time, and a new one whenever the server is a new one."""

    lives: Lives
    _url: str = ""
    _client: httpx2.Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, url: str, *, headers: Mapping[str, str]) -> Answer:
        return self._ask("GET", url, headers, b"")

    def post(self, url: str, *, content: bytes, headers: Mapping[str, str]) -> Answer:
        return self._ask("POST", url, headers, content)

    def close(self) -> None:
        if self._client:
            self._client.close()

    def _ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Answer:
        here = self.lives.wait_for_url()
        if here != self._url or self._client is None:
            self.close()
            self._url, self._client = here, httpx2.Client(base_url=here, timeout=PATIENCE)
        try:
            return self._client.request(method, url, headers=dict(headers), content=content)
        except httpx2.TimeoutException:
            raise  # The server lives and does not answer: that is a failure, and nothing that a person expects.
        except httpx2.TransportError:
            # A server that is down is noticed here before anybody has said so.
            time.sleep(0.02)
            raise LostError from None
