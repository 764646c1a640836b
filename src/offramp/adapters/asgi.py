"""A gate in front of any ASGI application: Starlette, FastAPI, Quart, Django under ASGI, or one's own.

The invariant: a request that is let through arrives as it came, message by message.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from offramp.adapters.doorway import LONGEST_BODY, Doorway, Received

Scope = MutableMapping[str, Any]
Happening = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Happening]]
Send = Callable[[Happening], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class AsgiGate:
    """`app = AsgiGate(app, open_gate(…))`, or `app.add_middleware(AsgiGate, doorway=open_gate(…))`."""

    def __init__(self, app: Application, doorway: Doorway) -> None:
        self.app, self.doorway = app, doorway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        kept: list[Happening] = []
        body, cut = await read_body(receive, kept) if self.doorway.searches(path) else (b"", False)
        named = _headers(scope)
        answer = self.doorway.answer(Received(
            path, scope.get("query_string", b""), named["content-type"], body, named["content-encoding"],
            named["accept"], named["accept-language"], cut,
        ))  # fmt: skip
        if answer is None:
            await self.app(scope, _replaying(kept, receive), send)
            return
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})


def _headers(scope: Scope) -> dict[str, str]:
    """Return the four headers that a doorway looks at, the last of each."""
    found = dict.fromkeys(("content-type", "content-encoding", "accept", "accept-language"), "")
    for name, value in scope["headers"]:
        if (known := name.decode("latin-1").lower()) in found:
            found[known] = value.decode("latin-1")
    return found


async def read_body(receive: Receive, kept: list[Happening]) -> tuple[bytes, bool]:
    """Read the beginning of a body, and keep what was read for the application."""
    body = bytearray()
    while True:
        happening = await receive()
        kept.append(happening)
        if happening["type"] != "http.request":
            return bytes(body), True  # the client has gone
        body += happening.get("body", b"")
        if len(body) > LONGEST_BODY:
            return bytes(body), True
        if not happening.get("more_body", False):
            return bytes(body), False


def _replaying(kept: list[Happening], receive: Receive) -> Receive:
    async def again() -> Happening:
        return kept.pop(0) if kept else await receive()

    return again
