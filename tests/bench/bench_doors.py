"""What a door costs, in time of the processor for one request: `make bench-doors`. Figures, never part of a test.

Each is the best of thirty rounds, since a machine that does other things too only ever adds to one. Beside them: what
the time of an answer over HTTP tells of it, whose length tells nothing. One connection to a real `offramp gate serve`
on a unix socket, queries of one length in turn.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from offramp.adapters import open_gate
from offramp.adapters.wsgi import WsgiGate
from tests.doors.engines import KEY, options, seal

ROUNDS, REQUESTS = 30, 2000
QUERY = b"q=best+pasta+for+two+people"
ASKED = 3000
# All are nine letters long. What is odd is looked at twice, and found to be nothing.
QUERIES = {"nothing": "teapotlid", "odd, nothing": "t.a.p.l.i", "a message": "zorblaxin"}


def best(once: Callable[[], object]) -> float:
    """Return the microseconds of one call in the best round."""
    found = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(REQUESTS):
            once()
        found = min(found, (time.process_time() - begun) / REQUESTS)
    return found * 1e6


def answers(folder: Path, *more: str) -> dict[str, list[float]]:
    """Return the microseconds until an answer was there, of each kind of query."""
    place = folder / "gate.socket"
    command = [sys.executable, "-m", "offramp", "gate", "serve", "--lists", str(seal(folder / "list.sealed")),
               "--failing", "open", "--help-page", "/help", "--drafts", "--socket", str(place), *more]  # fmt: skip
    environment = os.environ | {"OFFRAMP_GATE_KEY": KEY.hex()}
    taken: dict[str, list[float]] = {name: [] for name in QUERIES}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as server:
        assert server.stderr is not None
        server.stderr.readline()
        connection = http.client.HTTPConnection("gate")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(place))
        for number in range(ASKED):
            for name, query in QUERIES.items():
                begun = time.perf_counter()
                connection.request("POST", "/gate/v1/decide", json.dumps({"query": query}),
                                   {"content-type": "application/json"})  # fmt: skip
                said = connection.getresponse().read()
                if number >= ASKED // 10:  # until everything is warm
                    taken[name].append((time.perf_counter() - begun) * 1e6)
                assert (b'"message"' in said) == (name == "a message")
        connection.close()
        server.terminate()
    return taken


def told(one: list[float], other: list[float]) -> float:
    """Return how often the slower of two answers, one of each kind, is the other: a half tells nothing."""
    ordered = sorted([(time, False) for time in one] + [(time, True) for time in other])
    before, pairs = 0, 0
    for _, is_other in ordered:
        if is_other:
            pairs += before
        else:
            before += 1
    return pairs / (len(one) * len(other))


def tell_times() -> None:
    for said, more in (("without counts", ()), ("with counts on disk", ("--counts", "counts"))):
        with TemporaryDirectory() as folder:
            given = [str(Path(folder) / word) if word == "counts" else word for word in more]
            taken = answers(Path(folder), *given)
        print(f"over HTTP, {said}: median time of an answer, and how often it is the slower of two")
        for name, times in taken.items():
            print(f"  {name:26} {statistics.median(times):6.0f} us   {told(taken['nothing'], times):.3f}")


def main() -> None:
    with TemporaryDirectory() as folder:
        doorway = open_gate(**options(seal(Path(folder) / "list.sealed")))
        gated = WsgiGate(lambda *_: [b""], doorway)
        asked: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": "/search", "HTTP_ACCEPT": "text/html"}
        posted = asked | {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(QUERY)),
                          "CONTENT_TYPE": "application/x-www-form-urlencoded"}  # fmt: skip
        live = doorway.keeper.live
        for name, once in (
            ("has the list changed?", live.refresh),
            ("the decision alone", lambda: live.look("best pasta for two people")),
            ("an ordinary search, GET", lambda: gated(asked | {"QUERY_STRING": QUERY.decode()}, print)),
            ("an ordinary search, POST", lambda: gated(posted | {"wsgi.input": io.BytesIO(QUERY)}, print)),
            ("a message page", lambda: gated(asked | {"QUERY_STRING": "q=zorblaxin"}, lambda *_: None)),
        ):
            print(f"{name:28} {best(once):6.1f} us")
    tell_times()


if __name__ == "__main__":
    main()
