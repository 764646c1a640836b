"""Requests of any shape to an application, as the server would hand them over: no client tidies them up.

Not here: what is asked, and what must hold of the answer (test_web_laws). The invariant: method, target, headers and
pieces of a body arrive as they were given.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import lxml.html
from lxml.html import HtmlElement
from starlette.types import ASGIApp, Message

from offramp.store import Store
from offramp.web import create_app
from tests.web.installation import Installation
from tests.web.respondent import FORM

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Answered:
    """What came back, header lines in their order."""

    status_code: int
    lines: Headers
    content: bytes

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.lines}

    @cached_property
    def tree(self) -> HtmlElement:
        return lxml.html.document_fromstring(self.content.decode())

    @property
    def is_page(self) -> bool:
        return self.headers.get("content-type", "").startswith("text/html")


@dataclass
class Asking:
    """An application that is asked one thing after another; also what a Respondent needs of an HTTP client."""

    app: ASGIApp
    runner: asyncio.Runner
    asked: list[bytes] = field(default_factory=list)

    def ask(self, method: str, target: bytes, headers: Headers = (), body: Sequence[bytes] = ()) -> Answered:
        path, _, query = target.partition(b"?")
        scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 4), "scheme": "http", "method": method,
            "root_path": "", "path": unquote(path.decode("ascii")), "raw_path": path, "query_string": query,
            "headers": [(name.lower(), value) for name, value in headers], "state": {},
        }  # fmt: skip
        pieces = [*body] or [b""]
        messages: list[Message] = [
            {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
        ]
        messages[-1]["more_body"] = False
        said: list[Message] = []

        async def receive() -> Message:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            said.append(message)

        async def talk() -> None:
            await self.app(scope, receive, send)

        self.runner.run(talk())
        content = b"".join(message.get("body", b"") for message in said[1:])
        return Answered(said[0]["status"], said[0]["headers"], content)

    def get(self, url: str, *, headers: Any) -> Answered:
        return self.ask("GET", url.encode(), _lines(headers))

    def post(self, url: str, *, content: bytes, headers: Any) -> Answered:
        return self.ask("POST", url.encode(), _lines(headers), [content])

    def send(self, address: str, body: bytes) -> Answered:
        """Post a form."""
        return self.ask("POST", address.encode(), [(b"content-type", FORM.encode())], [body])


def _lines(headers: dict[str, str]) -> Headers:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


@contextlib.contextmanager
def asking(place: Installation, random_bytes: Callable[[int], bytes] = os.urandom) -> Iterator[Asking]:
    """Serve an installation to whoever asks in odd ways."""
    settings = place.settings
    store = Store.open(settings.database, settings.ledger)
    app = create_app(settings, store, place.clock, random_bytes, random.Random(1))
    with asyncio.Runner() as runner:
        life = app.app.router.lifespan_context(app.app)  # type: ignore[attr-defined]
        runner.run(life.__aenter__())
        try:
            yield Asking(app, runner)
        finally:
            runner.run(life.__aexit__(None, None, None))


def routes_of_a_demonstration() -> list[tuple[str, str]]:
    """Return every path and method that a demonstration answers."""
    with tempfile.TemporaryDirectory() as folder, asking(Installation(Path(folder) / "server")) as server:
        routes = server.app.app.routes  # type: ignore[attr-defined]
        return [(route.path, method) for route in routes for method in route.methods]
