"""What a door costs, in time of the processor for one request: `make bench-doors`. Figures, never part of a test.

Each is the best of thirty rounds, since a machine that does other things too only ever adds to one.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from offramp.adapters import open_gate
from offramp.adapters.wsgi import WsgiGate
from tests.doors.engines import options, seal

ROUNDS, REQUESTS = 30, 2000
QUERY = b"q=best+pasta+for+two+people"


def best(once: Callable[[], object]) -> float:
    """Return the microseconds of one call in the best round."""
    found = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(REQUESTS):
            once()
        found = min(found, (time.process_time() - begun) / REQUESTS)
    return found * 1e6


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


if __name__ == "__main__":
    main()
