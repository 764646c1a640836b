"""Where the CPU of a completed survey goes: the application alone, without network, with a clock around each part.

Four respondents at a time, as in the benchmark, so that commits are shared as there. What is left between this and
what the benchmark measures is HTTP: the server program, its sockets, the switch to the kernel and back. The clocks
count CPU of the thread that works, so that waiting for the disk costs nothing.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from offramp.sealing import DraftKeys
from offramp.settings import read_settings
from offramp.store import Store
from offramp.survey import Walk
from offramp.web import create_app, respond
from offramp.web.pages import Pages

AT_ONCE = 4
_DRAFT = re.compile(rb'name="draft" value="([^"]*)"')
_PAGE = re.compile(rb'name="page" value="([^"]*)"')
_NAME = re.compile(rb'name="(q\d{3})"')


class Clocks:
    """The CPU seconds of each part, and how often it was called; parts inside parts are counted once."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.running = 0

    def around(self, part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*values: Any, **named: Any) -> Any:
            outermost, start = not self.running or part == "store", time.thread_time()
            self.running += part != "store"
            try:
                return work(*values, **named)
            finally:
                self.running -= part != "store"
                self.seconds[part] += (time.thread_time() - start) * outermost
                self.calls[part] += 1

        return timed


def wind_up(clocks: Clocks) -> None:
    """Put a clock around each part, for as long as this process lives."""
    respond.seal = clocks.around("sealing envelopes", respond.seal)
    for part, owner, names in (
        ("drafts", DraftKeys, ("seal", "open")),
        (
            "the walk: path, bodies, view",
            Walk,
            ("post", "show", "read", "to_bytes", "first", "before", "locked"),
        ),
        ("making pages", Pages, ("page",)),
        ("store", Store, ("deposit",)),
    ):
        for name in names:
            setattr(owner, name, clocks.around(part, getattr(owner, name)))
    Walk.from_bytes = staticmethod(clocks.around("the walk: path, bodies, view", Walk.from_bytes))  # type: ignore[method-assign]


async def _ask(app: Any, path: str, body: bytes | None = None) -> bytes:
    sent: list[dict[str, Any]] = []
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "http_version": "1.1", "method": "GET" if body is None else "POST", "scheme": "http",
             "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers,
             "client": None, "server": ("127.0.0.1", 80)}  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body or b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    page: bytes = sent[-1]["body"]
    return page


def _filled(page: bytes) -> bytes:
    draft, asked = _DRAFT.search(page), _PAGE.search(page)
    assert draft is not None
    assert asked is not None
    names = dict.fromkeys(_NAME.findall(page))
    fields = [("draft", draft[1]), ("page", asked[1]), *((name, b"02") for name in names), ("go", b"next")]
    return urlencode(fields).encode()


async def _complete(app: Any, clocks: Clocks) -> None:
    filled = clocks.around("", _filled)
    await _ask(app, "/en/s/bench")
    page = await _ask(app, "/en/s/bench", b"arm=&go=agree")
    while b'id="answers"' in page:
        page = await _ask(app, "/en/s/bench", filled(page))
    assert b'id="finished"' in page


async def _run(app: Any, clocks: Clocks, completions: int) -> None:
    async def one_after_another() -> None:
        for _ in range(completions // AT_ONCE):
            await _complete(app, clocks)

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))


def where(config: Path, completions: int, measured: float) -> None:
    """Print where the `measured` milliseconds of a completion go."""
    settings = read_settings(config, {}, True)
    clocks = Clocks()
    wind_up(clocks)
    app = create_app(settings, Store.open(settings.database, settings.ledger))
    asyncio.run(_run(app, clocks, AT_ONCE * 5))
    clocks.seconds.clear(), clocks.calls.clear()
    start = time.process_time()
    asyncio.run(_run(app, clocks, completions))
    whole = time.process_time() - start - clocks.seconds.pop("")
    done = completions // AT_ONCE * AT_ONCE
    parts = {part: seconds / done * 1e3 for part, seconds in clocks.seconds.items()}
    inside = whole / done * 1e3
    parts["routing, forms, switching threads"] = inside - sum(parts.values())
    print(
        f"the application alone: {inside:.1f} ms, with {clocks.calls['store'] / done:.1f} commits a completion"
    )
    for part, milliseconds in sorted(parts.items(), key=lambda item: -item[1]):
        print(f"  {milliseconds:5.2f} ms  {milliseconds / inside:4.0%}  {part}")
    # Two runs, one after the other: only where nothing else works on the machine is the difference worth anything.
    print(f"the rest, on a quiet machine: HTTP, {measured - inside:.1f} ms")
