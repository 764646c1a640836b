"""Several processes that serve on one socket: begun, replaced when they end, and ended together.

Not here: what a worker does, and what it inherits. The invariants: no worker outlives the process that began it; a
worker that is replaced inherits what its parent has at that moment; whoever began them has no threads, so that a
fork leaves nothing half done.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from offramp.errors import Refusal, refuse
from offramp.settings import Settings

# How long a worker may take to end; how short a life says that it could not begin, and how many of these in a row.
GRACE_SECONDS, YOUNG_SECONDS, TRIES = 15, 5.0, 5
_WAKE_SECONDS = 60.0
_OPEN_TO_ALL = 0o666
# With the connections there are, they stay below the 1,024 files of an ordinary shell.
_BACKLOG = 256
_PARENT_DEATH = 1
_ENDING = (signal.SIGTERM, signal.SIGINT)
_SIGNALS = (*_ENDING, signal.SIGCHLD)


def listen(settings: Settings) -> socket.socket:
    """Return the socket that the settings name, listening. Refusal serve.address: it cannot be had."""
    return listen_at(settings.socket, settings.host, settings.port, _OPEN_TO_ALL)


def listen_at(path: str, host: str, port: int, mode: int) -> socket.socket:
    """Return a socket that listens: a unix socket of this mode where there is a path."""
    place = path or f"{host}:{port}"
    try:
        door = _unix(Path(path), mode) if path else _tcp(host, port)
    except OSError as error:
        raise refuse("serve.address", place, f"Nobody can be let in here ({error.strerror}).",
                     "Please end what listens there, or choose another place.") from None  # fmt: skip
    # From here on nobody is turned away; who comes before the first worker is ready waits.
    door.listen(_BACKLOG)
    return door


def _tcp(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    door = socket.socket(family, kind, protocol)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return _bound(door, address)


def _bound(door: socket.socket, address: object) -> socket.socket:
    try:
        door.bind(address)  # type: ignore[arg-type]
    except OSError:
        door.close()
        raise
    return door


def _unix(path: Path, mode: int) -> socket.socket:
    """Bind a unix socket, in place of one that an earlier server left; that one's permissions are kept."""
    with contextlib.suppress(FileNotFoundError):
        left = path.stat().st_mode
        if stat.S_ISSOCK(left):
            mode = stat.S_IMODE(left)
            path.unlink()
    door = _bound(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), str(path))
    path.chmod(mode)
    return door


class Crew:
    """The workers of one server. `work` gets the number of its place, from 0 on, and returns when it is told to end."""

    def __init__(self, size: int, work: Callable[[int], None]) -> None:
        self._work, self._parent = work, os.getpid()
        self._running: dict[int, tuple[int, float]] = {}
        self._due = dict.fromkeys(range(size), 0.0)
        self._failures = 0

    def serve(self, tend: Callable[[], None]) -> None:
        """Keep all places filled until SIGTERM or SIGINT; `tend` is called now and then. Exits if none can begin."""
        # Waited for in one place, and never handled in the middle of something. They stay blocked after the end.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            while True:
                tend()
                self._fill()
                told = signal.sigtimedwait(_SIGNALS, self._patience())
                if told and told.si_signo in _ENDING:
                    return
                self._reap()
        finally:
            self._end()

    def _patience(self) -> float:
        now = time.monotonic()
        return min((max(due - now, 0.0) for due in self._due.values()), default=_WAKE_SECONDS)

    def _fill(self) -> None:
        for number in [number for number, due in self._due.items() if due <= time.monotonic()]:
            del self._due[number]
            self._begin(number)

    def _begin(self, number: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        worker = os.fork()
        if worker:
            self._running[worker] = (number, time.monotonic())
        else:
            self._live(number)

    def _live(self, number: int) -> NoReturn:
        """Be a worker. Nothing of the parent's own business is ever returned to."""
        code = 1
        try:
            _end_with(self._parent)
            for each in _ENDING:
                signal.signal(each, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            self._work(number)
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
            code = 2
        except BaseException as error:
            # Not its words: they may hold what somebody was sending.
            print(f"[workers] A worker failed: {type(error).__name__}.", file=sys.stderr)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _reap(self) -> None:
        for worker in list(self._running):
            ended, status = os.waitpid(worker, os.WNOHANG)
            if not ended:
                continue
            number, begun = self._running.pop(worker)
            young = time.monotonic() - begun < YOUNG_SECONDS
            self._failures = self._failures + 1 if young else 0
            if self._failures >= TRIES:
                code = os.waitstatus_to_exitcode(status)
                print(f"[workers] {TRIES} workers in a row ended as soon as they had begun (the last with {code}). "
                      "Please mend what they say above, and start again.", file=sys.stderr)  # fmt: skip
                raise SystemExit(1)
            self._due[number] = time.monotonic() + (0.1 * 2**self._failures if young else 0.0)

    def _end(self) -> None:
        """Tell all workers to end, wait, and end those that do not."""
        until = time.monotonic() + GRACE_SECONDS
        for worker in self._running:
            os.kill(worker, signal.SIGTERM)
        while self._running:
            late = time.monotonic() >= until
            for worker in list(self._running):
                if late:
                    os.kill(worker, signal.SIGKILL)
                if os.waitpid(worker, 0 if late else os.WNOHANG)[0]:
                    del self._running[worker]
            if self._running:
                signal.sigtimedwait((signal.SIGCHLD,), 0.1)


def _end_with(parent: int) -> None:
    """Let the kernel end this process when the one that began it ends, however it does."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PARENT_DEATH, signal.SIGKILL, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os._exit(1)
